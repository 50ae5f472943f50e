import { formatPercent, formatTime, significant } from '../../../foundation/units.ts';
import type { Alternative, FleetState } from '../../../sim/fleet/plan-result.ts';
import { plainRate, plusMinus, timeUnit, usdPerMillion, wholeUsd } from '../../numbers.ts';
import { dayInWords } from '../../plan-day-section.ts';
import type { FleetPlan } from '../../plan-fleet-sections.ts';
import { growthInWords } from '../../plan-growth-section.ts';
import { planInWords } from '../../plan-in-words.ts';
import { type Line, type Span, strong } from '../line.ts';
import { slaStatus } from '../status.ts';
import { type Fact, facts, paragraph, questionLines, sections, table } from '../table.ts';

/** What to buy, and the figures of one alternative. */
export function overviewLines(plan: FleetPlan, alternative: Alternative, width: number): Line[] {
  const { scenario, notes } = plan;
  return [
    ...paragraph(planInWords(plan), width),
    ...notes.flatMap((note) => paragraph(`Note: ${note}.`, width, 'doubtful')),
    [''],
    [strong(alternative.name), `  ${alternative.state}`],
    ...(alternative.reason === '' ? [] : paragraph(alternative.reason, width, 'bad')),
    [''],
    ...sections(
      width,
      ['', facts(moneyFacts(alternative), width)],
      ['Hosts', tierTable(alternative, width)],
      ['Proof by simulation', stateTable(plan, alternative, width)],
      ['What one replica set bears', facts(capacityFacts(plan, alternative), width)],
      ['Nearest change of each constraint that makes a plan possible', relaxationLines(plan, width)],
      ['Growth', plan.growth ? paragraph(growthInWords(plan.growth), width) : []],
      ['A day', plan.day ? paragraph(dayInWords(plan.day), width) : []],
      ['Asked', questionLines(scenario.question, width)],
    ),
  ];
}

function moneyFacts({ fleet, money, power, bottleneck, headroom }: Alternative): Fact[] {
  return [
    ...(fleet
      ? [['hosts', `${fleet.hosts}${fleet.regions > 1 ? ` in ${fleet.regions} regions` : ''}`] as const]
      : []),
    ...(money
      ? [
          [
            'price',
            `${wholeUsd(money.usdPerMonth)} USD/month, ${significant(money.usdPerHour)} USD/h`,
          ] as const,
        ]
      : []),
    ...(money
      ? [['', `${usdPerMillion(money.usdPerMillionRequests)} USD per million requests`] as const]
      : []),
    ...(power
      ? [
          [
            'power',
            `${significant(power.watts / 1e3)} kW, ${significant(power.requestsPerJoule)} requests per joule`,
          ] as const,
        ]
      : []),
    ...(bottleneck
      ? [
          [
            'bottleneck',
            `${bottleneck.resource} of ${bottleneck.group}, ρ ${bottleneck.offered.toFixed(2)} with all headroom used`,
          ] as const,
        ]
      : []),
    ...(headroom ? [['capacity left free', formatPercent(headroom.rate)] as const] : []),
  ];
}

/** Hosts of each role. */
export function tierTable({ fleet }: Alternative, width: number): Line[] {
  if (!fleet) return [];
  return table(
    [
      { title: 'role', align: 'left' },
      { title: 'host', align: 'left' },
      { title: 'needed' },
      { title: 'bought' },
    ],
    fleet.tiers.map(({ group, host, needed, total }) => [group, host, String(needed), String(total)]),
    width,
  );
}

/** The simulated states of an alternative, each with the sign of its answer. */
export function stateTable({ scenario }: FleetPlan, { states }: Alternative, width: number): Line[] {
  if (states.length === 0) return [];
  const { percentile, limitS } = scenario.sla;
  const unit = timeUnit([limitS]);
  return table(
    [
      { title: `  ${percentile} ≤ ${formatTime(limitS)}`, align: 'left', shrinks: true },
      { title: `${percentile} ${unit.name}` },
      { title: 'ρ' },
      { title: 'requests/s', optional: true },
      { title: 'hosts serving', optional: true },
    ],
    states.map((one) => [
      stateSpan(one),
      plusMinus(one.latencyS[percentile], unit.perS),
      one.utilisation[0].offered.toFixed(2),
      plainRate(one.ratePerS),
      String(one.hosts.reduce((sum, { serving }) => sum + serving, 0)),
    ]),
    width,
  );
}

/** `✓ normal operation`; what was sampled too little is not sure, whatever it says. */
function stateSpan({ state, met, verdict }: FleetState): Span {
  const { sign, tone } = slaStatus(verdict === 'UNDER-SAMPLED' ? 'uncertain' : met);
  return { text: `${sign} ${state}`, tone };
}

function capacityFacts({ scenario }: FleetPlan, { capacity }: Alternative): Fact[] {
  if (!capacity) return [];
  const { ratePerS, limitedBy, unloadedS, utilisation } = capacity;
  const [busiest] = utilisation;
  const limits = {
    latency: `${scenario.sla.percentile} ≤ ${formatTime(scenario.sla.limitS)}`,
    utilisation: `use of ${busiest?.resource} of ${busiest?.group}`,
    'unloaded-latency': 'lone requests miss the SLA',
  };
  return [
    ['requests/s', limitedBy === 'unloaded-latency' ? 'none' : plusMinus(ratePerS)],
    ['limited by', limits[limitedBy]],
    [`${scenario.sla.percentile} unloaded`, formatTime(unloadedS)],
    ...(busiest ? [['ρ there', busiest.offered.toFixed(2)] as const] : []),
  ];
}

function relaxationLines({ relaxations }: FleetPlan, width: number): Line[] {
  return relaxations.flatMap(({ constraint, from, to, alternative, effect }) =>
    paragraph(`• ${constraint}: ${from} → ${to} (${alternative}): ${effect}`, width),
  );
}
