import { RandomStream } from '../../foundation/random.ts';
import type { EmbeddingTable } from '../../models/model.ts';
import { normalQuantile } from '../statistics/student.ts';

/** Entries of a quantile table; drawing is one array read. */
export const quantileCount = 256;

/** The mean and variance of a present feature's lookups, and its inverse distribution by equal steps of u. */
export interface PoolingLaw {
  mean: number;
  variance: number;
  quantiles: Float64Array;
}

const laws = new Map<string, PoolingLaw>();

/** Quantiles of the standard normal at the middle of each step. */
export const standardNormal = Float64Array.from({ length: quantileCount }, (_, i) =>
  normalQuantile((i + 0.5) / quantileCount),
);

/**
 * Law of the lookups of one present feature value. Tables with the same law share it. The quantiles are scaled
 * so that their average is the pooling factor exactly.
 */
export function poolingLaw(table: EmbeddingTable, scale: number): PoolingLaw {
  const { poolingDistribution: distribution } = table;
  const mean = table.poolingFactor * scale;
  const variation = 'coefficientOfVariation' in distribution ? distribution.coefficientOfVariation : 0;
  const id = `${distribution.kind} ${mean} ${variation}`;
  let law = laws.get(id);
  if (!law) {
    law = tabulate(distribution.kind, mean, variation);
    laws.set(id, law);
  }
  return law;
}

function tabulate(
  kind: EmbeddingTable['poolingDistribution']['kind'],
  mean: number,
  variation: number,
): PoolingLaw {
  const quantiles = new Float64Array(quantileCount);
  const at = inverseOf(kind, mean, variation);
  for (let i = 0; i < quantileCount; i++) quantiles[i] = at((i + 0.5) / quantileCount, i);
  const average = quantiles.reduce((sum, value) => sum + value, 0) / quantileCount;
  // Where lookups are so rare that no quantile sees one, the last stands for all of them.
  if (average === 0) quantiles[quantileCount - 1] = mean * quantileCount;
  else for (let i = 0; i < quantileCount; i++) quantiles[i] *= mean / average;
  const variance = quantiles.reduce((sum, value) => sum + (value - mean) ** 2, 0) / quantileCount;
  return { mean, variance, quantiles };
}

type Inverse = (u: number, step: number) => number;

function inverseOf(
  kind: EmbeddingTable['poolingDistribution']['kind'],
  mean: number,
  variation: number,
): Inverse {
  switch (kind) {
    case 'fixed':
      return () => mean;
    case 'poisson':
      return poissonInverse(mean);
    case 'geometric': {
      // On 1, 2, ... with the given mean (at least 1): the number of values of a multi-valued feature.
      const stop = 1 / Math.max(mean, 1);
      return (u) => (stop >= 1 ? mean : Math.max(1, Math.ceil(Math.log1p(-u) / Math.log1p(-stop))));
    }
    case 'lognormal': {
      const sigma = Math.sqrt(Math.log1p(variation ** 2));
      return (_, step) => mean * Math.exp(sigma * standardNormal[step] - sigma ** 2 / 2);
    }
    case 'gamma':
      return gammaInverse(mean, variation);
  }
}

/** Counts up from 0 while the distribution function is below u; u must ascend. Normal above a mean of 500. */
function poissonInverse(mean: number): Inverse {
  if (mean > 500) return (_, step) => Math.max(0, Math.round(mean + Math.sqrt(mean) * standardNormal[step]));
  let count = 0;
  let probability = Math.exp(-mean);
  let cumulative = probability;
  return (u) => {
    while (cumulative < u && probability > 0) {
      probability *= mean / ++count;
      cumulative += probability;
    }
    return count;
  };
}

/** Draws behind each tabulated quantile of a gamma law. */
const drawsPerQuantile = 64;

/**
 * Gamma by its empirical quantiles: means of equal groups of sorted draws. Exact enough for any variation, where
 * closed approximations fail once most of the mass lies near zero.
 */
function gammaInverse(mean: number, variation: number): Inverse {
  if (variation === 0) return () => mean;
  const random = new RandomStream(Math.round(variation * 1e6));
  const draws = Float64Array.from({ length: quantileCount * drawsPerQuantile }, () =>
    random.gamma(variation ** -2),
  ).sort();
  return (_, step) => {
    const group = draws.subarray(step * drawsPerQuantile, (step + 1) * drawsPerQuantile);
    return (mean * group.reduce((sum, draw) => sum + draw, 0)) / drawsPerQuantile;
  };
}
