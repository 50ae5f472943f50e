import { commonLine } from './lines.ts';
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

/** NE of a teacher by lag over that at the least lag, as it was measured. */
export interface LagCurve {
  labelDelayDays: number;
  /** Between two snapshots. */
  intervalDays: number;
  /** Growth of NE against the least lag, which is among them with a growth of 0. */
  points: readonly { days: number; worsening: number }[];
}

/** A law that was fitted to a curve. */
export interface LawFit {
  /** A. */
  amplitude: number;
  parameters: number[];
  /** Growth against the least lag. */
  worsening(lagDays: number): number;
  /** Sum of squared residuals of the points. */
  squares: number;
}

/** Gaps over which the interval between two snapshots is averaged: examples are spread over it. */
const perInterval = 8;

/**
 * Mean over examples of what a gap costs, at a lag: the knowledge that predicts is older than they by L and up to an
 * interval between snapshots, and by the delay of labels more.
 */
export function meanOverInterval(
  lagDays: number,
  { labelDelayDays, intervalDays }: Pick<LagCurve, 'labelDelayDays' | 'intervalDays'>,
  atGap: (gapDays: number) => number,
): number {
  let sum = 0;
  for (let part = 0; part < perInterval; part++)
    sum += atGap(labelDelayDays + lagDays + (intervalDays * (part + 0.5)) / perInterval);
  return sum / perInterval;
}

/**
 * The law of a shape that comes closest to a curve, by least squares: NE over that at the least lag is a + b·m(L), with
 * m the mean growth over an interval, and A = b / a. The least lag has its residual as all others, so `a` is not held at
 * what it would be without one. Given the shape's parameters, a and b are linear; the parameters are searched.
 * @param start logarithms of parameters to search from; absent: a grid
 */
export function fitLaw(law: FreshnessLaw, curve: LagCurve, start?: readonly number[]): LawFit {
  const { points } = curve;
  const grown = points.map(({ worsening }) => worsening);
  const linear = (logs: readonly number[]) => {
    const parameters = logs.map(Math.exp);
    const growth = (lagDays: number) =>
      meanOverInterval(lagDays, curve, (gapDays) => law.growth(gapDays, parameters));
    // A law that has saturated before the least lag says nothing, whatever its amplitude.
    const line = commonLine(
      points.map(({ days }) => growth(days)),
      [grown],
      0,
    );
    return { parameters, growth, line };
  };
  const best = linear(leastInBox((logs) => linear(logs).line.squares, law.box, start));
  const { parameters, growth, line } = best;
  const [intercept] = line.intercepts;
  return {
    amplitude: line.slope / (1 + intercept),
    parameters,
    worsening: (lagDays) => intercept + line.slope * growth(lagDays),
    squares: line.squares,
  };
}

/** Growth at every point as a law says that was fitted without it. */
export function leftOut(law: FreshnessLaw, curve: LagCurve): number[] {
  return curve.points.map(({ days }) => {
    const points = curve.points.filter((point) => point.days !== days);
    return fitLaw(law, { ...curve, points }).worsening(days);
  });
}
