import { qualityFields } from '../../../../scenarios/distillation/costs-schema.ts';
import type { ExperimentResult } from '../../experiment-result.ts';
import type { EvidencedRange } from '../evidenced-range.ts';
import { type ConstantTerms, supportWords, termsOf } from './constant-terms.ts';
import type { Curves } from './curves.ts';
import type { Measured } from './measured.ts';
import type { Residuals } from './misfit.ts';
import type { ConstantFit } from './quality-fit-result.ts';
import type { FittableConstant, Solution, Support } from './solve.ts';

/** Solutions of the curves as they were measured and as they were redrawn. */
export interface Fitted {
  nominal: Solution;
  drawn: readonly Solution[];
  curves: Curves<Measured>;
  residuals: Residuals;
  level: number;
}

/** A range that comes so near to an end of what was searched ends there. */
const edge = 1.01;

/** Share of the redrawn solutions whose value is possible below which a constant is of the wrong sign. */
const fewestPossible = 0.05;

interface Range {
  value: number;
  low: number;
  high: number;
}

/**
 * Whether an experiment tells a constant, by rules that know no constant's value: what it is divided by must surely
 * differ from zero, possible values must not be surprising, and its range must end inside of what was searched and leave out
 * some of what was held before.
 *
 * A published figure of an ads system stays before one fitted to another domain, be it as surely fitted; a user's own
 * stream is the user's own domain, and its figures stand before published ones.
 */
export function judgeConstant(
  constant: FittableConstant,
  before: EvidencedRange,
  fitted: Fitted,
  { source }: Pick<ExperimentResult, 'source'>,
): ConstantFit {
  const terms = termsOf(constant, fitted.curves, fitted.residuals);
  const { from, points, residualNe } = terms;
  const about = {
    constant,
    field: fieldOf(constant),
    before,
    from,
    points,
    ...(residualNe !== undefined && !Number.isNaN(residualNe) && { residualNe }),
  };
  const value = fitted.nominal.constants[constant];
  if (Number.isNaN(value)) return { ...about, verdict: 'not measured', why: terms.takes };
  const open = terms.supports.find((support) => !isSure(support, fitted));
  if (open) return { ...about, verdict: 'not identifiable', why: supportWords[open] };
  const range = rangeOf(constant, fitted, terms);
  if (typeof range === 'string') return { ...about, verdict: 'not identifiable', why: range };
  const why = whyNot(range, before, terms);
  if (why !== undefined) return { ...about, verdict: 'not identifiable', why };
  const told = rounded(range);
  const stays = before.evidence === 'published' && source.kind !== 'csv';
  return {
    ...about,
    fitted: told,
    ...(stays ? { verdict: 'published stays', why: agreement(told, before) } : { verdict: 'fitted' }),
  };
}

function fieldOf(constant: FittableConstant): string {
  return Object.entries(qualityFields).find(([, name]) => name === constant)![0];
}

/** Whether the redrawn figures of a support are all but never zero or of the other sign. */
function isSure(support: Support, fitted: Fitted): boolean {
  const { low, high } = boundsOf(({ supports }) => supports[support], fitted);
  return low > 0 || (support === 'oneHeadBias' && high < 0);
}

/** Quantiles of a figure over the redrawn solutions, at the experiment's own level. */
function boundsOf(figure: (solution: Solution) => number, { drawn, level }: Pick<Fitted, 'drawn' | 'level'>) {
  const values = Float64Array.from(drawn, figure).sort();
  const at = (probability: number) => values[Math.round(probability * (values.length - 1))];
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

/**
 * Value and range of a constant, as far as they are possible; in words, why there is none. A share that is as good as
 * zero comes out below it in every other experiment, which makes it no less known: its value then is the median of
 * what is possible.
 */
function rangeOf(constant: FittableConstant, fitted: Fitted, { possible }: ConstantTerms): Range | string {
  const pick = ({ constants }: Solution) => constants[constant];
  const isPossible = (value: number) => value >= possible.low && value <= possible.high;
  const value = pick(fitted.nominal);
  const drawn = fitted.drawn.filter((solution) => isPossible(pick(solution)));
  if (drawn.length < fewestPossible * fitted.drawn.length)
    return `comes out at ${short(value)}, ${value < possible.low ? 'of the wrong sign' : `above ${possible.high}`}`;
  const told = isPossible(value) ? value : boundsOf(pick, { drawn, level: 0 }).low;
  const { low, high } = boundsOf(pick, fitted);
  return {
    value: told,
    low: Math.max(possible.low, Math.min(told, low)),
    high: Math.min(possible.high, Math.max(told, high)),
  };
}

function whyNot({ low, high }: Range, before: EvidencedRange, terms: ConstantTerms): string | undefined {
  const { searched } = terms;
  if (searched && (low < searched.low * edge || high > searched.high / edge))
    return 'any value fits as well up to an end of what is searched: the curve does not bend where it would tell';
  if (low <= before.low && high >= before.high)
    return `would lie between ${short(low)} and ${short(high)}, all of what was held before`;
  return undefined;
}

function agreement({ value, low, high }: Range, before: EvidencedRange): string {
  const overlaps = low <= before.high && high >= before.low;
  const holds = before.low <= value && value <= before.high;
  if (holds) return 'agrees with what is published';
  return overlaps ? 'ranges overlap with what is published' : 'disagrees with what is published';
}

/** Three digits are enough for a constant that is known to one or two. */
function rounded({ value, low, high }: Range): Range {
  const three = (number: number) => Number(number.toPrecision(3));
  return { value: three(value), low: three(low), high: three(high) };
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
