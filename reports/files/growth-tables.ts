import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../foundation/data-table.ts';
import type { GrowthResult } from '../../sim/fleet/growth/growth-result.ts';

/** Tables of the growth of load and model over the quarters of a plan. */
export const growthTables = {
  growth: quartersTable,
  'growth-hosts': hostsTable,
  'growth-shares': sharesTable,
  'growth-capacity': capacityTable,
  'growth-orders': ordersTable,
  'growth-ways': waysTable,
  'growth-proofs': proofsTable,
};

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Demand and fleet by quarter; quarters count from 1, growth factors from 1 as today. */
function quartersTable({ demand, plan, presentFleet }: GrowthResult): DataTable {
  const items = demand.map((each, index) => ({
    ...each,
    bornePerS: presentFleet.capacityPerS[index],
    plan: plan.find(({ quarter }) => quarter === each.quarter),
  }));
  return dataTable(items, [
    wholeColumn('quarter', ({ quarter }) => quarter),
    numberColumn('demand_per_s', ({ ratePerS }) => ratePerS),
    numberColumn('table_bytes', ({ tableBytes }) => tableBytes),
    numberColumn('in_place_per_s', ({ bornePerS }) => bornePerS),
    wholeColumn('hosts', (each) => each.plan && sumOf(each.plan.hosts)),
    wholeColumn('hosts_at_work', (each) => each.plan && sumOf(each.plan.atWork)),
    numberColumn('usd_per_hour', (each) => each.plan?.usdPerHour),
    numberColumn('usd', (each) => each.plan?.usd),
    numberColumn('power_w', (each) => each.plan?.watts),
    numberColumn('unserved_per_s', (each) => each.plan?.unservedPerS),
    numberColumn('rate_factor', ({ factors }) => factors.rate),
    numberColumn('candidates_factor', ({ factors }) => factors.candidates),
    numberColumn('tables_factor', ({ factors }) => factors.tables),
    numberColumn('rows_factor', ({ factors }) => factors.rows),
    numberColumn('embedding_dim_factor', ({ factors }) => factors.embeddingDim),
    numberColumn('pooling_factor_factor', ({ factors }) => factors.pooling),
    numberColumn('dense_width_factor', ({ factors }) => factors.denseWidth),
  ]);
}

function hostsTable({ plan, hostTypes }: GrowthResult): DataTable {
  const items = plan.flatMap(({ quarter, hosts, atWork }) =>
    hostTypes.map((type) => ({
      ...type,
      quarter,
      hosts: hosts[type.host] ?? 0,
      atWork: atWork[type.host] ?? 0,
    })),
  );
  return dataTable(items, [
    wholeColumn('quarter', ({ quarter }) => quarter),
    textColumn('host', ({ host }) => host),
    wholeColumn('hosts', ({ hosts }) => hosts),
    wholeColumn('hosts_at_work', ({ atWork }) => atWork),
    numberColumn('usd_per_hour_each', ({ usdPerHour }) => usdPerHour),
    wholeColumn('owned_at_start', ({ owned }) => owned),
    wholeColumn('lead_quarters', ({ leadQuarters }) => leadQuarters),
    wholeColumn('first_order_quarter', ({ firstOrder }) => firstOrder),
  ]);
}

function sharesTable({ plan }: GrowthResult): DataTable {
  const items = plan.flatMap(({ quarter, shares }) =>
    shares.flatMap(({ alternative, share, hosts }) =>
      hosts.map((each) => ({ quarter, alternative, share, ...each })),
    ),
  );
  return dataTable(items, [
    wholeColumn('quarter', ({ quarter }) => quarter),
    textColumn('alternative', ({ alternative }) => alternative),
    numberColumn('share', ({ share }) => share),
    textColumn('host_group', ({ group }) => group),
    textColumn('host', ({ host }) => host),
    wholeColumn('hosts', ({ count }) => count),
  ]);
}

/** What a main host of each alternative bears in each quarter. */
function capacityTable({ alternatives }: GrowthResult): DataTable {
  const items = alternatives.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  return dataTable(items, [
    textColumn('alternative', ({ name }) => name),
    wholeColumn('quarter', ({ quarter }) => quarter),
    textColumn('state', ({ state }) => state),
    numberColumn('capacity_per_s', ({ ratePerS }) => ratePerS),
    flagColumn('is_simulated', ({ measured }) => measured),
    numberColumn('table_bytes', ({ tableBytes }) => tableBytes),
    wholeColumn('hosts_alone', ({ hosts }) => hosts && sumOf(hosts)),
    textColumn('reason', ({ reason }) => reason),
  ]);
}

function ordersTable({ orders, returns }: GrowthResult): DataTable {
  const items = [
    ...orders.map(({ ordered, delivered, host, count, usdToEnd }) => ({
      kind: 'order',
      quarter: ordered,
      delivered,
      host,
      count,
      usdToEnd,
    })),
    ...returns.map((each) => ({ kind: 'return', delivered: undefined, usdToEnd: undefined, ...each })),
  ];
  return dataTable(items, [
    textColumn('kind', ({ kind }) => kind),
    wholeColumn('quarter', ({ quarter }) => quarter),
    wholeColumn('delivered_quarter', ({ delivered }) => delivered),
    textColumn('host', ({ host }) => host),
    wholeColumn('hosts', ({ count }) => count),
    numberColumn('usd_to_end', ({ usdToEnd }) => usdToEnd),
  ]);
}

/** The plan beside simple ways to buy. */
function waysTable({ strategies, money }: GrowthResult): DataTable {
  const items = [
    { name: 'the plan', totalUsd: money.totalUsd, failsIn: undefined, boundUsd: money.boundUsd },
    ...strategies.map((each) => ({ boundUsd: undefined, ...each })),
  ];
  return dataTable(items, [
    textColumn('way', ({ name }) => name),
    numberColumn('usd', ({ totalUsd }) => totalUsd),
    numberColumn('least_usd_proven', ({ boundUsd }) => boundUsd),
    wholeColumn('fails_in_quarter', ({ failsIn }) => failsIn),
  ]);
}

function proofsTable({ proofs, percentile }: GrowthResult): DataTable {
  return dataTable(proofs, [
    wholeColumn('quarter', ({ quarter }) => quarter),
    textColumn('alternative', ({ alternative }) => alternative),
    numberColumn('rate_per_s', ({ ratePerS }) => ratePerS),
    wholeColumn('hosts', ({ hosts }) => hosts),
    wholeColumn('slice_of', ({ sliceOf }) => sliceOf),
    textColumn('sla_percentile', () => percentile),
    intervalColumns('latency', '_s', ({ latencyS }) => latencyS),
    textColumn('sla_met', ({ met }) => met),
  ]);
}
