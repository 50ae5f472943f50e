import { RandomStream } from '../foundation/random.ts';
import type { MeasuredDataType } from '../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../harness/device.ts';
import type { Artifact, Language } from './artifact.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { EvaluationFailure } from './evaluation.ts';
import type { GraphNode, SearchGraph } from './graph.ts';
import type { KernelTask } from './kernel-task.ts';
import { knownFailures, type MemorySchedule, relativesOf } from './memory.ts';
import {
  type Attempt,
  type Context,
  type Document,
  type MemoryKind,
  type Operator,
  OperatorFailure,
  type Transformed,
} from './operator.ts';
import type { Policy } from './policies/policy.ts';
import { hashOf } from './storage/artifacts.ts';

/** What a search is about. */
export interface SearchSubject {
  task: KernelTask;
  language: Language;
  dataType: MeasuredDataType;
  device: DeviceDescription;
}

/** A kernel of an earlier search for a like task. */
export interface PastKernel {
  /** Search, session and node, as people find it again. */
  origin: string;
  /** Of its task and device to those at hand, from 0 to 1. */
  similarity: number;
  attempt: Attempt;
}

/** How a search makes nodes: everything but where it keeps them and what evaluates them. */
export interface SearchRules extends SearchSubject {
  policy: Policy;
  operator: Operator;
  memory: MemorySchedule;
  seed: number;
  /** Says what holds an attempt back, before documents are looked up. */
  diagnose?: (attempt: Attempt, subject: SearchSubject) => Diagnosis | Promise<Diagnosis>;
  /** Finds what the knowledge base says to a diagnosis; to a draft without one. */
  retrieve?: (
    diagnosis: Diagnosis | undefined,
    subject: SearchSubject,
  ) => readonly Document[] | Promise<readonly Document[]>;
  /** Kernels of earlier searches, best first, and the share of expansions that are shown them. */
  reuse?: { rate: number; find: () => readonly PastKernel[] | Promise<readonly PastKernel[]> };
}

/** What choices follow from, beside the graph. */
export type ChoiceRules = Pick<SearchRules, 'policy' | 'memory' | 'seed'> & { reuse?: { rate: number } };

/** An expansion that was begun. Plain data. */
export interface Choice {
  ordinal: number;
  /** None for a draft. */
  parents: readonly number[];
  memory: MemoryKind;
  island: number;
  /** Whether kernels of earlier searches are shown. */
  injects: boolean;
  /** Step of the graph that it was chosen from. */
  seenStep: number;
}

/** A kernel that was shown to an operator. */
export type Injection = Pick<PastKernel, 'origin' | 'similarity'> & { score: number };

/** What an operator made of a choice. Plain data. */
export interface Generated {
  /** None where the operator failed. */
  artifact: Artifact | undefined;
  failure?: EvaluationFailure;
  rationale: string;
  transcript?: Transformed['transcript'];
  injections: Injection[];
  seconds: number;
}

/** Purposes of the random streams of an expansion. */
const purpose = { selection: 0, memory: 1, injection: 2, operator: 3 } as const;

/** Begins the next expansion; nothing where the results in flight must be waited for. */
export function choose(graph: SearchGraph, { policy, memory, seed, reuse }: ChoiceRules): Choice | undefined {
  const ordinal = graph.expansions;
  const random = (stream: number) => new RandomStream(seed, ordinal, stream);
  const isDrafting = ordinal < policy.drafts;
  const selected = isDrafting ? undefined : policy.select(graph, random(purpose.selection));
  if (!isDrafting && !selected && graph.open > 0) return undefined;
  const {
    parents,
    island,
    memory: ownMemory,
  } = selected ?? { parents: [], island: ordinal % policy.islands };
  const scheduled = () => memory.choose(graph, parents, random(purpose.memory));
  return {
    ordinal,
    parents,
    memory: parents.length === 0 ? 'none' : (ownMemory ?? scheduled()),
    island: island ?? 0,
    injects: reuse !== undefined && random(purpose.injection).uniform() < reuse.rate,
    seenStep: graph.size,
  };
}

/** Where the node of an expansion stands in the graph. */
export function placeOf(
  { ordinal, parents: chosen, memory, island }: Choice,
  graph: SearchGraph,
): Pick<GraphNode, 'ordinal' | 'parents' | 'memory' | 'island' | 'generation'> {
  const parents = chosen.length > 0 ? chosen : [graph.root.id];
  const generation = 1 + Math.max(...parents.map((id) => graph.node(id).generation));
  return { ordinal, parents, memory, island, generation };
}

/**
 * Diagnoses, retrieves and transforms. A failure of the operator is an answer; other errors are thrown.
 * @param read gives the attempt of a node that has an artifact
 * @param now clock in seconds
 */
export async function generate(
  choice: Choice,
  graph: SearchGraph,
  rules: SearchRules,
  read: (id: number) => Attempt,
  now: () => number,
): Promise<Generated> {
  const start = now();
  const past = choice.injects ? ((await rules.reuse?.find()) ?? []) : [];
  const injections = past.map(({ origin, similarity, attempt }) => ({
    origin,
    similarity,
    score: attempt.evaluation.score,
  }));
  const context = await contextOf(choice, graph, rules, read, past);
  const made = await transform(rules.operator, context);
  return { ...made, injections, seconds: now() - start };
}

async function contextOf(
  { ordinal, parents: ids, memory }: Choice,
  graph: SearchGraph,
  rules: SearchRules,
  read: (id: number) => Attempt,
  past: readonly PastKernel[],
): Promise<Context> {
  const { task, language, dataType, device, seed } = rules;
  const subject = { task, language, dataType, device };
  const { ancestors, siblings } = relativesOf(graph, ids, memory);
  const failures = memory === 'none' ? [] : knownFailures(graph.nodes);
  const parents = ids.map(read);
  const diagnosis = parents.length > 0 ? await rules.diagnose?.(parents[0], subject) : undefined;
  const documents = (await rules.retrieve?.(diagnosis, subject)) ?? [];
  return {
    ...subject,
    ordinal,
    phase: parents.length === 0 ? 'draft' : 'feedback',
    parents,
    memory,
    ancestors: ancestors.map(read),
    siblings: siblings.map(read),
    ...(diagnosis && { diagnosis }),
    documents,
    failures,
    reused: past.map(({ attempt }) => attempt),
    isTried: (artifact) => graph.withArtifact(hashOf(artifact)) !== undefined,
    random: new RandomStream(seed, ordinal, purpose.operator),
  };
}

async function transform(
  operator: Operator,
  context: Context,
): Promise<Omit<Generated, 'injections' | 'seconds'>> {
  try {
    const { artifact, rationale, transcript } = await operator.transform(
      context.parents[0]?.artifact,
      context,
    );
    if (Buffer.byteLength(artifact.text) > mostBytes) throw tooLong(artifact);
    return { artifact, rationale, ...(transcript && { transcript }) };
  } catch (error) {
    if (!(error instanceof OperatorFailure)) throw error;
    const { message: reason, signature, transcript } = error;
    const failure: EvaluationFailure = { stage: 'operator', reason, signature };
    return { artifact: undefined, failure, rationale: reason, ...(transcript && { transcript }) };
  }
}

/** Of an artifact: far beyond what a person would read. */
const mostBytes = 2 ** 20;

function tooLong({ text }: Artifact): OperatorFailure {
  const size = Buffer.byteLength(text);
  return new OperatorFailure(
    `made an artifact of ${size} bytes; at most ${mostBytes} are taken`,
    'operator: too long',
  );
}
