import type { computeParts } from './timeline.ts';

export type ComputePart = (typeof computeParts)[number];

/** What a part takes as it was run, of what it takes by the fastest kernels: factor × seconds + fixed seconds. */
export interface PartFit {
  factor: number;
  fixedS: number;
}

/** Parts of steps that were measured on one device against their simulated times. */
export interface ExecutionFit {
  device: string;
  parts: Record<ComputePart, PartFit>;
  /** Standard deviation, in log time, of steps of models that a fit had not seen. */
  logError: number;
}
