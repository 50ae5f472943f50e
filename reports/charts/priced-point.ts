import type { Interval } from '../../sim/result.ts';
import type { Series } from './series.ts';

export const kinds = ['good', 'unsure', 'bad', 'series-1'] as const;

/** Whether a point meets its SLA, or has none. */
export type Kind = (typeof kinds)[number];

/** How the kinds look, by colour and by shape. */
export const looks: Record<Kind, Series> = {
  good: { name: 'meets the SLA', className: 'good', rank: 0, isRest: false },
  unsure: { name: 'uncertain', className: 'unsure', rank: 3, isRest: false },
  bad: { name: 'misses the SLA', className: 'bad', rank: 2, isRest: false },
  'series-1': { name: 'no SLA', className: 'series-1', rank: 0, isRest: false },
};

/** An answer with its price and its latency. */
export interface PricedPoint {
  price: number;
  latencyS: Interval;
  kind: Kind;
  /** May it be on the frontier? */
  isFeasible: boolean;
  /** What it tells when it is pointed at. */
  lines: () => string[];
  /** Written beside it where there is room. */
  label?: string;
}

/** Where a point is drawn. */
export type PixelOf = (point: PricedPoint) => [x: number, y: number];

export function kindOf(met: 'yes' | 'no' | 'uncertain' | undefined): Kind {
  return met === undefined ? 'series-1' : ({ yes: 'good', no: 'bad', uncertain: 'unsure' } as const)[met];
}
