import type { ArmResult, Interval, PerReplication } from '../result.ts';
import { absoluteChange, estimate, type Replicated, relativeChange } from '../statistics/paired.ts';
import type { ComparedFigure } from './comparison-result.ts';
import { type FigureKind, figureKinds, replicatedFigure } from './figures.ts';

/** An arm of one side: what its result says, and its replications one by one where they are known. */
export interface Sampled {
  arm: ArmResult;
  samples?: PerReplication | undefined;
}

/** How two arms are set against each other. */
export interface Comparing {
  level: number;
  /** Whether replication i of both served the same requests. */
  isPaired: boolean;
  /** Latencies and throughput of a saturated arm say nothing. */
  withoutLatency: boolean;
}

/** Every figure that at least one of two arms has, with its difference b − a. */
export function figureDifferences(a: Sampled, b: Sampled, comparing: Comparing): ComparedFigure[] {
  return figureKinds.flatMap((kind) => {
    const figure = compareFigure(kind, a, b, comparing);
    return isWorthShowing(figure) ? [figure] : [];
  });
}

/** Zero on both sides, as accelerators where there are none, is nothing to compare. */
function isWorthShowing({ a, b, key }: ComparedFigure): boolean {
  const isAbsent = (value: Interval | undefined) => value === undefined || value.mean === 0;
  return !(isAbsent(a) && isAbsent(b)) || key === 'p99';
}

function compareFigure(kind: FigureKind, a: Sampled, b: Sampled, comparing: Comparing): ComparedFigure {
  const { key, title, unit, group } = kind;
  const sides = [a, b].map((side) => valuesOf(kind, side, comparing.level));
  const [ofA, ofB] = sides;
  const shown = {
    key,
    title,
    unit,
    group,
    ...(ofA && { a: ofA.estimate }),
    ...(ofB && { b: ofB.estimate }),
    sampled: kind.sampled !== undefined,
  };
  const isHidden = comparing.withoutLatency && isOfLatency(kind);
  if (!ofA || !ofB || isHidden) return shown;
  const found = changes(ofA, ofB, comparing);
  const size = Math.max(Math.abs(ofA.estimate.mean), Math.abs(ofB.estimate.mean));
  const difference = withoutRounding(found.difference, size);
  const relative = found.relative && withoutRounding(found.relative, 1);
  return {
    ...shown,
    difference,
    ...(relative && { relative }),
    ...significance(difference),
  };
}

/** Figures that a queue which grows without end takes along; ρ is what it offers, and remains. */
function isOfLatency({ group, key }: FigureKind): boolean {
  const perRequest = key === 'usdPerMillionRequests' || key === 'requestsPerJ';
  return perRequest || (group === 'latency' && key !== 'rho');
}

interface Values {
  estimate: Interval;
  /** Absent where only the estimate is known. */
  each?: Replicated;
  isExact: boolean;
}

function valuesOf(kind: FigureKind, { arm, samples }: Sampled, level: number): Values | undefined {
  const stated = kind.of(arm);
  if (stated === undefined) return undefined;
  const isExact = kind.sampled === undefined;
  if (isExact || !samples) return { estimate: stated, isExact };
  const each = replicatedFigure(kind, samples, arm);
  return { estimate: stated.low === undefined ? estimate(each, level) : stated, each, isExact };
}

function changes(
  a: Values,
  b: Values,
  { level, isPaired }: Comparing,
): { difference: Interval; relative?: Interval } {
  if (a.isExact) return exactChanges(a.estimate.mean, b.estimate.mean);
  if (!isPaired || !a.each || !b.each) return independentChanges(a.estimate, b.estimate);
  const hasRatio = [...a.each.nominal, ...a.each.perturbed].every((value) => value !== 0);
  return {
    difference: absoluteChange(b.each, a.each, level),
    ...(hasRatio && { relative: relativeChange(b.each, a.each, level) }),
  };
}

function exactChanges(a: number, b: number): { difference: Interval; relative?: Interval } {
  const certain = (mean: number): Interval => ({ mean, low: mean, high: mean });
  return { difference: certain(b - a), ...(a !== 0 && { relative: certain(b / a - 1) }) };
}

/**
 * Arms that share no random numbers: half-widths add in quadrature, those of a quotient relative to their means
 * (first order). An error of measured costs that both share does not cancel here, so this errs on the wide side.
 */
export function independentChanges(a: Interval, b: Interval): { difference: Interval; relative?: Interval } {
  const difference = around(b.mean - a.mean, Math.hypot(half(a), half(b)));
  if (a.mean === 0) return { difference };
  const ratio = b.mean / a.mean;
  const width = Math.hypot(half(b) / a.mean, (ratio * half(a)) / a.mean);
  return { difference, relative: around(ratio - 1, width) };
}

/** Half-width, NaN without one. */
function half({ mean, high }: Interval): number {
  return high === undefined ? Number.NaN : high - mean;
}

function around(mean: number, width: number): Interval {
  return Number.isNaN(width) ? { mean } : { mean, low: mean - width, high: mean + width };
}

/** Relative to what is compared, a difference below this is the rounding of sums. */
const rounding = 1e-9;

/** A difference of values of a size, exactly zero where nothing but rounding sets them apart. */
export function withoutRounding(difference: Interval, size: number): Interval {
  const { mean, low = mean, high = mean } = difference;
  const isRounding = Math.max(Math.abs(low), Math.abs(high)) <= rounding * size;
  return isRounding ? { mean: 0, low: 0, high: 0 } : difference;
}

/** Whether a difference is told from zero. */
export function significance({ low, high }: Interval): { significant?: boolean } {
  return low === undefined || high === undefined ? {} : { significant: low > 0 || high < 0 };
}
