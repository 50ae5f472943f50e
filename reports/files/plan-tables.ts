import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../foundation/data-table.ts';
import { evidenceLevels } from '../../foundation/evidence.ts';
import { columnOf } from '../../sim/columns-of-result.ts';
import type { Alternative, PlanResult } from '../../sim/fleet/plan-result.ts';
import { percentileSchema } from '../../sim/result.ts';
import { dayTables } from './day-tables.ts';
import { growthTables } from './growth-tables.ts';
import { defaultsTable, type Makers, originColumns } from './makers.ts';
import { mixTables } from './mix-tables.ts';
import { sensitivityTables } from './sensitivity-tables.ts';

/** Tables of a plan; those of a single model and those of several exclude each other. */
export const planTables: Makers<PlanResult> = {
  alternatives: alternativesTable,
  pairs: ({ mix }) => mix && mixTables.pairs(mix),
  tiers: tiersTable,
  states: statesTable,
  utilisation: utilisationTable,
  curve: curveTable,
  headroom: headroomTable,
  frontier: frontierTable,
  workloads: ({ mix }) => mix && mixTables.workloads(mix),
  stock: ({ mix }) => mix && mixTables.stock(mix),
  rules: ({ mix }) => mix && mixTables.rules(mix),
  sensitivity: ({ sensitivity }) => sensitivity && sensitivityTables.sensitivity(sensitivity),
  relief: ({ sensitivity }) => sensitivity && sensitivityTables.relief(sensitivity),
  ...ofSection(growthTables, ({ growth }) => growth),
  ...ofSection(dayTables, ({ day }) => day),
  relaxations: relaxationsTable,
  defaults: defaultsTable,
};

/** Makers of tables of a section, for plans that have it. */
function ofSection<Section>(
  makers: Record<string, (section: Section) => DataTable>,
  of: (plan: PlanResult) => Section | undefined,
): Makers<PlanResult> {
  return Object.fromEntries(
    Object.entries(makers).map(([name, make]) => [
      name,
      (plan: PlanResult) => {
        const section = of(plan);
        return section && make(section);
      },
    ]),
  );
}

const percentiles = percentileSchema.options;

function alternativesTable(plan: PlanResult): DataTable | undefined {
  const { alternatives, scenario, best, mix } = plan;
  if (mix) return undefined;
  return dataTable(alternatives, [
    textColumn('alternative', ({ name }) => name),
    textColumn('state', ({ state }) => state),
    flagColumn('is_best', ({ name }) => name === best),
    wholeColumn('hosts', ({ fleet }) => fleet?.hosts),
    wholeColumn('regions', ({ fleet }) => fleet?.regions),
    numberColumn('usd_per_hour', ({ money }) => money?.usdPerHour),
    numberColumn('usd_per_month', ({ money }) => money?.usdPerMonth),
    numberColumn('usd_per_million_requests', ({ money }) => money?.usdPerMillionRequests),
    numberColumn('power_w', ({ power }) => power?.watts),
    numberColumn('requests_per_joule', ({ power }) => power?.requestsPerJoule),
    percentiles.flatMap((name) =>
      intervalColumns<Alternative>(columnOf(name), '_s', ({ states: [normal] }) => normal?.latencyS[name]),
    ),
    textColumn('busiest', ({ states: [normal] }) => placeOf(normal?.utilisation[0])),
    numberColumn('rho', ({ states: [normal] }) => normal?.utilisation[0]?.offered),
    textColumn('sla_met', ({ states: [normal] }) => normal?.met),
    intervalColumns('capacity', '_per_s', ({ capacity }) => capacity?.ratePerS),
    textColumn('capacity_limited_by', ({ capacity }) => capacity?.limitedBy),
    numberColumn('unloaded_s', ({ capacity }) => capacity?.unloadedS),
    wholeColumn('replications_run', ({ capacity }) => capacity?.replications),
    textColumn('bottleneck', ({ bottleneck }) => placeOf(bottleneck)),
    numberColumn('rho_at_headroom', ({ bottleneck }) => bottleneck?.offered),
    numberColumn('free_rate_share', ({ headroom }) => headroom?.rate),
    textColumn('refresh', ({ fleet }) => fleet?.refresh?.mode),
    numberColumn('refresh_load_s', ({ fleet }) => fleet?.refresh?.loadS),
    wholeColumn('refresh_extra_hosts', ({ fleet }) => fleet?.refresh?.extraHosts),
    numberColumn('target_per_s', () => scenario.targetPerS),
    textColumn('sla_percentile', () => scenario.sla?.percentile),
    numberColumn('sla_limit_s', () => scenario.sla?.limitS),
    evidenceLevels.map((level) =>
      numberColumn<Alternative>(`evidence_${level}`, ({ evidence }) => evidence && (evidence[level] ?? 0)),
    ),
    textColumn('reason', ({ reason }) => reason),
    originColumns(plan),
  ]);
}

