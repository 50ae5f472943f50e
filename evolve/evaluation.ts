import { geometricMean } from '../foundation/geometric-mean.ts';
import type { Shape } from '../hardware-profiles/operators-measured.ts';
import type { KernelResources } from '../harness/device.ts';
import type { Counters } from './counters.ts';

/**
 * Where an artifact failed. `timeout`: a watchdog ended it. `cheat`: a defence caught it. `over-fitted`: right on the shapes
 * of the search, and not on others.
 */
export const failureStages = [
  'source',
  'compile',
  'launch',
  'run',
  'timeout',
  'wrong answer',
  'cheat',
  'memory',
  'device lost',
  'operator',
  'over-fitted',
] as const;

export type FailureStage = (typeof failureStages)[number];

export interface EvaluationFailure {
  stage: FailureStage;
  /** One line for people. */
  reason: string;
  /** What failures of one kind have in common, without addresses, numbers and names of temporary files. */
  signature: string;
  /** What the compiler or the checker said, shortened. */
  log?: string;
}

/** Times of one shape, candidate and reference measured in turn on one device. */
export interface ShapeTiming extends ShapeAnswer {
  /** As the task says. */
  kind?: string;
  /** A shape that the search has not seen. */
  isHeldOut?: boolean;
  candidateS: number;
  referenceS: number;
  /** What it was timed against, where that is another reference than the evaluation's. */
  reference?: string;
  /** referenceS / candidateS with its 95 % interval over the interleaved rounds. */
  speedup: { mean: number; low: number; high: number };
  /** The same against the reference without a compiler (eager), where there is one. */
  eagerS?: number;
  /** Least time by the device's peak arithmetic and bandwidth, over candidateS. */
  speedOfLight: number;
  /** Of the least bytes and operations that the specification needs. */
  achievedBytesPerS: number;
  achievedFlopPerS: number;
}

/** What the check of one shape found. */
export interface ShapeAnswer {
  shape: Shape;
  /** Largest relative error against float64, and the most that is allowed. */
  error: number;
  tolerance: number;
}

/** What the compiler and the driver tell of the launch with the most threads. */
export interface ResourceReport extends KernelResources {
  /** Hardware counters, where they were asked for and a profiler was at hand. */
  counters?: Counters;
  /** The shape that they were counted on. */
  countedOn?: Shape;
}

/** What an evaluator found of one artifact. Plain data. */
export interface Evaluation {
  /** Geometric mean of the speedups over the search's shapes; 0 on any failure. */
  score: number;
  /** What the score is relative to, with its version: `torch.compile 2.8.0`, `cublaslt 130100`, `rankfleet`, … */
  reference: string;
  timings: ShapeTiming[];
  /** On an interpreter, which is not timed: the shapes on which it was right. */
  untimed?: ShapeAnswer[];
  resources?: ResourceReport;
  failure?: EvaluationFailure;
  /** What a reader should know of it, a line each: answers that differ from run to run, an unusual speedup. */
  notes?: string[];
  /** Why there are no hardware counters, where they were asked for. */
  uncounted?: string;
  /** Seconds that each stage took: compile, check, time, …; and that a device was held. */
  spentS: Record<string, number>;
  deviceHeldS: number;
  /** Seconds that other processes on this machine let it wait for the device; no part of what it was held for. */
  waitedForOthersS?: number;
}

/** Score of timings: the geometric mean of their speedups, and 0 on any failure or without any. */
export function scoreOf(timings: readonly ShapeTiming[], failure?: EvaluationFailure): number {
  if (failure || timings.length === 0) return 0;
  return geometricMean(timings.map(({ speedup }) => speedup.mean));
}

const otherReference = 'some shapes are relative to ';

/** A note that some shapes were timed against another reference than the evaluation names. */
export function otherReferenceNote(name: string): string {
  return `${otherReference}${name}`;
}

/** All that an evaluation's times are relative to: `torch.compile 2.11.0, rankfleet on some shapes`. */
export function referencesOf({ reference, notes = [] }: Pick<Evaluation, 'reference' | 'notes'>): string {
  const others = notes
    .filter((note) => note.startsWith(otherReference))
    .map((note) => `${note.slice(otherReference.length)} on some shapes`);
  return [reference, ...others].join(', ');
}

/** Of what never was an artifact: an operator that failed. */
export function withoutArtifact(failure?: EvaluationFailure): Evaluation {
  const none = { score: 0, reference: 'none', timings: [], spentS: {}, deviceHeldS: 0 };
  return failure ? { ...none, failure } : none;
}
