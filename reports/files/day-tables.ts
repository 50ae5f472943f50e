import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
} from '../../foundation/data-table.ts';
import type { DayResult } from '../../sim/fleet/day/day-result.ts';

/** Tables of a day of load. */
export const dayTables = {
  day: policiesTable,
  'day-series': seriesTable,
  'day-load': loadTable,
  'day-targets': targetsTable,
  'day-delays': delaysTable,
};

function policiesTable({ days, usdPerMonth, percentile, limitS }: DayResult): DataTable {
  const items = days.flatMap(({ day, policies }) => policies.map((policy) => ({ ...policy, day })));
  return dataTable(items, [
    textColumn('day', ({ day }) => day),
    textColumn('policy', ({ policy }) => policy),
    numberColumn('hosts_fewest', ({ hosts }) => hosts.fewest),
    numberColumn('hosts_mean', ({ hosts }) => hosts.mean),
    numberColumn('hosts_most', ({ hosts }) => hosts.most),
    numberColumn('host_hours', ({ hostHours }) => hostHours),
    numberColumn('usd', ({ usd }) => usd),
    numberColumn('usd_per_month', ({ policy }) => usdPerMonth.find((each) => each.policy === policy)?.usd),
    numberColumn('energy_j', ({ energyJ }) => energyJ),
    numberColumn('rho_mean', ({ meanUse }) => meanUse),
    numberColumn('sla_missed_s', ({ violationS }) => violationS),
    numberColumn('late_share', ({ missedShare }) => missedShare),
    textColumn('sla_percentile', () => percentile),
    numberColumn('sla_limit_s', () => limitS),
    intervalColumns('worst_latency', '_s', ({ worstLatencyS }) => worstLatencyS),
  ]);
}

/** The autoscaled fleet over the day: the most within each span of time. */
function seriesTable({ series }: DayResult): DataTable {
  const items = series.timeS.map((timeS, index) => ({ timeS, index }));
  return dataTable(items, [
    textColumn('day', () => series.day),
    numberColumn('time_s', ({ timeS }) => timeS),
    numberColumn('rate_per_s', ({ index }) => series.ratePerS[index]),
    numberColumn('hosts_serving', ({ index }) => series.serving[index]),
    numberColumn('hosts_paid', ({ index }) => series.paid[index]),
    numberColumn('rho', ({ index }) => series.use[index]),
    intervalColumns('latency', '_s', ({ index }) => ({
      mean: series.latencyS[index],
      low: series.lowS[index],
      high: series.highS[index],
    })),
  ]);
}

/** The fleet sized for the peak, simulated at loads from hardly any to nearly full. */
function loadTable({ curve }: DayResult): DataTable {
  return dataTable(curve, [
    numberColumn('rate_per_s', ({ ratePerS }) => ratePerS),
    numberColumn('rho', ({ use }) => use),
    intervalColumns('latency', '_s', ({ latencyS }) => latencyS),
    numberColumn('within_share', ({ within }) => within),
  ]);
}

function targetsTable({ targets, autoscaling }: DayResult): DataTable {
  return dataTable(targets, [
    numberColumn('target_rho', ({ targetUse }) => targetUse),
    flagColumn('is_asked_for', ({ targetUse }) => targetUse === autoscaling.targetUse),
    numberColumn('host_hours', ({ hostHours }) => hostHours),
    numberColumn('usd', ({ usd }) => usd),
    numberColumn('sla_missed_s', ({ violationS }) => violationS),
  ]);
}

function delaysTable({ delays }: DayResult): DataTable {
  return dataTable(delays, [
    numberColumn('provisioning_s', ({ provisioningS }) => provisioningS),
    numberColumn('sla_missed_s', ({ violationS }) => violationS),
  ]);
}