function placeOf(use: { group: string; resource: string } | undefined): string | undefined {
  return use && `${use.resource} of ${use.group}`;
}

/** Hosts by role. Roles of several groups with as many hosts each stand in a row for each group. */
function tiersTable({ alternatives, mix }: PlanResult): DataTable {
  const own = alternatives.flatMap(({ name, workload, fleet }) =>
    (fleet?.tiers ?? []).map(({ group, host, needed, total }) => ({
      alternative: name,
      workload,
      group,
      host,
      needed,
      total,
    })),
  );
  const ofShares = (mix?.shares ?? []).flatMap(({ workload, alternative, tiers }) =>
    tiers.map(({ groups, host, hosts }) => ({
      alternative,
      workload,
      group: groups.join(', '),
      host,
      needed: undefined,
      total: hosts,
    })),
  );
  return dataTable(
    [...own, ...ofShares],
    [
      textColumn('workload', ({ workload }) => workload),
      textColumn('alternative', ({ alternative }) => alternative),
      textColumn('host_group', ({ group }) => group),
      textColumn('host', ({ host }) => host),
      wholeColumn('needed', ({ needed }) => needed),
      wholeColumn('total', ({ total }) => total),
    ],
  );
}

/** The simulations that prove fleets and shares. */
function statesTable({ alternatives, mix, scenario }: PlanResult): DataTable {
  const own = alternatives.flatMap(({ name, workload, states }) =>
    states.map((each) => ({
      ...each,
      alternative: name,
      workload,
      judged: scenario.sla,
      latencyS: scenario.sla && each.latencyS[scenario.sla.percentile],
      all: each.latencyS,
      busiest: each.utilisation[0],
      serving: each.hosts.reduce((sum, { serving }) => sum + serving, 0),
    })),
  );
  const ofShares = (mix?.shares ?? []).flatMap(({ workload, alternative, states }) =>
    states.map((each) => ({
      ...each,
      alternative,
      workload,
      judged: mix!.workloads.find(({ name }) => name === workload)?.sla,
      all: undefined,
      verdict: undefined,
      serving: undefined,
    })),
  );
  return dataTable(
    [...own, ...ofShares],
    [
      textColumn('workload', ({ workload }) => workload),
      textColumn('alternative', ({ alternative }) => alternative),
      textColumn('state', ({ state }) => state),
      numberColumn('rate_per_s', ({ ratePerS }) => ratePerS),
      wholeColumn('hosts_serving', ({ serving }) => serving),
      wholeColumn('slice_of', ({ sliceOf }) => sliceOf),
      textColumn('sla_percentile', ({ judged }) => judged?.percentile),
      numberColumn('sla_limit_s', ({ judged }) => judged?.limitS),
      intervalColumns('latency', '_s', ({ latencyS }) => latencyS),
      textColumn('sla_met', ({ met }) => met),
      textColumn('verdict', ({ verdict }) => verdict),
      textColumn('busiest', ({ busiest }) => placeOf(busiest)),
      numberColumn('rho', ({ busiest }) => busiest?.offered),
      percentiles.flatMap((name) =>
        intervalColumns<(typeof own)[number] | (typeof ofShares)[number]>(
          columnOf(name),
          '_s',
          ({ all }) => all?.[name],
        ),
      ),
    ],
  );
}

