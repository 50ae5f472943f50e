import { formatPercent, formatTime, significant, withPrefix } from '../../foundation/units.ts';
import type { DayResult } from '../../sim/fleet/day/day-result.ts';
import type { GrowthResult } from '../../sim/fleet/growth/growth-result.ts';
import type { MixResult } from '../../sim/fleet/mix/mix-result.ts';
import { plainRate, plusMinus, timeUnit, usdPerMillion, wholeUsd } from '../numbers.ts';
import type { FleetPlan } from '../plan-fleet-sections.ts';
import type { KeyFigure } from './content.ts';

/** The figures of the best fleet, or of its replica set where no fleet was asked for; none where none is feasible. */
export function fleetFigures({ alternatives, best, scenario }: FleetPlan): KeyFigure[] {
  const chosen = alternatives.find(({ name }) => name === best);
  if (!chosen) return [];
  const { fleet, money, power, states, bottleneck, capacity } = chosen;
  const { sla, targetPerS, objective, headroom } = scenario;
  const figures: (KeyFigure | undefined | false)[] = [
    { label: `Least ${objective}`, value: chosen.name },
    targetPerS !== undefined && {
      label: 'Requests per second',
      value: plainRate(targetPerS),
      note: `${formatPercent(headroom)} headroom`,
    },
    fleet && { label: 'Hosts', value: String(fleet.hosts) },
    !fleet &&
      capacity && {
        label: 'Throughput of a replica set',
        value: plusMinus(capacity.ratePerS),
        unit: 'requests/s',
      },
    money && {
      label: 'Price',
      value: fleet ? wholeUsd(money.usdPerMonth) : significant(money.usdPerHour),
      unit: fleet ? 'USD/month' : 'USD/h',
      note: `${usdPerMillion(money.usdPerMillionRequests)} USD per million requests`,
    },
    power && {
      label: 'Power',
      value: significant(power.watts / 1e3),
      unit: 'kW',
      note: `${significant(power.requestsPerJoule)} requests per joule`,
    },
    states.length > 0 && latencyFigure(states[0].latencyS[sla.percentile], sla),
    bottleneck && {
      label: 'Bottleneck',
      value: formatPercent(bottleneck.offered),
      note: `${bottleneck.resource} of ${bottleneck.group}, headroom used up`,
    },
  ];
  return figures.filter((figure) => figure !== undefined && figure !== false);
}

function latencyFigure(
  latency: Parameters<typeof plusMinus>[0],
  { percentile, limitS }: { percentile: string; limitS: number },
): KeyFigure {
  const unit = timeUnit([limitS]);
  return {
    label: `${percentile} in normal operation`,
    value: plusMinus(latency, unit.perS),
    unit: unit.name,
    note: `at most ${formatTime(limitS)}`,
  };
}

/** When the hosts in place run out, and what the cheapest way costs that goes on serving. */
export function growthFigures({ presentFleet, money, orders, state, demand }: GrowthResult): KeyFigure[] {
  const end = presentFleet.runsOut?.quarter;
  const [first] = orders;
  return [
    {
      label: 'The hosts in place run out',
      value: end === undefined ? `after Q${demand.length}` : `in Q${end}`,
    },
    ...(state === 'PLANNED'
      ? [
          {
            label: `The fleet to the end of Q${demand.length}`,
            value: withPrefix(money.totalUsd).trim(),
            unit: 'USD',
            note: `gap to the bound ${formatPercent(money.gap)}`,
          },
        ]
      : []),
    ...(first
      ? [{ label: 'First order', value: `Q${first.ordered}`, note: `${first.count} ${first.host}` }]
      : []),
  ];
}

/** What autoscaling saves, and whether it holds the SLA, on the hardest of the days. */
export function dayFigures({ days, autoscaling }: DayResult): KeyFigure[] {
  const [scaled, peak] = days[0].policies;
  const hardest = days.at(-1)!.policies[0];
  return [
    {
      label: 'Autoscaled, host-hours a day',
      value: significant(scaled.hostHours),
      note: `${significant(peak.hostHours)} for a fleet for the peak`,
    },
    {
      label: 'Autoscaled, SLA missed for',
      value: hardest.violationS === 0 ? 'no time' : formatTime(hardest.violationS),
      note: `${days.length > 1 ? 'on the day of the surge, ' : ''}at ${formatPercent(autoscaling.targetUse)} target use`,
    },
  ];
}

/** What all workloads take together; nothing where no mix is possible. */
export function mixFigures({ solution, workloads }: MixResult): KeyFigure[] {
  if (!solution) return [];
  const { totals, gap, method } = solution;
  return [
    {
      label: 'Workloads',
      value: String(workloads.length),
      note: workloads.map(({ name }) => name).join(', '),
    },
    { label: 'Hosts', value: String(totals.hosts) },
    { label: 'Price', value: withPrefix(totals.usdPerHour).trim(), unit: 'USD/h' },
    { label: 'Power', value: significant(totals.watts / 1e3), unit: 'kW' },
    { label: 'At most above the best mix', value: formatPercent(gap), note: method },
  ];
}
