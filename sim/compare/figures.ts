import type { ArmResult, Interval, PerReplication, Samples } from '../result.ts';
import { busiestResource } from '../samples.ts';
import type { Replicated } from '../statistics/paired.ts';
import type { ComparedFigure } from './comparison-result.ts';

/** One figure of an arm: how it is read, and how it is told from the figures of one replication. */
export interface FigureKind extends Pick<ComparedFigure, 'key' | 'title' | 'unit' | 'group'> {
  /** Undefined where an arm has none; a mean without bounds where it has no interval. */
  of(arm: ArmResult): Interval | undefined;
  /** Its value in one replication; absent for what is not sampled. */
  sampled?: (samples: Samples, replication: number, arm: ArmResult) => number;
}

const latency = (key: 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'p99.9'): FigureKind => ({
  key,
  title: key === 'mean' ? 'mean latency' : key,
  unit: 's',
  group: 'latency',
  of: ({ measured }) => measured?.latencyS[key],
  sampled: (samples, replication) => samples[key][replication],
});

const exact = (
  key: string,
  title: string,
  unit: ComparedFigure['unit'],
  value: (arm: ArmResult) => number | undefined,
): FigureKind => ({
  key,
  title,
  unit,
  group: 'fleet',
  of: (arm) => {
    const mean = value(arm);
    return mean === undefined ? undefined : { mean };
  },
});

/** Everything that is compared, in the order in which it is shown. */
export const figureKinds: readonly FigureKind[] = [
  {
    key: 'rho',
    title: 'ρ, busiest',
    unit: 'share',
    group: 'latency',
    of: ({ measured }) => {
      const busiest = measured?.utilisation[busiestResource(measured.utilisation)];
      return busiest && (busiest.offered ?? busiest.mean);
    },
    sampled: ({ rho }, replication) => rho[replication],
  },
  ...(['p50', 'p90', 'p95', 'p99', 'p99.9', 'mean'] as const).map(latency),
  {
    key: 'throughputPerS',
    title: 'throughput',
    unit: '1/s',
    group: 'latency',
    of: ({ measured }) => measured?.throughputPerS,
    sampled: ({ throughputPerS }, replication) => throughputPerS[replication],
  },
  {
    key: 'cpuS',
    title: 'CPU',
    unit: 's',
    group: 'compute',
    of: ({ measured }) => measured?.computeS.cpu,
    sampled: ({ mainCpuS, shardCpuS }, replication) => mainCpuS[replication] + shardCpuS[replication],
  },
  {
    key: 'mainCpuS',
    title: '… of main hosts',
    unit: 's',
    group: 'compute',
    of: ({ measured }) => measured?.computeS.mainCpu,
    sampled: ({ mainCpuS }, replication) => mainCpuS[replication],
  },
  {
    key: 'shardCpuS',
    title: '… of sparse hosts',
    unit: 's',
    group: 'compute',
    of: ({ measured }) => measured?.computeS.shardCpu,
    sampled: ({ shardCpuS }, replication) => shardCpuS[replication],
  },
  {
    key: 'acceleratorS',
    title: 'accelerators',
    unit: 's',
    group: 'compute',
    of: ({ measured }) => measured?.computeS.accelerator,
    sampled: ({ acceleratorS }, replication) => acceleratorS[replication],
  },
  {
    key: 'rpcs',
    title: 'RPCs',
    unit: 'count',
    group: 'compute',
    of: ({ measured }) => measured?.rpcsPerRequest,
    sampled: ({ rpcs }, replication) => rpcs[replication],
  },
  {
    key: 'networkBytes',
    title: 'network',
    unit: 'B',
    group: 'compute',
    of: ({ measured }) => measured?.networkBytesPerRequest,
    sampled: ({ networkBytes }, replication) => networkBytes[replication],
  },
  exact('mainHosts', 'main hosts', 'count', ({ fleet }) => fleet.mainHosts),
  exact('sparseHosts', 'sparse hosts', 'count', ({ fleet }) => fleet.sparseHosts),
  exact(
    'hosts',
    'hosts',
    'count',
    ({ fleet }) => fleet.mainHosts + fleet.sparseHosts + (fleet.preprocessingHosts ?? 0),
  ),
  exact('tableBytes', 'tables, all hosts', 'B', ({ fleet }) => fleet.tableBytes),
  exact('hostTableBytes', 'tables, fullest host', 'B', fullestHost),
  exact('acceleratorTableBytes', 'tables, fullest accelerator', 'B', ({ accelerator }) =>
    accelerator && accelerator.tables !== 'host' ? Math.max(0, ...accelerator.tableBytes) : undefined,
  ),
  exact('dramBytes', 'DRAM, all hosts', 'B', ({ fleet }) => fleet.dramBytes),
  exact('usdPerHour', 'price', 'USD/h', ({ fleet }) => fleet.pricePerHourUsd),
  exact('usdPerMillionRequests', 'a million requests', 'USD', ({ fleet }) => fleet.usdPerMillionRequests),
  {
    key: 'powerW',
    title: 'power',
    unit: 'W',
    group: 'fleet',
    of: ({ fleet }) => (fleet.powerW === undefined ? undefined : { mean: fleet.powerW }),
    sampled: ({ powerW }, replication) => powerW[replication],
  },
  {
    key: 'requestsPerJ',
    title: 'requests per joule',
    unit: '1/J',
    group: 'fleet',
    of: ({ fleet, measured, offeredPerS }) =>
      fleet.powerW && measured
        ? { mean: (offeredPerS ?? measured.throughputPerS.mean) / fleet.powerW }
        : undefined,
    sampled: ({ powerW, throughputPerS }, replication, { offeredPerS }) =>
      (offeredPerS ?? throughputPerS[replication]) / powerW[replication],
  },
];

/** Bytes of tables on the host that has most of them: the largest shard, or the main host that keeps them itself. */
function fullestHost({ shards, fleet }: ArmResult): number {
  if (shards.length > 0) return Math.max(...shards.map(({ sizeBytes }) => sizeBytes));
  return fleet.tableBytes / fleet.mainHosts;
}

/** A figure in every replication. @param kind one that is sampled */
export function replicatedFigure(
  { sampled }: FigureKind,
  { nominal, perturbed }: PerReplication,
  arm: ArmResult,
): Replicated {
  const values = (samples: Samples | undefined) =>
    (samples?.p50 ?? []).map((_, replication) => sampled!(samples!, replication, arm));
  return { nominal: values(nominal), perturbed: values(perturbed) };
}
