import { formatPercent, formatTime, significant, withPrefix } from '../foundation/units.ts';
import type { DayResult } from '../sim/fleet/day/day-result.ts';
import { plusMinus, timeUnit } from './numbers.ts';
import { type TitledTable, titledTable, wrap } from './text-table.ts';

type Policy = DayResult['days'][number]['policies'][number];

/** The part of a plan's report that compares autoscaling with static fleets over a day. */
export function daySection(result: DayResult): string {
  return [
    wrap(dayInWords(result), 100),
    ...result.days.map((day) => titledTable(policyTable(day, result))),
    `${titledTable(hoursTable(result))}\n(the most within each span of time)`,
    titledTable(targetTable(result)),
    titledTable(curveTable(result)),
  ].join('\n\n');
}

/** Autoscaling against static fleets, and the target that would have been best. */
export function dayTables(result: DayResult): TitledTable[] {
  return [...result.days.map((day) => policyTable(day, result)), targetTable(result)];
}

/** The answer in sentences. */
export function dayInWords(result: DayResult): string {
  const { days, surge, autoscaling, longestDelayS, bestTarget } = result;
  const ordinary = days[0].policies;
  const saved = 1 - ordinary[0].hostHours / ordinary[1].hostHours;
  const isSame = Math.abs(saved) < 5e-4;
  const change = isSame
    ? 'takes all'
    : saved >= 0
      ? `saves ${formatPercent(saved)}`
      : `takes ${formatPercent(-saved)} more`;
  const first = `On an ordinary day autoscaling at ${percent(autoscaling.targetUse)} ${change} of the host-hours of a fleet for the peak and ${heldInWords(ordinary[0])}.`;
  const hardest = days.at(-1)!.policies[0];
  const second = surge
    ? ` When the load rises ${significant(surge.factor)}-fold it ${heldInWords(hardest)}.`
    : '';
  return `${first}${second}${delayInWords(hardest, longestDelayS, autoscaling.provisioningS, result)}${targetInWords(bestTarget, autoscaling.targetUse)}`;
}

function heldInWords({ violationS }: Policy): string {
  return violationS === 0 ? 'holds the SLA all day' : `misses the SLA for ${formatTime(violationS)}`;
}

function delayInWords(
  { violationS }: Policy,
  longestS: number | undefined,
  delayS: number,
  { delays }: DayResult,
): string {
  if (violationS > 0) {
    if (longestS === 0) return ' Only hosts that serve at once would hold it.';
    return longestS === undefined
      ? ' Hosts without any provisioning delay would not help.'
      : ` Hosts that serve within ${formatTime(longestS)} instead of ${formatTime(delayS)} would hold it.`;
  }
  if (longestS === undefined || longestS <= delayS) return '';
  const isAll = longestS === delays.at(-1)!.provisioningS;
  return isAll
    ? ` A provisioning delay of ${formatTime(longestS)} would still do.`
    : ` It holds with provisioning delays up to ${formatTime(longestS)}.`;
}

function targetInWords({ targetUse, holds }: DayResult['bestTarget'], askedFor: number): string {
  if (targetUse === askedFor) return '';
  return holds
    ? ` The cheapest target utilisation that holds the SLA is ${percent(targetUse)}.`
    : ` No target utilisation holds it; ${percent(targetUse)} misses it for the shortest time.`;
}

function titleOf(day: 'ordinary' | 'surge', { surge, meanPerS, peakPerS }: DayResult): string {
  if (day === 'ordinary') {
    return `An ordinary day: ${significant(meanPerS)} QPS on average, ${significant(peakPerS)} at its peak`;
  }
  const from = formatTime(surge!.startS);
  return `The day of the surge: × ${significant(surge!.factor)} from ${from} for ${formatTime(surge!.durationS)}, ${significant(surge!.peakPerS)} QPS at its peak`;
}

