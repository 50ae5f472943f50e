import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws, Estimate } from '../quality/estimate.ts';
import { meanGainIn } from './compare-arms.ts';
import type { DistillationCase } from './distillation-case.ts';

/** A case with a teacher of some size, and what it costs above no teacher. */
export interface PricedCase {
  given: DistillationCase;
  size: number;
  extraUsdPerDay: number;
}

/**
 * The shared teacher of most gain whose cost above no teacher is within a budget: a larger one sees and labels less.
 * @param priced no two of one size, training and labels
 * @param budgetUsdPerDay for teacher, labels and their storage
 * @returns undefined where none is within the budget, or none that is gains anything
 */
export function bestAmong<Each extends PricedCase>(
  priced: readonly Each[],
  budgetUsdPerDay: number,
  draws: ConstantDraws<QualityConstantName>,
): { best: Each; gain: Estimate; size: Estimate } | undefined {
  const affordable = largestOf(priced.filter(({ extraUsdPerDay }) => extraUsdPerDay <= budgetUsdPerDay));
  const most = (values: typeof draws.nominal) => mostGain(affordable, values);
  const best = most(draws.nominal);
  if (!best) return undefined;
  const gain = draws.estimate((values) => meanGainIn('shared-teacher', best.given, values));
  if (gain.value <= 0) return undefined;
  return { best, gain, size: draws.estimate((values) => most(values)!.size) };
}

/**
 * Cases that no other one with the same labels exceeds in size or training and equals in the other: gain grows with
 * both whatever the constants, as no teacher sees more than the reference, so that the best case is among them. More
 * labels may cost gain, by bias.
 */
function largestOf<Each extends PricedCase>(cases: readonly Each[]): Each[] {
  const exceeds = (other: Each, one: Each) => {
    const [a, b] = [other.given.workload, one.given.workload];
    const isNoLess = other.size >= one.size && a.trainShare >= b.trainShare;
    return other !== one && a.labelShare === b.labelShare && isNoLess;
  };
  return cases.filter((one) => !cases.some((other) => exceeds(other, one)));
}

/** The case of most gain; of equals the cheapest. */
function mostGain<Each extends PricedCase>(
  cases: readonly Each[],
  values: ConstantDraws<QualityConstantName>['nominal'],
): Each | undefined {
  let best: Each | undefined;
  let most = -Infinity;
  for (const each of cases) {
    const gain = meanGainIn('shared-teacher', each.given, values);
    const isCheaper = best !== undefined && gain === most && each.extraUsdPerDay < best.extraUsdPerDay;
    if (gain > most || isCheaper) [best, most] = [each, gain];
  }
  return best;
}

/** Points that no other one beats in both cost and gain, cheapest first. */
export function frontierOf<Point extends { extraUsdPerDay: number; gain: number }>(
  points: readonly Point[],
): Point[] {
  const byCost = [...points].sort((a, b) => a.extraUsdPerDay - b.extraUsdPerDay || b.gain - a.gain);
  let most = 0;
  return byCost.filter(({ gain }) => {
    if (gain <= most) return false;
    most = gain;
    return true;
  });
}
