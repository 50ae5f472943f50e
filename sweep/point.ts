import type { Percentile } from '../sim/result.ts';

/** What a swept field may hold, as a scenario would write it: `'10 GB'`, `4`, `true`. */
export type FieldValue = string | number | boolean;

/** One point of the design space: plain data of a few hundred bytes, made lazily and in order of `index`. */
export interface PointTask {
  /** Position in the sweep, from 0. Tells points apart, as two of a random sample may be alike in all else. */
  index: number;
  /**
   * Hash of all that decides the rows: the bundle, product version included, and the values. Evaluating a key again
   * gives the same rows, byte for byte, on any machine.
   */
  key: string;
  /** Values of the swept fields, in the order of `SweepBundle.fields`. */
  values: FieldValue[];
}

/** Everything that evaluating a point needs on a machine without the user's files. JSON carries it unchanged. */
export interface SweepBundle {
  /** Hash of all that decides the rows of a point beside its values. */
  key: string;
  /** Hash of that and of the sample: tells sweeps on one server apart. Rows do not depend on it. */
  sweep: string;
  /** Version of the product: another one may give other rows, so it must not evaluate this bundle. */
  product: string;
  /** Name of the scenario, where its file states none. */
  name: string;
  /** The scenario with what it extends merged in, less its `sweep` section. */
  scenario: Record<string, unknown>;
  /** Dotted fields that points set. */
  fields: string[];
  /** Whether dominated arms of a point get no replications beyond the pilot. */
  earlyStop: boolean;
  /** What user files hold, by kind and by name as the scenario writes it. What the product brings is not in here. */
  files: BundledFiles;
}

export interface BundledFiles {
  models: Record<string, unknown>;
  hosts: Record<string, unknown>;
  networks: Record<string, unknown>;
  placements: Record<string, unknown>;
  traces: Record<string, BundledTrace>;
}

export interface BundledTrace {
  timesS: number[];
  candidates: number[];
  lookups?: { tables: string[]; counts: number[] };
}

/** Mean over replications with the bounds of its interval; no bounds from a single replication. */
export interface Estimate {
  mean: number;
  low?: number;
  high?: number;
}

/** Why a row has figures, or has none. */
export const rowStates = [
  'STABLE',
  'SATURATED',
  'UNDER-SAMPLED',
  'DOES NOT FIT',
  'BAD INPUT',
  'FAILED',
] as const;
export type RowState = (typeof rowStates)[number];

/** One arm of one point. Times in seconds, per-request figures per measured request. */
export interface ArmRow {
  /** Empty where the point is wrong before it has arms. */
  arm: string;
  verdict: RowState;
  reason: string;
  /** Whether another arm of the point was surely better in cost and latency, so that this one got the pilot only. */
  dominated: boolean;
  replications: number;
  latencyS?: Record<Percentile | 'mean', Estimate>;
  /** Demand on the busiest resource over its capacity, and which that is. */
  busiest?: { where: string; utilisation: Estimate };
  throughputPerS?: Estimate;
  slaMet?: 'yes' | 'no' | 'uncertain';
  mainHosts?: number;
  sparseHosts?: number;
  usdPerHour?: number;
  usdPerMillionRequests?: number;
  powerW?: number;
  cpuSPerRequest?: Estimate;
  /** Shares of a typical latency by the evidence for its weakest input. */
  evidence?: Record<string, number>;
}

/** A finished point: its task and one row for each arm, in the order of the scenario. Plain data. */
export interface PointResult extends PointTask {
  rows: ArmRow[];
}
