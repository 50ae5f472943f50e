import type { Interval, Percentile } from '../result.ts';
import { cpuSeconds } from '../samples.ts';
import type { ReplicationOutcome } from '../serving/replication.ts';
import { pairwise, type Replicated, signedEstimate } from '../statistics/paired.ts';
import { allOf, type Design, fieldsIn } from './coalitions.ts';
import type { AttributedTarget, Attribution } from './comparison-result.ts';
import { significance, withoutRounding } from './figure-differences.ts';

/** What was found of one mixture of two arms, A and B among them. */
export interface MixtureOutcome {
  nominal: readonly ReplicationOutcome[];
  perturbed: readonly ReplicationOutcome[];
  pricePerHourUsd: number;
  isSaturated: boolean;
}

/**
 * What each factor contributes to the differences between two arms.
 * @param outcomes by the set of factors that are B's
 */
export function attribute(
  { method, factors, mixtures }: Design,
  outcomes: ReadonlyMap<number, MixtureOutcome>,
  judged: Percentile,
  level: number,
): Attribution {
  const replicated = (value: (outcome: ReplicationOutcome) => number) => (mask: number) => {
    const { nominal, perturbed } = outcomes.get(mask)!;
    return { nominal: nominal.map(value), perturbed: perturbed.map(value) };
  };
  const price = (mask: number): Replicated => ({
    nominal: [outcomes.get(mask)!.pricePerHourUsd],
    perturbed: [],
  });
  const target = (values: (mask: number) => Replicated, isExact = false) =>
    attributed({ method, count: factors.length, values, level, isExact });
  const saturated = [...mixtures.keys()].filter((mask) => outcomes.get(mask)!.isSaturated);
  return {
    method,
    simulations: mixtures.size,
    factors,
    latency: target(replicated((outcome) => outcome.percentiles[judged])),
    compute: target(replicated((outcome) => cpuSeconds(outcome) + outcome.acceleratorS)),
    price: target(price, true),
    saturated: saturated.map((mask) => `A with ${fieldsIn(factors, mask).join(', ')} of B`),
  };
}

interface Attributing {
  method: Design['method'];
  count: number;
  values: (mask: number) => Replicated;
  level: number;
  /** Not sampled: its interval has no width. */
  isExact: boolean;
}

function attributed({ method, count, values, level, isExact }: Attributing): AttributedTarget {
  const all = 2 ** count - 1;
  const known = new Map<number, Replicated>();
  const at = (mask: number) => {
    const value = known.get(mask) ?? values(mask);
    known.set(mask, value);
    return value;
  };
  const certain = ({ nominal: [mean] }: Replicated): Interval => ({ mean, low: mean, high: mean });
  const size = Math.max(...[...known.keys(), 0, all].map((mask) => Math.abs(at(mask).nominal[0])));
  const shown = (value: Replicated) =>
    withoutRounding(isExact ? certain(value) : signedEstimate(value, level), size);
  const whole = pairwise((b, a) => b - a, at(all), at(0));
  const total = shown(whole);
  const contributions = Array.from({ length: count }, (_, factor) =>
    contribution(weightsOf(method, count, factor), at),
  );
  const isTold = significance(total).significant ?? total.mean !== 0;
  const parts = contributions.map(shown).map((difference) => ({
    difference,
    ...(isTold && { share: difference.mean / total.mean }),
  }));
  if (method !== 'two-orders') return { total, parts };
  const rest = pairwise(
    (sum, ...each) => each.reduce((left, part) => left - part, sum),
    whole,
    ...contributions,
  );
  return { total, parts, interaction: shown(rest) };
}

/** Weighted mean of what changing a factor does, over the sets of factors that were changed before it. */
function contribution(weights: ReadonlyMap<number, number>, at: (mask: number) => Replicated): Replicated {
  const masks = [...weights.keys()];
  return pairwise(
    (...values) => values.reduce((sum, value, index) => sum + value * weights.get(masks[index])!, 0),
    ...masks.map(at),
  );
}

/** Weight of the value at each set of factors: those with the factor count, those without it count against it. */
export function weightsOf(method: Design['method'], count: number, factor: number): Map<number, number> {
  const own = 2 ** factor;
  const others = allOf(Array.from({ length: count })) - own;
  const before =
    method === 'two-orders'
      ? [0, others]
      : Array.from({ length: 2 ** count }, (_, mask) => mask).filter((mask) => !(mask & own));
  const weights = new Map<number, number>();
  for (const mask of before) {
    const weight = method === 'two-orders' ? 1 / 2 : orders(bits(mask), count);
    weights.set(mask | own, weight);
    weights.set(mask, -weight);
  }
  return weights;
}

/** Share of all orders of `count` factors in which exactly a given set of `size` comes before a given factor. */
function orders(size: number, count: number): number {
  return (factorial(size) * factorial(count - size - 1)) / factorial(count);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function bits(mask: number): number {
  return mask === 0 ? 0 : (mask & 1) + bits(mask >>> 1);
}
