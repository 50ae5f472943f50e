import type { RandomStream } from '../../foundation/random.ts';
import type { CandidatesSpec } from '../../scenarios/load-schema.ts';

/** Draws the candidates of one request: a whole number of at least 1. */
export type CandidateSampler = (random: RandomStream) => number;

/** A sampler for a specified distribution; values are rounded and cut to [1, max]. */
export function candidateSampler(spec: CandidatesSpec): CandidateSampler {
  switch (spec.kind) {
    case 'fixed':
      return () => spec.value;
    case 'lognormal':
      return (random) => within(spec.median * Math.exp(spec.sigma * random.normal()), spec.max);
    case 'normal':
      return (random) => within(spec.mean + spec.standard_deviation * random.normal(), spec.max);
    case 'pareto':
      return (random) => within(spec.min * random.uniform() ** (-1 / spec.shape), spec.max);
    case 'uniform':
      return (random) => spec.min + random.below(spec.max - spec.min + 1);
    case 'choices':
      return choiceSampler(spec.values, spec.weights ?? spec.values.map(() => 1));
  }
}

/** The most candidates that a request of this distribution can have. */
export function maxCandidates(spec: CandidatesSpec): number {
  if (spec.kind === 'fixed') return spec.value;
  return spec.kind === 'choices' ? Math.max(...spec.values) : spec.max;
}

function choiceSampler(values: number[], weights: number[]): CandidateSampler {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const cumulative = weights.map((weight) => {
    sum += weight;
    return sum / total;
  });
  return (random) => {
    const u = random.uniform();
    const index = cumulative.findIndex((limit) => u < limit);
    return values[index < 0 ? values.length - 1 : index];
  };
}

function within(value: number, max: number): number {
  return Math.min(Math.max(Math.round(value), 1), max);
}
