import { type Box, leastInBox } from './pattern-search.ts';

/** How NE grows with the gap, up to a factor A; a shape has one or two parameters, searched by their logarithms. */
export interface FreshnessLaw {
  name: 'logarithmic' | 'saturating';
  formula: string;
  parameters: readonly ('tauDays' | 'k')[];
  /** Bounds of each parameter's logarithm. */
  box: Box;
  /** Growth at a gap in days, 0 at none. */
  growth(gapDays: number, parameters: readonly number[]): number;
}

/** τ is searched between a quarter of an hour and some three years; at either end a curve tells nothing of it. */
export const tauBox = [Math.log(0.01), Math.log(1000)] as const;

export const logarithmicLaw: FreshnessLaw = {
  name: 'logarithmic',
  formula: 'A·ln(1 + g/τ)',
  parameters: ['tauDays'],
  box: [tauBox],
  growth: (gapDays, [tau]) => Math.log1p(gapDays / tau),
};

export const saturatingLaw: FreshnessLaw = {
  name: 'saturating',
  formula: 'A·(1 − exp(−(g/τ)^k))',
  parameters: ['tauDays', 'k'],
  box: [tauBox, [Math.log(0.2), Math.log(4)]],
  growth: (gapDays, [tau, k]) => -Math.expm1(-((gapDays / tau) ** k)),
};

/** Growth of NE against the least lag, as it was measured. */
export interface LagCurve {
  leastLagDays: number;
  labelDelayDays: number;
  points: readonly { days: number; worsening: number }[];
}

/** A law that was fitted to a curve. */
export interface LawFit {
  amplitude: number;
  parameters: number[];
  /** Relative growth of NE over a teacher without a gap, mean over a day that is so far from the snapshot. */
  lossAtLag(lagDays: number): number;
  /** Growth against the least lag. */
  worsening(lagDays: number): number;
  /** Sum of squared residuals of the points. */
  squares: number;
}

/** Gaps over which a day is averaged: its examples are spread over it. */
const perDay = 8;

/**
 * The law of a shape that comes closest to a curve, by least squares. At lag L the knowledge that predicts a day is
 * L to L + 1 days older than the examples, and by the delay of labels more. Growth against the least lag is
 * (1 + A·m(L)) / (1 + A·m(L₀)) − 1 = B·(m(L) − m(L₀)), with B = A / (1 + A·m(L₀)) by linear least squares; the shape's
 * parameters by search.
 * @param start logarithms of parameters to search from; absent: a grid
 */
export function fitLaw(law: FreshnessLaw, curve: LagCurve, start?: readonly number[]): LawFit {
  const { points, leastLagDays, labelDelayDays } = curve;
  const meanGrowth = (lagDays: number, parameters: readonly number[]) => {
    let sum = 0;
    for (let part = 0; part < perDay; part++)
      sum += law.growth(labelDelayDays + lagDays + (part + 0.5) / perDay, parameters);
    return sum / perDay;
  };
  const linear = (logs: readonly number[]) => {
    const parameters = logs.map(Math.exp);
    const least = meanGrowth(leastLagDays, parameters);
    const rises = points.map(({ days }) => meanGrowth(days, parameters) - least);
    const rise2 = sumOver(rises, (rise) => rise * rise);
    // A law that has saturated before the least lag says nothing, whatever its amplitude.
    const slope = rise2 > 0 ? sumOver(rises, (rise, at) => rise * points[at].worsening) / rise2 : 0;
    const squares = sumOver(rises, (rise, at) => (slope * rise - points[at].worsening) ** 2);
    return { parameters, least, slope, squares };
  };
  const best = linear(leastInBox((logs) => linear(logs).squares, law.box, start));
  const { parameters, least, slope, squares } = best;
  const amplitude = slope / (1 - slope * least);
  return {
    amplitude,
    parameters,
    lossAtLag: (lagDays) => amplitude * meanGrowth(lagDays, parameters),
    worsening: (lagDays) => slope * (meanGrowth(lagDays, parameters) - least),
    squares,
  };
}

/** Growth at every point as a law says that was fitted without it. */
export function leftOut(law: FreshnessLaw, curve: LagCurve): number[] {
  return curve.points.map(({ days }) => {
    const points = curve.points.filter((point) => point.days !== days);
    return fitLaw(law, { ...curve, points }).worsening(days);
  });
}

function sumOver(values: readonly number[], of: (value: number, at: number) => number): number {
  return values.reduce((sum, value, at) => sum + of(value, at), 0);
}