function utilisationTable({ alternatives, mix }: PlanResult): DataTable | undefined {
  if (mix) return undefined;
  const items = alternatives.flatMap(({ name, states, capacity }) => [
    ...states.flatMap(({ state, utilisation }) => utilisation.map((use) => ({ name, state, ...use }))),
    ...(capacity?.utilisation ?? []).map((use) => ({ name, state: 'at capacity', ...use })),
  ]);
  return dataTable(items, [
    textColumn('alternative', ({ name }) => name),
    textColumn('state', ({ state }) => state),
    textColumn('host_group', ({ group }) => group),
    textColumn('resource', ({ resource }) => resource),
    numberColumn('offered', ({ offered }) => offered),
  ]);
}

/** The judged percentile over load, of one replica set. */
function curveTable({ alternatives, mix }: PlanResult): DataTable | undefined {
  if (mix) return undefined;
  const items = alternatives.flatMap(({ name, capacity }) =>
    (capacity?.curve ?? []).map((point) => ({ name, ...point })),
  );
  return dataTable(items, [
    textColumn('alternative', ({ name }) => name),
    numberColumn('rate_per_s', ({ ratePerS }) => ratePerS),
    numberColumn('latency_s', ({ latencyS }) => latencyS),
  ]);
}

function headroomTable({ alternatives, mix }: PlanResult): DataTable | undefined {
  if (mix) return undefined;
  const items = alternatives.flatMap(({ name, headroom }) => [
    ...(headroom?.memory ?? []).map(({ group, kind, usedBytes, capacityBytes }) => ({
      name,
      group,
      what: kind,
      usedBytes,
      capacityBytes,
      free: 1 - usedBytes / capacityBytes,
    })),
    ...(headroom?.nic ?? []).map(({ group, free }) => ({
      name,
      group,
      what: 'NIC',
      usedBytes: undefined,
      capacityBytes: undefined,
      free,
    })),
  ]);
  return dataTable(items, [
    textColumn('alternative', ({ name }) => name),
    textColumn('host_group', ({ group }) => group),
    textColumn('what', ({ what }) => what),
    numberColumn('free_share', ({ free }) => free),
    numberColumn('used_bytes', ({ usedBytes }) => usedBytes),
    numberColumn('capacity_bytes', ({ capacityBytes }) => capacityBytes),
  ]);
}

function frontierTable({ frontier, mix }: PlanResult): DataTable | undefined {
  if (mix) return undefined;
  return dataTable(frontier, [
    textColumn('alternative', ({ alternative }) => alternative),
    numberColumn('oversize', ({ oversize }) => oversize),
    numberColumn('usd_per_hour', ({ usdPerHour }) => usdPerHour),
    intervalColumns('latency', '_s', ({ latencyS }) => latencyS),
    numberColumn('power_w', ({ watts }) => watts),
    flagColumn('is_efficient', ({ isEfficient }) => isEfficient),
  ]);
}

/** What would make an infeasible fleet, mix or growth possible. */
function relaxationsTable({ relaxations, mix, growth }: PlanResult): DataTable {
  const items = [
    ...relaxations.map((each) => ({ part: 'fleet', ...each })),
    ...(mix?.relaxations ?? []).map((each) => ({ part: 'mix', alternative: undefined, ...each })),
    ...(growth?.relaxations ?? []).map((each) => ({ part: 'growth', alternative: undefined, ...each })),
  ];
  return dataTable(items, [
    textColumn('part', ({ part }) => part),
    textColumn('field', ({ constraint }) => constraint),
    textColumn('asked', ({ from }) => from),
    textColumn('would_do', ({ to }) => to),
    textColumn('alternative', ({ alternative }) => alternative),
    textColumn('effect', ({ effect }) => effect),
  ]);
}
