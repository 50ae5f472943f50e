import type { ComparedFigure, ComparedPair, Comparison } from '../../sim/compare/comparison-result.ts';
import type { Absence, Chart } from './chart.ts';
import {
  bytes,
  percent,
  plain,
  type Quantity,
  rate,
  share,
  time,
  usd,
  usdPerHour,
  watts,
} from './quantity.ts';
import { relativeDifferences, relativeOnes } from './relative-differences.ts';

const groups = [
  ['latency', 'Latency and load'],
  ['compute', 'Work of a request'],
  ['fleet', 'Fleet'],
] as const;

const perJoule: Quantity = { format: (value) => `${plain.format(value)} per J`, unitFor: plain.unitFor };

const quantities: Record<ComparedFigure['unit'], Quantity> = {
  s: time,
  '1/s': rate,
  B: bytes,
  W: watts,
  '1/J': perJoule,
  'USD/h': usdPerHour,
  USD: usd,
  share,
  count: plain,
};

/** A and B, as they stand in titles: their arms, and their scenarios where the arms are named alike. */
export function sidesOf({ a, b }: { a: { name: string }; b: { name: string } }): string {
  return a.name === b.name ? b.name : `${b.name} against ${a.name}`;
}

/** Relative differences of all figures of a pair with their intervals. */
export function comparedFigures(pair: ComparedPair, comparison: Comparison, id: string): Chart | Absence {
  const title = `Differences: ${sidesOf(pair)}`;
  const shown = relativeOnes(pair.figures);
  if (shown.length === 0) return { title, reason: pair.meaningless ?? 'A and B have no figure in common' };
  const missing = pair.figures.length - shown.length;
  const note =
    `${differencesNote(comparison.confidence, pair.paired)}` +
    (missing > 0 ? ` ${missing} figures that A lacks or has none of are in the table only.` : '') +
    (pair.meaningless === undefined
      ? ''
      : ` Latencies cannot be compared: ${pair.meaningless.split('\n')[0]}`);
  return relativeDifferences({ id, title, note, groups, figures: pair.figures, quantities });
}

/** What is to be seen of relative differences. */
export function differencesNote(confidence: number, isPaired: boolean): string {
  return (
    `B − A relative to A, on the right from A to B; whiskers: ${percent(confidence)} intervals${isPaired ? ', paired by replication' : ''}. ` +
    'A difference whose interval holds zero is not told apart from none.'
  );
}
