import { formatTime, significant } from '../foundation/units.ts';
import type { ComparedFigure, ComparedPair, Comparison } from '../sim/compare/comparison-result.ts';
import { percentSize } from './signed-numbers.ts';

/** From this share of a difference on, one cause is called most of it. */
const most = 0.5;

/** Most fields that are named as one cause. */
const maxChanges = 3;

/** From this share on, other causes take some of it back. */
const overshoot = 1.05;

/** The answer in a sentence or two, one for each pair where there are few. */
export function comparisonInWords(comparison: Comparison): string[] {
  const { pairs } = comparison;
  if (pairs.every(isSame)) {
    return [
      pairs.length === 1
        ? 'No difference: A and B ask the same of the same requests, and every figure is equal.'
        : `No difference: all ${pairs.length} arms ask the same of the same requests, and every figure is equal.`,
    ];
  }
  return pairs.map((pair) => sentence(pair, comparison));
}

function isSame({ inputs, figures }: ComparedPair): boolean {
  return (
    inputs.length === 0 &&
    figures.length > 0 &&
    figures.every(({ difference, a, b }) =>
      difference ? difference.mean === 0 && difference.low === difference.high : a?.mean === b?.mean,
    )
  );
}

function sentence(pair: ComparedPair, comparison: Comparison): string {
  const who = subject(pair, comparison);
  if (pair.meaningless !== undefined) {
    return `${unlike(pair, comparison)} cannot be compared. ${fullStop(firstLines(pair.meaningless))}${costAside(pair)}`;
  }
  const latency = latencyClause(pair, comparison);
  const cost = costClause(pair, latency.isDifferent);
  const cause = latency.isDifferent ? causeClause(pair, comparison) : '';
  return `${who} ${latency.text}${cost}${cause}.`;
}

function unlike(pair: ComparedPair, { pairs }: Comparison): string {
  const { a, b } = pair;
  if (a.name !== b.name) return `The latencies of A (${a.name}) and B (${b.name})`;
  return pairs.length === 1 ? 'The latencies of A and B' : `${a.name}: the latencies of A and B`;
}

