import type { ArmResult, Interval, Measured, Result } from '../../../sim/result.ts';
import { components } from '../../../sim/serving/components.ts';

/** A mean with bounds a tenth around it. */
export function around(mean: number, spread = 0.1): Interval {
  const [low, high] = [mean * (1 - spread), mean * (1 + spread)];
  return { mean, low: Math.min(low, high), high: Math.max(low, high) };
}

type Parts = Measured['breakdownS']['typical'];

/** Seconds of the named components, none of the others. */
export function partsOf(some: Partial<Parts>): Parts {
  return { ...(Object.fromEntries(components.map((name) => [name, 0])) as Parts), ...some };
}

/** Figures of an arm whose median is `medianS`; p90 is twice, p99 four times, p99.9 eight times as long. */
export function measuredOf(medianS: number, rho = 0.5): Measured {
  const probability = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1];
  const factors = [0.5, 0.8, 1, 1.5, 2, 3, 4, 8, 9, 10];
  return {
    requests: 1000,
    replications: 3,
    events: 10_000,
    latencyS: {
      mean: around(1.3 * medianS),
      max: 10 * medianS,
      p50: around(medianS),
      p90: around(2 * medianS),
      p95: around(3 * medianS),
      p99: { ...around(4 * medianS), cost: 0.05 * medianS },
      'p99.9': around(8 * medianS),
    },
    breakdownS: {
      typical: partsOf({ dense: 0.6 * medianS, network: 0.3 * medianS, sparse: 0.1 * medianS }),
      tail: partsOf({ dense: medianS, queue: 3 * medianS, network: medianS }),
    },
    computeS: {
      cpu: around(medianS),
      mainCpu: around(medianS),
      shardCpu: around(0),
      accelerator: around(0),
      byComponent: partsOf({ dense: medianS }),
    },
    rpcsPerRequest: around(2),
    networkBytesPerRequest: around(1e5),
    utilisation: [{ group: 'main', resource: 'cores', mean: around(rho), busiest: rho }],
    throughputPerS: around(100),
    curve: { probability, latencyS: factors.map((factor) => factor * medianS) },
  };
}

/** An arm that met its SLA, on one main host and a sparse host for each shard. */
export function armOf(name: string, medianS: number, changes: Partial<ArmResult> = {}): ArmResult {
  return {
    name,
    verdict: { state: 'STABLE', reason: 'steady' },
    measured: measuredOf(medianS),
    shards: [],
    fleet: {
      mainHost: 'large',
      mainHosts: 1,
      sparseHost: 'small',
      sparseHosts: 0,
      dramBytes: 1e12,
      tableBytes: 1e11,
      pricePerHourUsd: 3.5,
    },
    evidence: {
      figures: { assumed: 3, datasheet: 2 },
      typicalTime: { assumed: 0.75, fitted: 0.25 },
      tailTime: { assumed: 1 },
    },
    ...changes,
  };
}

/** An arm that was never simulated. */
export function misfit(name: string): ArmResult {
  const { measured: _, ...rest } = armOf(name, 1);
  return {
    ...rest,
    verdict: { state: 'DOES NOT FIT', reason: 'the tables do not fit' },
    evidence: { figures: {} },
  };
}

export function saturated(name: string, medianS: number): ArmResult {
  return armOf(name, medianS, { verdict: { state: 'SATURATED', reason: 'more is asked than there is' } });
}

export function shardOf(sizeBytes: number): ArmResult['shards'][number] {
  return {
    sizeBytes,
    tables: 8,
    lookupsPerCandidate: sizeBytes,
    lookupsPerUser: 20,
    replicas: 1,
    busyS: around(1e-3),
    bounding: 0.5,
  };
}

export const sla = { percentile: 'p99', limitS: 0.06 } as const;

export function resultOf(arms: ArmResult[], changes: Partial<Result['scenario']> = {}): Result {
  return {
    format: 'rankfleet-result',
    version: 1,
    fingerprint: { product: 'rankfleet', inputHash: '0', seed: 1 },
    scenario: {
      name: 'test',
      question: 'Which?',
      baseline: arms[0]?.name ?? '',
      replications: 3,
      confidence: 0.95,
      models: {},
      hosts: {},
      networks: {},
      arms: [],
      ...changes,
    },
    defaults: [],
    arms,
  };
}
