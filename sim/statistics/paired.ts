import { type Interval, interval, relativeDifference, withCostError } from './interval.ts';

/** A value in each replication of an arm. */
export interface Replicated {
  nominal: readonly number[];
  /** In the same replications with the cost model off by what is known of its error; none where nothing is. */
  perturbed: readonly number[];
}

/** The interval of a value over the replications of an arm, the cost model's error included. */
export function estimate({ nominal, perturbed }: Replicated, level: number): Interval {
  return withCostError(interval(nominal, level), nominal, perturbed, level);
}

/**
 * The interval of the relative difference value / base − 1 between two arms that are off in the same way: an error
 * of measured costs that both share cancels in it.
 */
export function relativeChange(values: Replicated, bases: Replicated, level: number): Interval {
  const ratio = pairwise((value, base) => value / base, values, bases);
  return withCostError(
    relativeDifference(values.nominal, bases.nominal, level),
    ratio.nominal,
    ratio.perturbed,
    level,
  );
}

/**
 * The same of the absolute difference value − base. Swapping the arms changes its sign and nothing else.
 */
export function absoluteChange(values: Replicated, bases: Replicated, level: number): Interval {
  return signedEstimate(
    pairwise((value, base) => value - base, values, bases),
    level,
  );
}

/** The interval of a value that may be negative: that of −x is the mirror image of that of x. */
export function signedEstimate({ nominal, perturbed }: Replicated, level: number): Interval {
  const sampled = interval(nominal, level);
  if (sampled.mean >= 0) return withCostError(sampled, nominal, perturbed, level);
  const mirrored = (values: readonly number[]) => values.map((value) => -value);
  const image = estimate({ nominal: mirrored(nominal), perturbed: mirrored(perturbed) }, level);
  const { mean, low, high, cost } = image;
  return {
    mean: -mean,
    ...(low !== undefined && high !== undefined && { low: -high, high: -low }),
    ...(cost !== undefined && { cost }),
  };
}

/**
 * A value formed in each replication from those of several arms. Where one of them has no other cost model, its
 * nominal values stand beside the perturbed ones of the rest.
 */
export function pairwise(combine: (...values: number[]) => number, ...arms: Replicated[]): Replicated {
  const each = (rows: (readonly number[])[]) =>
    rows[0].map((_, replication) => combine(...rows.map((row) => row[replication])));
  const isPerturbed = arms.some(({ perturbed }) => perturbed.length > 0);
  return {
    nominal: each(arms.map(({ nominal }) => nominal)),
    perturbed: isPerturbed
      ? each(arms.map(({ nominal, perturbed }) => (perturbed.length > 0 ? perturbed : nominal)))
      : [],
  };
}
