import type { TableDefaults } from './schema-tables.ts';

/** What a table says about the number of its lookups. */
export type Lookups = Required<Pick<TableDefaults, 'pooling_factor'>> &
  Pick<TableDefaults, 'pooling_distribution'>;

/**
 * Lookups that the random data of facebookresearch/dlrm draws from a table (`generate_uniform_input_batch` of
 * dlrm_data_pytorch.py): round(max(1, r·m)) with r uniform in (0, 1) and m = min(rows, indices). That is 1 with
 * probability 3/(2m), m with 1/(2m) and every number between with 1/m, so that
 *
 *     mean           = (3/2 + Σ_{k=2}^{m−1} k + m/2) / m  = (m² + 1) / (2m)
 *     mean of square = (3/2 + Σ_{k=2}^{m−1} k² + m²/2) / m = m²/3 + 1/6 + 1/(2m)
 *
 * The spread is a gamma distribution of that mean and variance. The reference then drops indices drawn twice,
 * which is left out: it matters only where a table has few rows.
 */
export function randomLookups(rows: number, indices: number): Lookups {
  const m = Math.min(rows, indices);
  if (m === 1) return { pooling_factor: 1 };
  const mean = (m ** 2 + 1) / (2 * m);
  const meanSquare = m ** 2 / 3 + 1 / 6 + 1 / (2 * m);
  const coefficient_of_variation = Math.sqrt(meanSquare / mean ** 2 - 1);
  return { pooling_factor: mean, pooling_distribution: { kind: 'gamma', coefficient_of_variation } };
}
