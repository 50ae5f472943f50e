import type { DelayLaw } from './label-delay.ts';

/**
 * A pipeline of external distillation: verticals serve impressions, their examples wait for labels, the foundation
 * model (FM) labels each unique example once while it waits and trains on what has been joined, and every vertical
 * model (VM) reads its own examples with the FM's label when the window closes.
 */
export interface PipelineSpec {
  verticals: readonly VerticalSpec[];
  /** κ: examples of all verticals over unique examples, at least 1. */
  overlap: number;
  weather: WeatherSpec;
  /** Time that the join takes (s): a label must be in the store this long before its window closes. */
  joinS: number;
  training: FmTrainingSpec;
  snapshots: SnapshotSpec;
  labelling: LabellingSpec;
  store: StoreSpec;
}

export interface VerticalSpec {
  name: string;
  /** So many verticals alike, each with this traffic; absent: 1. */
  count?: number;
  /** N_v, mean over a day. */
  examplesPerDay: number;
  /** Highest rate of the day over the mean, in [1, 2]: a cosine. */
  peakToMean: number;
  /** Time of day of the peak (s). */
  peakAtS: number;
  tasks: readonly TaskSpec[];
  /** Training runs that read this vertical's examples (experiments included), at least 1. */
  runs: number;
  /** How far back a run may start (s); the store must keep records that long. */
  replayS: number;
}

export interface TaskSpec {
  name: string;
  /** From the impression to the moment at which the VM reads the example (s). */
  windowS: number;
  /** From the impression to its positive label. */
  delay: DelayLaw;
}

/** What all traffic has in common and no calendar foretells: a log-normal factor with mean 1. */
export interface WeatherSpec {
  coefficientOfVariation: number;
  /** Time after which the factor's logarithm keeps 1/e of its deviation (s). */
  correlationS: number;
}

export interface FmTrainingSpec {
  /** r_t: share of the unique examples that the FM trains on, in (0, 1]. */
  sampledShare: number;
  /** Throughput of the training fleet. */
  examplesPerS: number;
  /** From the impression to the moment at which the example can be trained on (s). */
  windowS: number;
}

export interface SnapshotSpec {
  /** Between two snapshots (s); a publisher that is still busy takes the next one as soon as it is free. */
  intervalS: number;
  /** Mean time to publish one (s). */
  publishS: number;
  publishVariation: number;
  /** Time to load one beside the one in use (s); then all servers rotate at once, without downtime. */
  loadS: number;
}

export interface LabellingSpec {
  /** r_l: share of the unique examples that is labelled, in (0, 1]. */
  sampledShare: number;
  servers: number;
  examplesPerSPerServer: number;
  batchExamples: number;
  /** Longest time that a batch waits to fill (s). */
  maxFillS: number;
}

export interface StoreSpec {
  /** b: bytes of one record. */
  recordBytes: number;
  /** R: how long records are kept (s). */
  retentionS: number;
}

/** What is simulated: whole steps from time 0; examples that arrive before `warmUpS` are not counted. */
export interface HorizonSpec {
  warmUpS: number;
  measuredS: number;
  /** Length of a step (s): examples that arrive in one step are one cohort. Times are exact to one step. */
  stepS: number;
}

export const secondsPerDay = 86_400;

/** Time from leaving the queue to the label in the store, at most (s): a batch fills and is computed. */
export function batchLatencyS({ maxFillS, batchExamples, examplesPerSPerServer }: LabellingSpec): number {
  return maxFillS + batchExamples / examplesPerSPerServer;
}

/**
 * Whole steps that an example may queue for its label to be in the store before the join of a window; negative when
 * the batch alone takes longer than the deadline (window − join).
 */
export function queueStepsWithin(windowS: number, spec: PipelineSpec, stepS: number): number {
  const slackS = windowS - spec.joinS - batchLatencyS(spec.labelling);
  return Math.floor(slackS / stepS + 1e-9);
}

/** Windows of all tasks (s), each once, ascending. */
export function windowsOf({ verticals }: PipelineSpec): number[] {
  const windows = verticals.flatMap(({ tasks }) => tasks.map(({ windowS }) => windowS));
  return [...new Set(windows)].sort((a, b) => a - b);
}
