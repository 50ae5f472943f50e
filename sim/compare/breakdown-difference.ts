import type { Interval, Measured } from '../result.ts';
import { type Component, components } from '../serving/components.ts';
import type { ReplicationOutcome } from '../serving/replication.ts';
import { interval } from '../statistics/interval.ts';
import type { ComparedStack } from './comparison-result.ts';
import { significance, withoutRounding } from './figure-differences.ts';

type Region = 'typical' | 'tail';

/** Replications of both arms, pair by pair, where they are known. */
export interface PairedOutcomes {
  a: readonly ReplicationOutcome[];
  b: readonly ReplicationOutcome[];
  level: number;
}

/** Which parts of a request's time account for the difference between two arms, largest first. */
export function stackDifference(
  a: Measured,
  b: Measured,
  region: Region,
  paired: PairedOutcomes | undefined,
): ComparedStack {
  const [partsA, partsB] = [a.breakdownS[region], b.breakdownS[region]];
  const total = (parts: Record<Component, number>) =>
    components.reduce((sum, component) => sum + parts[component], 0);
  const [aS, bS] = [total(partsA), total(partsB)];
  const differenceOf = (of: (parts: readonly number[]) => number, fallback: number): Interval =>
    withoutRounding(
      paired
        ? interval(
            paired.b.map((outcome, i) => of(outcome[region]) - of(paired.a[i][region])),
            paired.level,
          )
        : { mean: fallback },
      Math.max(aS, bS),
    );
  const differenceS = differenceOf((parts) => parts.reduce((sum, part) => sum + part, 0), bS - aS);
  const isTold = significance(differenceS).significant ?? differenceS.mean !== 0;
  const parts = components
    .map((component, index) => ({
      component,
      aS: partsA[component],
      bS: partsB[component],
      differenceS: differenceOf((row) => row[index], partsB[component] - partsA[component]),
    }))
    .filter((part) => part.aS !== 0 || part.bS !== 0)
    .sort((x, y) => Math.abs(y.differenceS.mean) - Math.abs(x.differenceS.mean))
    .map((part) => (isTold ? { ...part, share: part.differenceS.mean / differenceS.mean } : part));
  return { aS, bS, differenceS, parts };
}
