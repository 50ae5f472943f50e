import {
  type DataColumn,
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../foundation/data-table.ts';
import { evidenceLevels } from '../../foundation/evidence.ts';
import { armColumns, columnOf } from '../../sim/columns-of-result.ts';
import {
  type ArmResult,
  embeddedComponents,
  type Measured,
  percentileSchema,
  type Result,
  type Samples,
} from '../../sim/result.ts';
import { armRow } from '../../sim/row-of-result.ts';
import { defaultsTable, type Makers, originColumns } from './makers.ts';
import { operatorTables } from './operator-tables.ts';

/** Tables of a result. */
export const resultTables: Makers<Result> = {
  arms: armsTable,
  percentiles: percentilesTable,
  curve: curveTable,
  breakdown: breakdownTable,
  compute: computeTable,
  utilisation: utilisationTable,
  shards: shardsTable,
  storage: storageTable,
  cache: cacheTable,
  evidence: evidenceTable,
  ...operatorTables,
  replications: replicationsTable,
  defaults: defaultsTable,
};

const percentiles = percentileSchema.options;

/** Of each item of a table, the arm that it belongs to. */
interface OfArm {
  arm: string;
}

const armColumn = <Item extends OfArm>(): DataColumn<Item> => textColumn('arm', ({ arm }) => arm);

/** One item for each thing that an arm has several of. */
function itemsOf<Item extends object>(
  { arms }: Result,
  of: (arm: ArmResult) => readonly Item[],
): (Item & OfArm)[] {
  return arms.flatMap((arm) => of(arm).map((item) => ({ ...item, arm: arm.name })));
}

function armsTable(result: Result): DataTable {
  const { arms, scenario } = result;
  const items = arms.map((arm) => ({ arm, row: armRow(arm) }));
  type Item = (typeof items)[number];
  const interval = (
    name: string,
    suffix: string,
    of: (measured: Measured) => Measured['throughputPerS'] | undefined,
  ) => intervalColumns<Item>(name, suffix, ({ arm }) => arm.measured && of(arm.measured));
  return dataTable(items, [
    ...armColumns<Item>(({ row }) => row),
    flagColumn('is_baseline', ({ arm }) => arm.name === scenario.baseline),
    ...[...percentiles, 'compute' as const].flatMap((name) =>
      interval(`${columnOf(name)}_over_baseline`, '', ({ overBaseline }) => overBaseline?.[name]),
    ),
    numberColumn('max_s', ({ arm }) => arm.measured?.latencyS.max),
    numberColumn('requests_measured', ({ arm }) => arm.measured?.requests),
    numberColumn('offered_per_s', ({ arm }) => arm.offeredPerS),
    textColumn('sla_percentile', ({ arm }) => arm.sla?.percentile),
    numberColumn('sla_limit_s', ({ arm }) => arm.sla?.limitS),
    interval('main_cpu', '_s_per_request', ({ computeS }) => computeS.mainCpu),
    interval('tier_cpu', '_s_per_request', ({ computeS }) => computeS.tierCpu),
    interval('shard_cpu', '_s_per_request', ({ computeS }) => computeS.shardCpu),
    interval('accelerator', '_s_per_request', ({ computeS }) => computeS.accelerator),
    interval('rpcs', '_per_request', ({ rpcsPerRequest }) => rpcsPerRequest),
    interval('network', '_bytes_per_request', ({ networkBytesPerRequest }) => networkBytesPerRequest),
    textColumn('main_host', ({ arm }) => arm.fleet.mainHost),
    textColumn('sparse_host', ({ arm }) => arm.fleet.sparseHost),
    textColumn('preprocessing_host', ({ arm }) => arm.fleet.preprocessingHost),
    wholeColumn('preprocessing_hosts', ({ arm }) => arm.fleet.preprocessingHosts),
    wholeColumn('shards', ({ arm }) => arm.shards.length),
    numberColumn('table_bytes', ({ arm }) => arm.fleet.tableBytes),
    numberColumn('dram_bytes', ({ arm }) => arm.fleet.dramBytes),
    ...originColumns<Item>(result),
  ]);
}

function percentilesTable(result: Result): DataTable {
  const items = itemsOf(result, ({ measured }) =>
    measured
      ? (['mean', ...percentiles] as const).map((statistic) => ({
          statistic,
          latencyS: measured.latencyS[statistic],
          overBaseline: statistic === 'mean' ? undefined : measured.overBaseline?.[statistic],
        }))
      : [],
  );
  return dataTable(items, [
    armColumn(),
    textColumn('statistic', ({ statistic }) => statistic),
    intervalColumns('latency', '_s', ({ latencyS }) => latencyS),
    numberColumn('cost_error_s', ({ latencyS }) => latencyS.cost),
    intervalColumns('over_baseline', '', ({ overBaseline }) => overBaseline),
  ]);
}

function curveTable(result: Result): DataTable {
  const items = itemsOf(result, ({ measured }) =>
    (measured?.curve.probability ?? []).map((probability, index) => ({
      probability,
      latencyS: measured!.curve.latencyS[index],
    })),
  );
  return dataTable(items, [
    armColumn(),
    numberColumn('probability', ({ probability }) => probability),
    numberColumn('latency_s', ({ latencyS }) => latencyS),
  ]);
}

/** What a part of a request's time is called, and whether the main shard sees it as one wait. */
const isEmbedded = (component: string) => (embeddedComponents as readonly string[]).includes(component);

function breakdownTable(result: Result): DataTable {
  const items = itemsOf(result, ({ measured }) =>
    (['typical', 'tail'] as const).flatMap((request) =>
      Object.entries(measured?.breakdownS[request] ?? {}).map(([component, timeS]) => ({
        request,
        component,
        timeS,
      })),
    ),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('request', ({ request }) => request),
    textColumn('component', ({ component }) => component),
    flagColumn('is_embedded', ({ component }) => isEmbedded(component)),
    numberColumn('time_s', ({ timeS }) => timeS),
  ]);
}

