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

/** Cores that kernels use on a device; 0 where it has none of the machine's. */
export function coresFor({ backend, cores }: DeviceChoice, { kind, units }: DeviceDescription): number {
  return kind === 'cpu' && backend !== 'webgpu' ? (cores ?? units) : 0;
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
}

/**
 * Times of a shape's references. They are made and timed once on a device for all candidates of a search, whichever process
 * runs these; a final verdict measures them in turn with the candidate.
 */
export interface RememberedReference {
  /** Operator, data type, shape and cores. */
  key: string;
  name: string;
  referenceS: number;
  eagerS?: number;
  /** Seconds of a launch whose outputs are poisoned, over the usual ones. */
  freshness: number;
  /** What would have been better and did not serve, and why. */
  refused: readonly string[];
}

/** What is known of a shape on a device, in whichever process it was measured. */
export interface KnownShape extends RememberedReference {
  /** Seconds of the fastest candidate so far. */
  fastestS?: number;
}

export type ToWorker =
  | { kind: 'open'; device: DeviceChoice; usesPython: boolean }
  | { kind: 'evaluate'; job: Job }
  /** First make the references that the job needs, which needs no device for long, and say `ready` again. */
  | { kind: 'prepare' }
  /** The device is this worker's now. */
  | { kind: 'go'; known: readonly KnownShape[] };

export interface Evaluated {
  evaluation: Evaluation;
  isLost: boolean;
  hasRun: boolean;
}

export type FromWorker =
  | { kind: 'opened'; description: DeviceDescription }
  /** No such device, or no library to reach it by. */
  | { kind: 'unavailable'; backend: BackendName; looked: string[] }
  /** Sent before the stage begins, so that a worker that says no more is known to be in it. */
  | { kind: 'stage'; stage: Stage; what: string }
  /** All that needs no device is done; waits for `go`. */
  | { kind: 'ready' }
  /** Timed just now: it is known from here on, whatever becomes of the candidate. */
  | { kind: 'timed reference'; reference: RememberedReference }
  /** `isLost`: nothing more runs on the device in this process. `hasRun`: the candidate had begun to run. */
  | ({ kind: 'evaluated' } & Evaluated)
  /** Evaluating broke down, whatever the artifact. */
  | { kind: 'broken'; message: string };
