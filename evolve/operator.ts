import type { RandomStream } from '../foundation/random.ts';
import type { MeasuredDataType } from '../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../harness/device.ts';
import type { Artifact, Language } from './artifact.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Evaluation } from './evaluation.ts';
import type { KernelTask } from './kernel-task.ts';

/** A node as an operator sees it. */
export interface Attempt {
  id: number;
  artifact: Artifact;
  evaluation: Evaluation;
  /** What was done to its parents, in a line, and why. */
  rationale: string;
}

/** An edit that a document speaks for. */
export interface Advice {
  /** Of the knob that is to be turned, as `tiling` or `vector-width`. */
  kind: string;
  /** Along the values of the knob in their order; without it either way may help. */
  direction?: 'up' | 'down';
}

/** A document of the knowledge base. */
export interface Document {
  /** `guidance/performance/bytes-in-flight`, without the extension. */
  path: string;
  title: string;
  text: string;
  advises: readonly Advice[];
}

/** A kind of failure that was seen before. */
export interface KnownFailure {
  signature: string;
  reason: string;
  count: number;
  /** What had been tried: one line of each, the latest first. */
  tried: readonly string[];
}

/** Which of its relatives a new node is shown (per-node memory operator). */
export type MemoryKind = 'parent' | 'siblings' | 'both' | 'none';

/** All that an operator may go by beside the artifact itself. */
export interface Context {
  task: KernelTask;
  language: Language;
  dataType: MeasuredDataType;
  device: DeviceDescription;
  /** Place among all expansions of the search, from 0; drafts come first. */
  ordinal: number;
  /** Drafts are independent of each other and see no feedback. */
  phase: 'draft' | 'feedback';
  /** What is transformed: none for a draft, two for a crossover. */
  parents: readonly Attempt[];
  memory: MemoryKind;
  /** Ancestors, nearest first, and children of the same parents, as far as `memory` lets them be seen. */
  ancestors: readonly Attempt[];
  siblings: readonly Attempt[];
  diagnosis?: Diagnosis;
  documents: readonly Document[];
  failures: readonly KnownFailure[];
  /** Kernels of earlier searches for like tasks that were injected, best first. */
  reused: readonly Attempt[];
  /** Whether the search already has this very artifact, so that making it again would be a duplicate. */
  isTried: (artifact: Artifact) => boolean;
  random: RandomStream;
}

export interface Transformed {
  artifact: Artifact;
  /** What was done and why, in a line. */
  rationale: string;
  /** Exact messages with a model, and what they cost. */
  transcript?: {
    messages: { role: string; content: string }[];
    tokens: { prompt: number; completion: number };
  };
}

/**
 * The one universal operator of a search: an artifact (or none, for a draft) and its context to a new artifact. There is no
 * other for debugging, improving or crossing: what is to be done follows from the context.
 */
export interface Operator {
  readonly name: string;
  /** @throws OperatorFailure when nothing came of it; the node is kept as a failure */
  transform(artifact: Artifact | undefined, context: Context): Promise<Transformed>;
}

/** Signature of an operator that can make no other kernel, whatever it is asked: the search is over then. */
export const nothingNew = 'operator: nothing new to try';

export class OperatorFailure extends Error {
  readonly signature: string;
  readonly transcript: Transformed['transcript'];
  constructor(message: string, signature: string, transcript?: Transformed['transcript']) {
    super(message);
    this.signature = signature;
    this.transcript = transcript;
  }
}