function computeTable(result: Result): DataTable {
  const items = itemsOf(result, ({ measured }) =>
    Object.entries(measured?.computeS.byComponent ?? {}).map(([component, cpuS]) => ({ component, cpuS })),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('component', ({ component }) => component),
    numberColumn('cpu_s_per_request', ({ cpuS }) => cpuS),
  ]);
}

function utilisationTable(result: Result): DataTable {
  return dataTable(
    itemsOf(result, ({ measured }) => measured?.utilisation ?? []),
    [
      armColumn(),
      textColumn('host_group', ({ group }) => group),
      textColumn('resource', ({ resource }) => resource),
      intervalColumns('utilisation', '', ({ mean }) => mean),
      numberColumn('utilisation_busiest', ({ busiest }) => busiest),
      intervalColumns('offered', '', ({ offered }) => offered),
    ],
  );
}

function shardsTable(result: Result): DataTable {
  return dataTable(
    itemsOf(result, ({ shards }) => shards.map((each, shard) => ({ ...each, shard }))),
    [
      armColumn(),
      wholeColumn('shard', ({ shard }) => shard),
      numberColumn('size_bytes', ({ sizeBytes }) => sizeBytes),
      wholeColumn('tables', ({ tables }) => tables),
      numberColumn('lookups_per_candidate', ({ lookupsPerCandidate }) => lookupsPerCandidate),
      numberColumn('lookups_per_user', ({ lookupsPerUser }) => lookupsPerUser),
      wholeColumn('replicas', ({ replicas }) => replicas),
      intervalColumns('busy', '_s_per_request', ({ busyS }) => busyS),
      numberColumn('bounding_share', ({ bounding }) => bounding),
    ],
  );
}

function storageTable(result: Result): DataTable {
  return dataTable(
    itemsOf(result, ({ tables }) => tables?.byType ?? []),
    [
      armColumn(),
      textColumn('data_type', ({ type }) => type),
      wholeColumn('tables', ({ tables }) => tables),
      numberColumn('bytes', ({ bytes }) => bytes),
    ],
  );
}

function cacheTable(result: Result): DataTable {
  const items = itemsOf(result, ({ accelerator }) => {
    const curve = accelerator?.cache?.curve;
    return (curve?.sizeBytes ?? []).map((sizeBytes, index) => ({
      sizeBytes,
      hitShare: curve!.hitShare[index],
    }));
  });
  return dataTable(items, [
    armColumn(),
    numberColumn('cache_bytes', ({ sizeBytes }) => sizeBytes),
    numberColumn('hit_share', ({ hitShare }) => hitShare),
  ]);
}

function evidenceTable(result: Result): DataTable {
  const items = itemsOf(result, ({ evidence: { figures, typicalTime, tailTime } }) =>
    evidenceLevels
      .filter((level) => figures[level] !== undefined || typicalTime?.[level] !== undefined)
      .map((level) => ({
        level,
        inputs: figures[level] ?? 0,
        typical: typicalTime && (typicalTime[level] ?? 0),
        tail: tailTime && (tailTime[level] ?? 0),
      })),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('evidence', ({ level }) => level),
    wholeColumn('inputs', ({ inputs }) => inputs),
    numberColumn('typical_time_share', ({ typical }) => typical),
    numberColumn('tail_time_share', ({ tail }) => tail),
  ]);
}

/** Figures of a replication, with the names of their columns. */
const sampled: [name: string, key: keyof Samples][] = [
  ...(['mean', ...percentiles] as const).map((key): [string, keyof Samples] => [`${columnOf(key)}_s`, key]),
  ['throughput_per_s', 'throughputPerS'],
  ['main_cpu_s_per_request', 'mainCpuS'],
  ['shard_cpu_s_per_request', 'shardCpuS'],
  ['accelerator_s_per_request', 'acceleratorS'],
  ['rpcs_per_request', 'rpcs'],
  ['network_bytes_per_request', 'networkBytes'],
  ['rho', 'rho'],
  ['power_w', 'powerW'],
];

function replicationsTable(result: Result): DataTable {
  const items = itemsOf(result, ({ measured }) =>
    (['nominal', 'perturbed'] as const).flatMap((costs) => {
      const samples = measured?.perReplication?.[costs];
      return (samples?.p50 ?? []).map((_, replication) => ({ costs, replication, samples: samples! }));
    }),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('costs', ({ costs }) => costs),
    wholeColumn('replication', ({ replication }) => replication),
    ...sampled.map(([name, key]) =>
      numberColumn<(typeof items)[number]>(name, ({ samples, replication }) => samples[key][replication]),
    ),
  ]);
}
