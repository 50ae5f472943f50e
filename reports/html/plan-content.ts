import { formatPercent, formatTime, significant, withPrefix } from '../../foundation/units.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import { plainRate, plusMinus, timeUnit, usdPerMillion, wholeUsd } from '../numbers.ts';
import { dayInWords, dayTables } from '../plan-day-section.ts';
import {
  capacityTable,
  type FleetPlan,
  frontierTable,
  proofDoubts,
  proofTable,
  roomTable,
  saturationNote,
} from '../plan-fleet-sections.ts';
import { growthInWords, growthTables, returnsInWords } from '../plan-growth-section.ts';
import { planInWords } from '../plan-in-words.ts';
import { mixInWords } from '../plan-mix-in-words.ts';
import { mixTables, pairReasons } from '../plan-mix-section.ts';
import { relaxationTable } from '../plan-report.ts';
import type { TitledTable } from '../text-table.ts';
import { alternativesTable } from './alternatives-table.ts';
import type { Content, KeyFigure, PageTable, Section } from './content.ts';
import { evidenceTable, inPercent } from './evidence-section.ts';
import { argument } from './shell-argument.ts';
import { stateBadge } from './state-badge.ts';

/** What a page says of a plan. */
export function planContent(plan: PlanResult): Content {
  const { scenario, fingerprint } = plan;
  return {
    kind: 'plan',
    question: scenario.question || scenario.name,
    ...(plan.mix ? mixAnswer(plan, plan.mix) : fleetAnswer(plan as FleetPlan)),
    evidence: evidence(plan),
    defaults: plan.defaults,
    fingerprint: [
      ['scenario', scenario.name],
      ['planned by', fingerprint.product],
      ['seed', String(fingerprint.seed)],
      ['hash of the input', fingerprint.inputHash],
    ],
    reproduce: {
      commands: [`rankfleet plan ${argument(scenario.name)} --seed ${fingerprint.seed}`],
      note:
        `${scenario.name} stands for the file of the scenario, unless it is one of the library. What was asked for ` +
        'on the command line beside it, as --target, --sla or --arm, has to be asked for again.',
    },
  };
}

type Answer = Pick<Content, 'answer' | 'figures' | 'sections'>;

function fleetAnswer(plan: FleetPlan): Answer {
  const { day, growth, notes } = plan;
  const failing = plan.alternatives.filter(({ state }) => state !== 'SIZED' && state !== 'REPLICA SET');
  const later: Section[] = [
    ...(day
      ? [
          {
            id: 'day',
            title: 'A day with autoscaling',
            paragraphs: [dayInWords(day)],
            tables: pageTables(dayTables(day)),
          },
        ]
      : []),
    ...(growth
      ? [
          {
            id: 'growth',
            title: 'Growth',
            paragraphs: [growthInWords(growth), ...[returnsInWords(growth)].filter((text) => text !== '')],
            points: growth.notes,
            tables: pageTables(growthTables(growth)),
          },
        ]
      : []),
  ];
  return {
    answer: [planInWords(plan)],
    figures: plan.best === undefined ? [] : fleetFigures(plan),
    sections: [
      {
        id: 'alternatives',
        title:
          plan.alternatives.length === 1 ? 'The alternative' : `The ${plan.alternatives.length} alternatives`,
        tables: [alternativesTable(plan), ...pageTables([relaxationTable(plan)])],
        points: [
          ...failing.map(({ name, state, reason }) => `${name}: ${state}: ${reason}`),
          ...notes.map(fullStop),
        ],
      },
      {
        id: 'proof',
        title: 'Throughput, and the simulations that prove the fleets',
        paragraphs: [saturationNote(plan), proofDoubts(plan)].filter((text) => text !== ''),
        tables: pageTables([capacityTable(plan), proofTable(plan), roomTable(plan), frontierTable(plan)]),
      },
      ...later,
    ],
  };
}