function policyTable({ day, policies }: DayResult['days'][number], result: DayResult): TitledTable {
  const { percentile, usdPerMonth, limitS } = result;
  const columns = [
    { title: 'fleet', align: 'left' as const },
    { title: 'hosts' },
    { title: 'host-hours' },
    { title: 'USD/day' },
    { title: 'USD/month' },
    { title: 'kWh' },
    { title: 'mean ρ' },
    { title: `worst ${percentile}` },
    { title: 'SLA missed for' },
    { title: 'requests late' },
  ];
  const rows = policies.map((policy) => [
    policy.policy,
    hostsOf(policy),
    significant(policy.hostHours),
    withPrefix(policy.usd).trim(),
    withPrefix(usdPerMonth.find(({ policy: name }) => name === policy.policy)!.usd).trim(),
    significant(policy.energyJ / 3.6e6),
    policy.meanUse.toFixed(2),
    worstOf(policy, limitS),
    policy.violationS === 0 ? 'no time' : formatTime(policy.violationS),
    formatPercent(policy.missedShare),
  ]);
  return { title: titleOf(day, result), columns, rows };
}

/** A latency with its interval; that of a backlog, which dwarfs the interval, without. */
function worstOf({ worstLatencyS }: Policy, limitS: number): string {
  if (worstLatencyS.mean > backlogged * limitS) return formatTime(worstLatencyS.mean);
  const unit = timeUnit([limitS]);
  return `${plusMinus(worstLatencyS, unit.perS)} ${unit.name}`;
}

/** Latencies of so many times the limit are those of a backlog. */
const backlogged = 10;

function hostsOf({ hosts: { fewest, most } }: Policy): string {
  return fewest === most ? String(most) : `${fewest}–${most}`;
}

/** Rows of the table of hours at most. */
const mostRows = 24;

function hoursTable({ series, percentile }: DayResult): TitledTable {
  const columns = [
    { title: 'from' },
    { title: 'QPS' },
    { title: 'hosts serving' },
    { title: 'paid' },
    { title: 'ρ' },
    { title: percentile },
  ];
  const width = Math.ceil(series.timeS.length / mostRows);
  const rows: string[][] = [];
  for (let start = 0; start < series.timeS.length; start += width) {
    const most = (values: readonly number[]) => Math.max(...values.slice(start, start + width));
    rows.push([
      `${(series.timeS[start] / 3600).toFixed(1)} h`,
      significant(most(series.ratePerS)),
      String(Math.ceil(most(series.serving))),
      String(Math.ceil(most(series.paid))),
      most(series.use).toFixed(2),
      formatTime(most(series.latencyS)),
    ]);
  }
  const which = series.day === 'surge' ? 'day of the surge' : 'day';
  return { title: `The autoscaled fleet over the ${which}`, columns, rows };
}

function targetTable({ targets, autoscaling }: DayResult): TitledTable {
  const columns = [
    { title: 'target' },
    { title: 'host-hours' },
    { title: 'USD' },
    { title: 'SLA missed for' },
    { title: '', align: 'left' as const },
  ];
  const rows = targets.map(({ targetUse, hostHours, usd, violationS }) => [
    percent(targetUse),
    significant(hostHours),
    withPrefix(usd).trim(),
    violationS === 0 ? 'no time' : formatTime(violationS),
    targetUse === autoscaling.targetUse ? 'asked for' : '',
  ]);
  return { title: 'Other target utilisations on that day', columns, rows };
}

function curveTable({ curve, percentile }: DayResult): TitledTable {
  const unit = timeUnit(curve.map(({ latencyS }) => latencyS.mean));
  const columns = [
    { title: 'QPS' },
    { title: 'ρ' },
    { title: `${percentile} ${unit.name}` },
    { title: 'within the SLA' },
  ];
  const rows = curve.map(({ ratePerS, use, latencyS, within }) => [
    significant(ratePerS),
    use.toFixed(2),
    plusMinus(latencyS, unit.perS),
    formatPercent(within),
  ]);
  return { title: 'Latency over load, simulated: the fleet sized for the peak', columns, rows };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
