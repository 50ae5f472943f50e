import type { ArmRow } from '../../../sim/sweep-result.ts';
import type { FigureOf } from '../independent-pair.ts';

const latency = (key: 'p50' | 'p90' | 'p95' | 'p99' | 'p99.9' | 'mean'): FigureOf<ArmRow> => ({
  key,
  title: key === 'mean' ? 'mean latency' : key,
  unit: 's',
  group: 'latency',
  needsSteadyState: true,
  of: ({ latencyS }) => latencyS?.[key],
});

/** What two rows of a sweep are compared in. */
export const sweepFigures: readonly FigureOf<ArmRow>[] = [
  {
    key: 'rho',
    title: 'ρ, busiest',
    unit: 'share',
    group: 'latency',
    of: ({ busiest }) => busiest?.utilisation,
  },
  ...(['p50', 'p90', 'p95', 'p99', 'p99.9', 'mean'] as const).map(latency),
  {
    key: 'throughputPerS',
    title: 'throughput',
    unit: '1/s',
    group: 'latency',
    needsSteadyState: true,
    of: ({ throughputPerS }) => throughputPerS,
  },
  { key: 'cpuS', title: 'CPU', unit: 's', group: 'compute', of: ({ cpuSPerRequest }) => cpuSPerRequest },
  { key: 'mainHosts', title: 'main hosts', unit: 'count', group: 'fleet', of: ({ mainHosts }) => mainHosts },
  {
    key: 'sparseHosts',
    title: 'sparse hosts',
    unit: 'count',
    group: 'fleet',
    of: ({ sparseHosts }) => sparseHosts,
  },
  { key: 'usdPerHour', title: 'price', unit: 'USD/h', group: 'fleet', of: ({ usdPerHour }) => usdPerHour },
  {
    key: 'usdPerMillionRequests',
    title: 'a million requests',
    unit: 'USD',
    group: 'fleet',
    needsSteadyState: true,
    of: ({ usdPerMillionRequests }) => usdPerMillionRequests,
  },
  { key: 'powerW', title: 'power', unit: 'W', group: 'fleet', of: ({ powerW }) => powerW },
];
