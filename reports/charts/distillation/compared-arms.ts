import type { DistillationComparison } from '../../../sim/training/comparison/distillation-comparison-result.ts';
import { figureGroups, figureQuantities } from '../../distillation/comparison/figure-tables.ts';
import type { Absence, Chart } from '../chart.ts';
import { differencesNote, sidesOf } from '../compared-figures.ts';
import { relativeDifferences, relativeOnes } from '../relative-differences.ts';

/** Pairs of arms that are drawn. */
const mostPairs = 8;

/** Relative differences of each pair of arms of two answers about distillation. */
export function comparedArms({ pairs, confidence }: DistillationComparison): (Chart | Absence)[] {
  return pairs.map((pair, index) => {
    const title = `Differences: ${sidesOf(pair)}`;
    if (index >= mostPairs) {
      const reason = `the first ${mostPairs} pairs are drawn: rankfleet compare with --arm-a and --arm-b draws any other`;
      return { title, reason };
    }
    const { figures, paired, meaningless } = pair;
    const shown = relativeOnes(figures);
    if (shown.length === 0) return { title, reason: meaningless ?? 'A and B have no figure in common' };
    const missing = figures.length - shown.length;
    const note = [
      differencesNote(confidence, paired),
      ...(missing > 0 ? [`${missing} figures that A lacks or has none of are in the table only.`] : []),
      ...(meaningless === undefined
        ? []
        : [`Gains and freshness cannot be compared: ${meaningless.split('\n')[0]}`]),
    ].join(' ');
    const id = pairs.length === 1 ? 'differences' : `differences-${index + 1}`;
    return relativeDifferences({
      id,
      title,
      note,
      groups: figureGroups,
      figures,
      quantities: figureQuantities,
    });
  });
}
