import type { ComparedFigure, ComparedPair, Comparison } from '../../../sim/compare/comparison-result.ts';
import { around } from './results.ts';

export function figureOf(title: string, changes: Partial<ComparedFigure> = {}): ComparedFigure {
  return {
    key: title,
    title,
    unit: 's',
    group: 'latency',
    a: around(0.01),
    b: around(0.012),
    sampled: true,
    difference: { mean: 0.002, low: 0.001, high: 0.003 },
    relative: { mean: 0.2, low: 0.1, high: 0.3 },
    significant: true,
    ...changes,
  };
}

/** B is 4 ms slower: 6 ms more in a queue and 2 ms less in dense operators. */
export function pairOf(changes: Partial<ComparedPair> = {}): ComparedPair {
  const part = (component: 'queue' | 'dense', aS: number, bS: number, share: number) => ({
    component,
    aS,
    bS,
    differenceS: { mean: bS - aS, low: bS - aS - 0.001, high: bS - aS + 0.001 },
    share,
  });
  const stack = {
    aS: 0.02,
    bS: 0.024,
    differenceS: { mean: 0.004, low: 0.003, high: 0.005 },
    parts: [part('queue', 0.01, 0.016, 1.5), part('dense', 0.01, 0.008, -0.5)],
  };
  const arm = (name: string) => ({ name, verdict: { state: 'STABLE', reason: '' } });
  return {
    a: arm('old'),
    b: arm('new'),
    paired: true,
    inputs: [{ path: 'sharding.shards', a: '4', b: '8', details: [] }],
    figures: [
      figureOf('p99'),
      figureOf('price', { unit: 'USD/h', group: 'fleet', relative: { mean: 8, low: 8, high: 8 } }),
    ],
    breakdown: { typical: stack, tail: stack },
    ...changes,
  };
}

export function comparisonOf(pairs: ComparedPair[]): Comparison {
  const side = {
    kind: 'result' as const,
    source: 'x',
    scenario: 's',
    product: 'rankfleet',
    inputHash: '0',
    seed: 1,
    replications: 3,
  };
  return {
    format: 'rankfleet-comparison',
    version: 1,
    product: 'rankfleet',
    confidence: 0.95,
    judged: 'p99',
    a: side,
    b: side,
    warnings: [],
    unmatched: { a: [], b: [] },
    pairs,
  };
}

/** Two fields: shards explain three quarters of 4 ms, workers the rest. */
export function attributionOf(): NonNullable<ComparedPair['attribution']> {
  const target = (total: number) => ({
    total: around(total),
    parts: [
      { difference: around(0.25 * total), share: 0.25 },
      { difference: around(0.75 * total), share: 0.75 },
    ],
  });
  return {
    method: 'shapley',
    simulations: 2,
    factors: [{ fields: ['fleet.main.workers'] }, { fields: ['sharding.shards'] }],
    latency: target(0.004),
    compute: target(0.001),
    price: target(-8),
    saturated: [],
  };
}