/** The reasons of both sides without the remedies that stand below each in lines of their own. */
function firstLines(reasons: string): string {
  return reasons
    .split('\n')
    .filter((line) => /^[AB] \(/.test(line))
    .join('; ');
}

function fullStop(text: string): string {
  return /[.!]$/.test(text) ? text : `${text}.`;
}

function subject({ a, b }: ComparedPair, { pairs }: Comparison): string {
  if (a.name === b.name) return pairs.length === 1 ? 'B' : `${b.name}: B`;
  return `B (${b.name})`;
}

function other({ a, b }: ComparedPair): string {
  return a.name === b.name ? 'A' : `A (${a.name})`;
}

function figure({ figures }: ComparedPair, key: string): ComparedFigure | undefined {
  return figures.find((one) => one.key === key);
}

function latencyClause(pair: ComparedPair, { judged }: Comparison): { text: string; isDifferent: boolean } {
  const { a, b, relative, difference, significant: isTold } = figure(pair, judged)!;
  const beside = `${formatTime(a!.mean)} → ${formatTime(b!.mean)}`;
  if (difference!.mean === 0 && difference!.low === difference!.high) {
    return { text: `has the same ${judged} as ${other(pair)} (${formatTime(a!.mean)})`, isDifferent: false };
  }
  const size = sizeOf(relative, difference!, isTold);
  const direction = difference!.mean < 0 ? 'lower' : 'higher';
  if (isTold === false) {
    return {
      text: `and ${other(pair)} have no significant difference in ${judged} (${size}${direction}, within its interval; ${beside})`,
      isDifferent: false,
    };
  }
  const doubt = isTold === undefined ? ', from a single replication and thus without an interval' : '';
  return {
    text: `has ${size}${direction} ${judged} than ${other(pair)} (${beside}${doubt})`,
    isDifferent: true,
  };
}

/** In percent, unless the interval of the quotient and that of the difference disagree whether there is one. */
function sizeOf(
  relative: ComparedFigure['relative'],
  difference: NonNullable<ComparedFigure['difference']>,
  isTold: boolean | undefined,
): string {
  if (!relative) return '';
  const { low = Number.NaN, high = Number.NaN } = relative;
  const holdsZero = low <= 0 && high >= 0;
  if (isTold === undefined || holdsZero !== isTold) return `${percentSize(relative)} `;
  return `${formatTime(Math.abs(difference.mean))} ±${formatTime((difference.high ?? difference.mean) - difference.mean)} `;
}

function costClause(pair: ComparedPair, isDifferent: boolean): string {
  const price = priceOf(pair);
  if (!price) return '';
  const { a, b } = price;
  if (a === b) {
    const money = `${significant(a)} USD/h`;
    return isDifferent ? ` and costs the same (${money})` : `; both cost ${money}`;
  }
  const joint = isDifferent ? ' and costs' : '; B costs';
  return `${joint} ${costRatio(a, b)} (${significant(a)} → ${significant(b)} USD/h)`;
}

function costRatio(a: number, b: number): string {
  if (a === 0) return 'more';
  const ratio = b / a;
  if (ratio >= 1.5) return `${significant(ratio, 2)}× as much`;
  return `${significant(Math.abs(ratio - 1) * 100, 2)} % ${ratio > 1 ? 'more' : 'less'}`;
}

function priceOf(pair: ComparedPair): { a: number; b: number } | undefined {
  const { a, b } = figure(pair, 'usdPerHour') ?? {};
  return a && b ? { a: a.mean, b: b.mean } : undefined;
}

function costAside(pair: ComparedPair): string {
  const price = priceOf(pair);
  if (price && price.a === price.b) return ` Both cost ${significant(price.a)} USD/h.`;
  return price ? ` They cost ${significant(price.a)} and ${significant(price.b)} USD/h.` : '';
}

/** What explains most of the judged difference: the mixtures say, or the only field that differs. */
function causeClause({ attribution, inputs, a, b }: ComparedPair, { judged }: Comparison): string {
  if (inputs.length === 0) {
    return a.name === b.name
      ? '; their inputs are the same, so chance and the program explain it'
      : '; their inputs are the same';
  }
  const told = (fields: readonly string[]) => {
    const shown = fields.slice(0, maxChanges).map((path) => change(path, inputs));
    const rest = fields.length - shown.length;
    return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  };
  if (!attribution) {
    return inputs.length === 1
      ? `; the only input that differs is ${told([inputs[0].path])}`
      : `; ${inputs.length} inputs differ`;
  }
  const { factors, latency } = attribution;
  if (factors.length === 1)
    return `; ${told(factors[0].fields)} ${factors[0].fields.length === 1 ? 'explains' : 'explain'} all of it`;
  if (attribution.saturated.length > 0) return '; no field by itself explains it (see SATURATED below)';
  const shares = latency.parts.map(({ share = 0 }) => share);
  const first = shares.indexOf(Math.max(...shares));
  const percent = `${(shares[first] * 100).toFixed(0)} %`;
  const cause = told(factors[first].fields);
  const verb = factors[first].fields.length === 1 ? 'explains' : 'explain';
  const { low = Number.NaN, high = Number.NaN } = latency.parts[first].difference;
  if (low <= 0 && high >= 0) {
    return `; no single field surely explains it (on the mean mostly ${cause}, ${percent}, within its interval)`;
  }
  if (shares[first] > overshoot) {
    return `; ${cause} ${verb} more than all of the ${judged} difference (${percent}), others work against it`;
  }
  return shares[first] >= most
    ? `; ${cause} ${verb} most of the ${judged} difference (${percent})`
    : `; the largest part of the ${judged} difference (${percent}) is owed to ${cause}`;
}

/** `sharding.shards 4 → 8`, by the field or by the part of it that differs. */
function change(path: string, inputs: ComparedPair['inputs']): string {
  const found = inputs.find((input) => input.path === path || input.path.startsWith(`${path}.`));
  return found ? `${found.path} ${found.a} → ${found.b}` : path;
}
