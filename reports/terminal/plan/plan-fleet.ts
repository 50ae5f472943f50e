import { counted } from '../../../foundation/counted.ts';
import {
  formatBytes,
  formatPercent,
  formatTime,
  hoursPerMonth,
  significant,
} from '../../../foundation/units.ts';
import type { Alternative } from '../../../sim/fleet/plan-result.ts';
import { plusMinus, timeUnit, wholeUsd } from '../../numbers.ts';
import type { FleetPlan } from '../../plan-fleet-sections.ts';
import type { Line } from '../line.ts';
import { type Fact, facts, paragraph, sections, table } from '../table.ts';
import { useLines } from '../use-lines.ts';
import { dayLines } from './day.ts';
import { growthLines } from './growth.ts';
import { stateTable, tierTable } from './plan-overview.ts';
import { sensitivityLines } from './sensitivity.ts';

/** Hosts, proof, room and money of one alternative; then what the plan says of sensitivity, a day and growth. */
export function fleetLines(plan: FleetPlan, alternative: Alternative, width: number): Line[] {
  const { sensitivity, day, growth } = plan;
  return sections(
    width,
    [
      'Hosts',
      alternative.fleet
        ? tierTable(alternative, width)
        : paragraph(alternative.reason || alternative.state, width),
    ],
    ['States that were simulated', stateTable(plan, alternative, width)],
    ['Room left when load takes all headroom', facts(roomFacts(alternative), width)],
    ['Use of resources in normal operation, busiest first (ρ)', uses(alternative, width)],
    ['Fleets that no other beats in money, latency and power', frontier(plan, width)],
    ['Sensitivity and relief', sensitivity ? sensitivityLines(sensitivity, width) : []],
    ['A day', day ? dayLines(day, width) : []],
    ['Growth', growth ? growthLines(growth, width) : []],
  );
}

function roomFacts({ headroom, bottleneck, fleet }: Alternative): Fact[] {
  if (!headroom) return [];
  const refresh = fleet?.refresh;
  return [
    ['capacity', `${formatPercent(headroom.rate)} over the target`],
    ...(bottleneck
      ? [
          [
            'bottleneck',
            `${bottleneck.resource} of ${bottleneck.group}, ${formatPercent(1 - bottleneck.offered)} free`,
          ] as const,
        ]
      : []),
    ...headroom.memory.map(
      ({ group, kind, usedBytes, capacityBytes }) =>
        [
          `${kind} of ${group}`,
          `${formatBytes(capacityBytes - usedBytes)} of ${formatBytes(capacityBytes)} free`,
        ] as const,
    ),
    ...headroom.nic.map(({ group, free }) => [`NIC of ${group}`, `${formatPercent(free)} free`] as const),
    ...(refresh
      ? [
          [
            'refresh of tables',
            refresh.mode === 'rolling'
              ? `rolling, ${formatTime(refresh.loadS)} a host, ${counted(refresh.extraHosts, 'host')} more`
              : `double memory, ${formatTime(refresh.loadS)} a host`,
          ] as const,
        ]
      : []),
  ];
}

function uses({ states }: Alternative, width: number): Line[] {
  if (states.length === 0) return [];
  return useLines(
    states[0].utilisation.map(({ group, resource, offered }) => ({
      name: `${resource} of ${group}`,
      share: offered,
    })),
    width,
  );
}

function frontier({ frontier: points, scenario }: FleetPlan, width: number): Line[] {
  const efficient = points.filter(({ isEfficient }) => isEfficient);
  if (efficient.length < 2) return [];
  const { percentile, limitS } = scenario.sla;
  const unit = timeUnit([limitS]);
  return table(
    [
      { title: 'alternative', align: 'left' },
      { title: 'hosts' },
      { title: 'USD/month' },
      { title: `${percentile} ${unit.name}` },
      { title: 'kW', optional: true },
    ],
    efficient.map(({ alternative, oversize, usdPerHour, latencyS, watts }) => [
      alternative,
      oversize === 1 ? 'fewest' : `× ${oversize.toFixed(2)}`,
      wholeUsd(usdPerHour * hoursPerMonth),
      plusMinus(latencyS, unit.perS),
      significant(watts / 1e3),
    ]),
    width,
  );
}
