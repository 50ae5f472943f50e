import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../foundation/data-table.ts';
import type { MixResult } from '../../sim/fleet/mix/mix-result.ts';

/** Tables of a plan of several models. */
export const mixTables = {
  pairs: pairsTable,
  workloads: workloadsTable,
  stock: stockTable,
  rules: rulesTable,
};

/** Every workload on every alternative: what it bears, and how much of it runs there. */
function pairsTable({ pairs, shares, objective }: MixResult): DataTable {
  const items = pairs.map((pair) => ({
    ...pair,
    taken: shares.find(
      ({ workload, alternative }) => workload === pair.workload && alternative === pair.alternative,
    ),
  }));
  return dataTable(items, [
    textColumn('workload', ({ workload }) => workload),
    textColumn('alternative', ({ alternative }) => alternative),
    textColumn('main_host', ({ host }) => host),
    flagColumn('is_possible', ({ isPossible }) => isPossible),
    numberColumn('share', ({ taken }) => taken?.share ?? 0),
    numberColumn('rate_per_s', ({ taken }) => taken?.ratePerS),
    wholeColumn('hosts', ({ taken }) => taken?.totals.hosts),
    numberColumn('usd_per_hour', ({ taken }) => taken?.totals.usdPerHour),
    numberColumn('power_w', ({ taken }) => taken?.totals.watts),
    numberColumn('oversize', ({ taken }) => taken?.oversize),
    intervalColumns('capacity', '_per_s', ({ capacity }) => capacity?.ratePerS),
    textColumn('capacity_limited_by', ({ capacity }) => capacity?.limitedBy),
    numberColumn('unloaded_s', ({ capacity }) => capacity?.unloadedS),
    wholeColumn('replications_run', ({ capacity }) => capacity?.replications),
    wholeColumn('alone_hosts', ({ alone }) => alone?.hosts),
    numberColumn('alone_usd_per_hour', ({ alone }) => alone?.usdPerHour),
    numberColumn('alone_power_w', ({ alone }) => alone?.watts),
    textColumn('objective', () => objective),
    textColumn('reason', ({ reason }) => reason),
  ]);
}

function workloadsTable({ workloads }: MixResult): DataTable {
  return dataTable(workloads, [
    textColumn('workload', ({ name }) => name),
    textColumn('model', ({ model }) => model),
    numberColumn('target_per_s', ({ targetPerS }) => targetPerS),
    textColumn('sla_percentile', ({ sla }) => sla.percentile),
    numberColumn('sla_limit_s', ({ sla }) => sla.limitS),
  ]);
}

/** Hosts by type; what one type without limit would save, in the unit of the objective: USD/h, W or hosts. */
function stockTable({ stock, objective }: MixResult): DataTable {
  return dataTable(stock, [
    textColumn('host', ({ host }) => host),
    wholeColumn('stock', (type) => type.stock),
    wholeColumn('used', ({ used }) => used),
    numberColumn('saves', ({ worth }) => worth),
    textColumn('objective', () => objective),
  ]);
}

function rulesTable({ comparisons }: MixResult): DataTable {
  return dataTable(comparisons, [
    textColumn('rule', ({ name }) => name),
    flagColumn('is_possible', ({ isPossible }) => isPossible),
    wholeColumn('hosts', ({ totals }) => totals?.hosts),
    numberColumn('usd_per_hour', ({ totals }) => totals?.usdPerHour),
    numberColumn('power_w', ({ totals }) => totals?.watts),
    textColumn('reason', ({ reason }) => reason),
  ]);
}
