import { significant } from '../../../foundation/units.ts';
import type {
  DistillationComparison,
  DistilledFigure,
  DistilledPair,
} from '../../../sim/training/comparison/distillation-comparison-result.ts';
import { share, time } from '../../charts/quantity.ts';
import { inPercent, money, rangeInPercent } from '../figures.ts';
import { figureOf } from './figure-tables.ts';

/** The answer in a sentence or two for each pair. */
export function distillationComparisonInWords({ pairs }: DistillationComparison): string[] {
  if (pairs.every(isSame)) {
    const arms = pairs.length === 1 ? 'A and B' : `all ${pairs.length} arms of A and B`;
    return [`No difference: ${arms} ask the same, and every figure is equal.`];
  }
  return pairs.map((pair) => sentence(pair, pairs.length === 1));
}

function isSame({ inputs, figures }: DistilledPair): boolean {
  return (
    inputs.length === 0 &&
    figures.length > 0 &&
    figures.every(({ difference }) => difference?.mean === 0 && difference.low === difference.high)
  );
}

function sentence(pair: DistilledPair, isAlone: boolean): string {
  const { a, b } = pair;
  const alike = a.name === b.name;
  const [ofA, ofB] = alike ? ['A', 'B'] : [`A (${a.name})`, `B (${b.name})`];
  const start = alike && !isAlone ? `${b.name}: ` : '';
  if (pair.meaningless !== undefined) {
    const why = pair.meaningless.split('\n').filter((line) => /^[AB] \(/.test(line));
    return `${start}gains and freshness of ${ofA} and ${ofB} cannot be compared. ${fullStop(why.join('; '))}${moneyAside(pair)}`;
  }
  return `${start}${ofB} ${gainClause(pair, ofA)}${moneyClause(pair)}${gapClause(pair)}${causeClause(pair)}.${ranges(pair)}`;
}

function gainClause(pair: DistilledPair, ofA: string): string {
  const { a, b, difference, significant: isTold } = figureOf(pair, 'gain')!;
  const beside = `${inPercent(a!.mean)} → ${inPercent(b!.mean)} %`;
  if (difference!.mean === 0) return `gains as much as ${ofA} (${inPercent(a!.mean)} % of NE)`;
  if (isTold === false)
    return `and ${ofA} have no significant difference in gain (${beside} of NE, within its interval)`;
  const doubt = isTold === undefined ? ', from a single replication and thus without an interval' : '';
  const direction = difference!.mean > 0 ? 'more' : 'less';
  return `gains ${share.format(Math.abs(difference!.mean))} ${direction} of NE than ${ofA} (${beside}${doubt})`;
}

function moneyClause(pair: DistilledPair): string {
  const cost = figureOf(pair, 'extraUsdPerDay');
  if (!cost?.a || !cost.b) return '';
  const difference = cost.b.mean - cost.a.mean;
  if (money(cost.a.mean) === money(cost.b.mean))
    return ` for the same money (${money(cost.a.mean)} USD/day above no teacher)`;
  return ` for ${money(Math.abs(difference))} USD/day ${difference > 0 ? 'more' : 'less'} (${money(cost.a.mean)} → ${money(cost.b.mean)} above no teacher)`;
}

function moneyAside(pair: DistilledPair): string {
  const cost = figureOf(pair, 'extraUsdPerDay');
  return cost?.a && cost.b
    ? ` Above no teacher they cost ${money(cost.a.mean)} and ${money(cost.b.mean)} USD/day.`
    : '';
}

function gapClause(pair: DistilledPair): string {
  const gap = figureOf(pair, 'gap');
  if (!isTold(gap)) return '';
  const { a, b, difference } = gap;
  return `; its teacher’s knowledge is ${difference.mean < 0 ? 'fresher' : 'older'} (mean gap ${time.format(a!.mean)} → ${time.format(b!.mean)})`;
}

function isTold(
  figure: DistilledFigure | undefined,
): figure is DistilledFigure & { difference: NonNullable<DistilledFigure['difference']> } {
  return figure?.difference !== undefined && figure.significant !== false && figure.difference.mean !== 0;
}

function causeClause({ inputs }: DistilledPair): string {
  if (inputs.length === 0) return '; what was asked is the same';
  if (inputs.length > 1) return `; ${inputs.length} inputs differ`;
  const [{ path, a, b }] = inputs;
  return `; the only input that differs is ${path} ${a} → ${b}`;
}

/** The ranges of the constants are wider than any interval over replications, and both sides may share them. */
function ranges({ a, b }: DistilledPair): string {
  if (!a.gain || !b.gain) return '';
  return ` The uncertain constants leave A ${rangeInPercent(a.gain)} % and B ${rangeInPercent(b.gain)} %, and move both alike where they are the same.`;
}

function fullStop(text: string): string {
  return /[.!]$/.test(text) ? text : `${text}.`;
}

/** What the intervals of a pair mean. */
export function intervalNote({ paired, figures }: DistilledPair, confidence: number): string {
  if (figures.every(({ sampled, difference }) => !sampled || difference?.low === undefined)) {
    return 'No figure has an interval: that takes at least two replications.';
  }
  const how = paired ? 'paired by replication where these are kept' : 'of A and B as if independent';
  return (
    `± is the ${significant(confidence * 100, 2)} % interval over replications, constants at their values; differences are ${how}. ` +
    '"no": the interval of the difference holds zero.'
  );
}