function fleetFigures({ alternatives, best, scenario }: FleetPlan): KeyFigure[] {
  const { fleet, money, power, states, bottleneck, capacity } = alternatives.find(
    ({ name }) => name === best,
  )!;
  const { sla, targetPerS } = scenario;
  const state = states[0];
  const unit = timeUnit([sla.limitS]);
  return [
    { label: 'Cheapest by', value: scenario.objective, note: best! },
    ...(targetPerS === undefined
      ? []
      : [
          {
            label: 'Requests per second',
            value: plainRate(targetPerS),
            note: `${formatPercent(scenario.headroom)} headroom`,
          },
        ]),
    ...(!fleet && capacity
      ? [{ label: 'Throughput of a replica set', value: plusMinus(capacity.ratePerS), unit: 'requests/s' }]
      : []),
    ...(fleet ? [{ label: 'Hosts', value: String(fleet.hosts) }] : []),
    ...(fleet && money
      ? [
          {
            label: 'Price',
            value: wholeUsd(money.usdPerMonth),
            unit: 'USD/month',
            note: `${usdPerMillion(money.usdPerMillionRequests)} USD per million requests`,
          },
        ]
      : []),
    ...(power
      ? [
          {
            label: 'Power',
            value: significant(power.watts / 1e3),
            unit: 'kW',
            note: `${significant(power.requestsPerJoule)} requests per joule`,
          },
        ]
      : []),
    ...(state
      ? [
          {
            label: `${sla.percentile} in normal operation`,
            value: plusMinus(state.latencyS[sla.percentile], unit.perS),
            unit: unit.name,
            note: `at most ${formatTime(sla.limitS)}`,
          },
        ]
      : []),
    ...(bottleneck
      ? [
          {
            label: 'Bottleneck',
            value: formatPercent(bottleneck.offered),
            note: `${bottleneck.resource} of ${bottleneck.group}, headroom used up`,
          },
        ]
      : []),
  ];
}

function mixAnswer({ notes }: PlanResult, mix: NonNullable<PlanResult['mix']>): Answer {
  const totals = mix.solution?.totals;
  return {
    answer: [mixInWords(mix)],
    figures: totals
      ? [
          { label: 'Hosts', value: String(totals.hosts) },
          { label: 'Price', value: withPrefix(totals.usdPerHour).trim(), unit: 'USD/h' },
          { label: 'Power', value: significant(totals.watts / 1e3), unit: 'kW' },
          {
            label: 'Above the best at most',
            value: formatPercent(mix.solution!.gap),
            note: mix.solution!.method,
          },
          {
            label: 'Workloads',
            value: String(mix.workloads.length),
            note: mix.workloads.map(({ name }) => name).join(', '),
          },
        ]
      : [],
    sections: [
      {
        id: 'mix',
        title: 'Which model runs where',
        tables: pageTables(mixTables(mix)),
        points: [...pairReasons(mix), ...notes.map(fullStop)],
      },
    ],
  };
}

/** Tables of the text as the page has them: states in colours. */
function pageTables(tables: readonly (TitledTable | undefined)[]): PageTable[] {
  return tables
    .filter((table) => table !== undefined)
    .map(({ title, columns, rows }) => ({
      caption: title,
      columns,
      rows: rows.map((row) =>
        row.map((cell) => (/^(yes|no|uncertain)$/.test(cell) ? stateBadge(cell) : cell)),
      ),
    }));
}

function fullStop(note: string): string {
  return `${note}.`;
}

function evidence({ alternatives, mix }: PlanResult): Section {
  const known = alternatives.filter(({ evidence: shares }) => shares);
  const base = { id: 'evidence', title: 'What it rests on' };
  if (known.length === 0) {
    const what = mix ? 'A plan for several models' : 'This plan';
    return {
      ...base,
      paragraphs: [
        `${what} keeps no record of the evidence of its inputs: rankfleet support tells it for a scenario beforehand.`,
      ],
    };
  }
  const table = evidenceTable(
    'Share of the latency of the slowest 1 % of requests by its weakest input, by evidence',
    'alternative',
    known.map(({ name }) => name),
    [{ title: 'slowest 1 %, %', format: inPercent, values: known.map((one) => one.evidence) }],
  );
  return { ...base, tables: [table] };
}
