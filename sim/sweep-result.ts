import type { Percentile } from './result.ts';

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
  /** Values of the swept fields, in the order of the sweep's fields. */
  values: FieldValue[];
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

/** Types of SQL that columns have. */
export type ColumnType = 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';

/** A column for a swept field: plain data, kept in the folder of the sweep. */
export interface FieldColumn {
  field: string;
  column: string;
  type: ColumnType;
  /** Unit of the numbers, where the field has one. */
  unit?: string;
}

/** A sweep as reports read it: finished points, in their order. */
export interface SweepResult {
  name: string;
  method: string;
  product: string;
  /** Hash of all that decides the rows. */
  key: string;
  /** Points of the whole sweep; those below may be fewer. */
  total: number;
  fields: FieldColumn[];
  /** Percentile that rows are judged by, and the money that they are compared in. */
  judged: Percentile;
  money: 'usdPerHour' | 'usdPerMillionRequests';
  /** The limit that the scenario states for all its points. */
  sla?: { percentile: Percentile; limitS: number };
  points: PointResult[];
}
