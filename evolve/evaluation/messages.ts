import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { BackendName, DeviceDescription } from '../../harness/device.ts';
import type { Artifact } from '../artifact.ts';
import type { Evaluation } from '../evaluation.ts';
import type { KernelTask } from '../kernel-task.ts';

/** A processor that candidates are evaluated on. */
export interface DeviceChoice {
  backend: BackendName;
  index: number;
  /** CPU: cores that candidates and references use; without a number all of them. */
  cores?: number;
}

/** What an evaluation worker is doing. `open` and `reference` run no candidate: what fails there is none's fault. */
export const stages = ['open', 'compile', 'check', 'reference', 'time'] as const;

export type Stage = (typeof stages)[number];

/** One artifact to be evaluated. Plain data. */
export interface Job {
  artifact: Artifact;
  task: KernelTask;
  dataType: MeasuredDataType;
  isFinal: boolean;
  /** What inputs follow from: fresh for each job, so that no kernel has seen them. */
  seed: number;
  /** Against which a kernel is timed where nothing else computes the operator on the device. */
  baseline?: Artifact;
  /** What earlier processes on this device have measured. */
  remembered: readonly RememberedReference[];
}

/**
 * Times of a shape's references. A process that was started anew need not make the references again for a candidate of a
 * search; a final verdict measures them in turn with the candidate.
 */
export interface RememberedReference {
  /** Operator, data type, shape and cores. */
  key: string;
  name: string;
  referenceS: number;
  eagerS?: number;
}

export type ToWorker =
  | { kind: 'open'; device: DeviceChoice; usesPython: boolean }
  | { kind: 'evaluate'; job: Job }
  /** The device is this worker's now. */
  | { kind: 'go' };

export interface Evaluated {
  evaluation: Evaluation;
  isLost: boolean;
  hasRun: boolean;
  /** References that were timed. */
  references: RememberedReference[];
}

export type FromWorker =
  | { kind: 'opened'; description: DeviceDescription }
  /** No such device, or no library to reach it by. */
  | { kind: 'unavailable'; backend: BackendName; looked: string[] }
  /** Sent before the stage begins, so that a worker that says no more is known to be in it. */
  | { kind: 'stage'; stage: Stage; what: string }
  /** All that needs no device is done; waits for `go`. */
  | { kind: 'ready' }
  /** `isLost`: nothing more runs on the device in this process. `hasRun`: the candidate had begun to run. */
  | ({ kind: 'evaluated' } & Evaluated)
  /** Evaluating broke down, whatever the artifact. */
  | { kind: 'broken'; message: string };
