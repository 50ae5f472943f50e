import type { EvaluationFailure } from './evaluation.ts';

/** What holds a kernel back, the strongest first; the others are deferred. */
export const bottlenecks = [
  'failed',
  'memory-bandwidth',
  'memory-latency',
  'arithmetic',
  'occupancy',
  'spills',
  'launch-overhead',
  'redundant-traffic',
  'redundant-arithmetic',
  'near-speed-of-light',
] as const;

export type Bottleneck = (typeof bottlenecks)[number];

/** A structured bottleneck report of one evaluated artifact. */
export interface Diagnosis {
  primary: Bottleneck;
  /** Others that compete; they are looked at once the primary one is gone. */
  deferred: Bottleneck[];
  /** Where `primary` is `failed`. */
  failure?: EvaluationFailure;
  /** Shares of the peaks that were reached on the shape that matters most; 0 where no peaks are known. */
  speedOfLight: number;
  bandwidthShare: number;
  arithmeticShare: number;
  /** Operations over bytes that the specification needs, and the device's ridge (FLOP/B); 0 where not known. */
  intensity: number;
  ridge: number;
  /** What led to it, a line each. */
  findings: string[];
}
