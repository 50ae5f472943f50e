import type { Interval } from '../../statistics/interval.ts';

/** Mean and quantiles of something weighted by examples. */
export interface Distribution {
  mean: number;
  p05: number;
  p50: number;
  p90: number;
  p99: number;
}

/** Where the age of a teacher comes from: means over labels (s), which add up to its mean age. */
export interface AgeParts {
  /** The window after which the FM can train on an example. */
  trainingWindowS: number;
  /** Sampled examples that wait for the training fleet. */
  trainingBacklogS: number;
  /** Publishing and loading. */
  publishS: number;
  /** Time that the snapshot has been in use. */
  inUseS: number;
}

/** Unique examples of the measured time: sampled = labelled + dropped + queued. */
export interface UniqueExamples {
  arrived: number;
  sampled: number;
  /** Calls of the FM: one for each. */
  labelled: number;
  /** No task would have got a label in time, so that none was made. */
  dropped: number;
  /** Still in the queue at the end. */
  queued: number;
}

/** What a VM reads for one task: arrived = withLabel + missed + unsampled + waiting. */
export interface TaskFeed {
  name: string;
  windowS: number;
  arrived: number;
  withLabel: number;
  /** Sampled, but read before its label was there: the VM trains on it with the distillation loss masked. */
  missed: number;
  /** Read, but not in the labelled sample: masked as well. */
  unsampled: number;
  /** Its window is still open at the end. */
  waiting: number;
  /** missed / (missed + withLabel); 0 when nothing was read. */
  missShare: number;
  /** Positives whose label comes after the window, so that the VM takes them for negatives. */
  lateLabelShare: number;
  /** Age of the teacher's knowledge when the VM reads its label: time of reading − time trained through (s). */
  gapS?: Distribution | undefined;
  /** How much older the teacher's knowledge is than the example: time of the impression − time trained through (s). */
  exampleGapS?: Distribution | undefined;
}

export interface LabellingOutcome {
  /** Mean rate of sampled examples over capacity, and that of the busiest step. */
  use: number;
  peakUse: number;
  largestQueueExamples: number;
  /** From the impression to the label in the store (s). */
  readyAfterS?: Distribution | undefined;
  /** Least capacity with which no task misses a label; absent when the batch alone takes longer than a deadline. */
  requiredPerS?: number | undefined;
  /** Age of the teacher's knowledge when it labels: time of the call − time trained through (s). */
  teacherAgeS?: Distribution | undefined;
  ageParts?: AgeParts | undefined;
  /** Labels by a teacher that had already trained on the very example: they leak its label. */
  alreadyTrainedShare: number;
}

export interface TrainingOutcome {
  use: number;
  peakUse: number;
  largestBacklogExamples: number;
  /** From the end of the stream that could have been trained on to what was, at the end (s). */
  lagAtEndS: number;
}

export interface StoreOutcome {
  writtenBytesPerDay: number;
  /** Records within their retention, at the mean rate of writing. */
  heldBytes: number;
  /** All runs of all VMs together, each reading the records of its own examples. */
  readBytesPerDay: number;
}

export interface SnapshotOutcome {
  taken: number;
  /** Due while the publisher was busy. */
  delayed: number;
}

export interface VerticalFeed {
  name: string;
  tasks: TaskFeed[];
}

/** All that one replication finds, every figure a number of its own. */
export interface PipelineFigures {
  unique: UniqueExamples;
  labelling: LabellingOutcome;
  training: TrainingOutcome;
  snapshots: SnapshotOutcome;
  store: StoreOutcome;
  verticals: VerticalFeed[];
}

/** One snapshot and the labels that bear its id. */
export interface SnapshotRow {
  id: number;
  takenS: number;
  readyS: number;
  trainedThroughS: number;
  labels: number;
}

/** The course of one replication, a row for each hour or step, whichever is longer. */
export interface PipelineCourse {
  timeS: number[];
  uniquePerS: number[];
  queuedExamples: number[];
  trainingBacklogExamples: number[];
  /** Of the snapshot in use. */
  teacherAgeS: number[];
}

export interface PipelineReplication {
  figures: PipelineFigures;
  snapshots: SnapshotRow[];
  course: PipelineCourse;
}

export interface PipelineVerdict {
  state: 'STABLE' | 'SATURATED' | 'UNDER-SAMPLED';
  reasons: string[];
}

/** Every number replaced by its mean over the replications with its interval. */
export type Replicated<T> = T extends number
  ? Interval
  : T extends string | undefined
    ? T
    : T extends readonly (infer Element)[]
      ? Replicated<Element>[]
      : { [Key in keyof T]: Replicated<T[Key]> };

export interface PipelineResult {
  figures: Replicated<PipelineFigures>;
  verdict: PipelineVerdict;
  /** What works less well than it should, though it may be meant. */
  warnings: string[];
  /** The first replication's. */
  snapshots: SnapshotRow[];
  course: PipelineCourse;
}
