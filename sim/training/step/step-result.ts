import type { Evidence } from '../../../foundation/evidence.ts';

/** Parts of a training step, in the order in which a step without overlap runs them. */
export const stepParts = [
  /** Features and labels from the NIC to the host, and on to the accelerator. */
  'read-input',
  'copy-in',
  /** Indices to the accelerators that hold their tables. */
  'id-exchange',
  'lookup',
  /** Pooled vectors to the accelerators whose examples they are of. */
  'vector-exchange',
  /** Dense operators that need no embeddings, and those that do. */
  'bottom-forward',
  'top-forward',
  /** Losses, heads and adapter: in training only. */
  'loss-and-heads',
  'top-backward',
  'bottom-backward',
  /** Gradients of pooled vectors back to the tables. */
  'gradient-exchange',
  /** Gradients summed by row and applied by row-wise Adagrad. */
  'table-update',
  'all-reduce',
  'dense-optimizer',
] as const;

export type StepPartName = (typeof stepParts)[number];

export type StepPartKind = 'input' | 'communication' | 'compute';

/** What a part does on the accelerator that takes longest over it, and for how long. */
export interface Amount {
  seconds: number;
  flops: number;
  /** To and from memory, or over a link. */
  bytes: number;
  /** Seconds by the evidence for them. */
  secondsBy: Partial<Record<Evidence, number>>;
  /** Standard deviation of the cost model's error in log time; 0 where nothing is known about it. */
  logError: number;
}

export interface StepPart extends Amount {
  name: StepPartName;
  kind: StepPartKind;
  /** Seconds by which it lengthens the step: all of compute, of the rest what runs beside nothing. */
  exposedS: number;
}

/** Bytes on the fullest accelerator. */
export interface StepMemory {
  /** Weights, gradients, optimizer state and low-precision copies of dense parameters. */
  denseBytes: number;
  /** Rows, and their row-wise moments. */
  tableBytes: number;
  /** What forward operators write and backward ones read. */
  activationBytes: number;
  /** Vectors and their gradients, sent and received. */
  exchangeBytes: number;
  /** Kept for workspaces and fragmentation. */
  reservedBytes: number;
  totalBytes: number;
  capacityBytes: number;
}

/** One training step of a model on a fleet. */
export interface StepResult {
  devices: number;
  examplesPerDevice: number;
  /** Of all accelerators together. */
  examplesPerStep: number;
  stepS: number;
  examplesPerS: number;
  parts: StepPart[];
  computeS: number;
  communicationS: number;
  exposedCommunicationS: number;
  exposedInputS: number;
  /** Share of the step by the evidence for its time. */
  evidence: Partial<Record<Evidence, number>>;
  /** Standard deviation of the step's error in log time, errors of its parts taken together. */
  logError: number;
  /** Of an example: the served model's forward pass, that of losses, heads and adapter, and all of training. */
  flopsPerExample: { forward: number; trainingOnly: number; training: number };
  /** Model FLOPs utilisation: share of the step that its FLOPs would take at the peak of their type. */
  mfu: number;
  /** Lookups and updates: the accelerator with most of them over the mean. */
  tableImbalance: number;
  memory: StepMemory;
}
