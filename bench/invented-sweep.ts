import { RandomStream } from '../foundation/random.ts';
import type { PointResult, SweepResult } from '../sim/sweep-result.ts';

const hosts = ['sc-large', 'sc-small', 'epyc-9755-2s'];

/** A sweep of so many points with two arms each, without any simulation. */
export function inventedSweep(points: number): SweepResult {
  return {
    name: 'invented',
    method: 'grid',
    product: 'rankfleet 0',
    key: 'k'.repeat(32),
    total: points,
    fields: [
      { field: 'load.arrivals.rate', column: 'rate_qps', type: 'DOUBLE', unit: 'QPS' },
      { field: 'fleet.main.host', column: 'host', type: 'VARCHAR' },
      { field: 'fleet.main.replicas', column: 'replicas', type: 'INTEGER' },
    ],
    judged: 'p99',
    money: 'usdPerHour',
    sla: { percentile: 'p99', limitS: 0.02 },
    points: Array.from({ length: points }, (_, index) => pointOf(index)),
  };
}

function pointOf(index: number): PointResult {
  const random = new RandomStream(index);
  const replicas = 1 + Math.floor(random.uniform() * 20);
  const rate = Math.round(1000 + 9000 * random.uniform());
  const rowOf = (arm: string, speed: number): PointResult['rows'][number] => {
    const usdPerHour = replicas * (arm === 'int8' ? 3.5 : 4.25) + random.uniform();
    const mean = (0.05 / Math.sqrt(usdPerHour)) * speed * (0.6 + random.uniform());
    const latency = (scale: number) => ({
      mean: mean * scale,
      low: mean * scale * 0.97,
      high: mean * scale * 1.03,
    });
    return {
      arm,
      verdict: 'STABLE',
      reason: '',
      dominated: false,
      replications: 3,
      latencyS: {
        mean: latency(0.5),
        p50: latency(0.4),
        p90: latency(0.8),
        p95: latency(0.9),
        p99: latency(1),
        'p99.9': latency(1.3),
      },
      busiest: { where: 'cores of main', utilisation: { mean: random.uniform() * 0.9 } },
      slaMet: mean * 1.03 <= 0.02 ? 'yes' : mean * 0.97 > 0.02 ? 'no' : 'uncertain',
      mainHosts: replicas,
      usdPerHour,
      powerW: replicas * 200,
      evidence: { measured: 0.25, assumed: 0.75 },
    };
  };
  return {
    index,
    key: `p${index}`,
    values: [`${rate} QPS`, hosts[index % 3], replicas],
    rows: [rowOf('fp32', 1.2), rowOf('int8', 1)],
  };
}
