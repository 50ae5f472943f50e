import type { CandidatesSpec } from '../../scenarios/load-schema.ts';
import { normalQuantile } from '../statistics/student.ts';

/** Candidates of a request, a whole number of at least 1, by inverse transform of u in (0, 1). */
export type CandidateLaw = (u: number) => number;

/** The law of a specified distribution; values are rounded and cut to [1, max]. */
export function candidateLaw(spec: CandidatesSpec): CandidateLaw {
  switch (spec.kind) {
    case 'fixed':
      return () => spec.value;
    case 'lognormal':
      return (u) => within(spec.median * Math.exp(spec.sigma * normalQuantile(u)), spec.max);
    case 'normal':
      return (u) => within(spec.mean + spec.standard_deviation * normalQuantile(u), spec.max);
    case 'pareto':
      return (u) => within(spec.min * (1 - u) ** (-1 / spec.shape), spec.max);
    case 'uniform':
      return (u) => spec.min + Math.floor(u * (spec.max - spec.min + 1));
    case 'choices':
      return choiceLaw(spec.values, spec.weights ?? spec.values.map(() => 1));
  }
}

function choiceLaw(values: number[], weights: number[]): CandidateLaw {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const cumulative = weights.map((weight) => {
    sum += weight;
    return sum / total;
  });
  return (u) => {
    const index = cumulative.findIndex((limit) => u < limit);
    return values[index < 0 ? values.length - 1 : index];
  };
}

function within(value: number, max: number): number {
  return Math.min(Math.max(Math.round(value), 1), max);
}
