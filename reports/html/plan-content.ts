import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { SensitivityResult } from '../../sim/fleet/sensitivity/sensitivity-result.ts';
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
import { bottleneckInWords, reliefInWords } from '../plan-sensitivity-section.ts';
import type { TitledTable } from '../text-table.ts';
import { alternativesTable } from './alternatives-table.ts';
import type { Cell, Content, PageTable, Section } from './content.ts';
import { evidenceTable, inPercent } from './evidence-section.ts';
import { dayFigures, fleetFigures, growthFigures, mixFigures } from './plan-figures.ts';
import { argument } from './shell-argument.ts';
import { stateBadge } from './state-badge.ts';
import { pageTable } from './table-of-items.ts';

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
  const { day, growth, sensitivity, notes } = plan;
  const failing = plan.alternatives.filter(({ state }) => state !== 'SIZED' && state !== 'REPLICA SET');
  const later: Section[] = [
    ...(sensitivity ? [sensitivitySection(sensitivity)] : []),
    ...(day
      ? [
          {
            id: 'day',
            title: 'A day with autoscaling',
            tables: pageTables(dayTables(day)),
          },
        ]
      : []),
    ...(growth
      ? [
          {
            id: 'growth',
            title: 'Growth',
            paragraphs: [returnsInWords(growth)].filter((text) => text !== ''),
            points: growth.notes,
            tables: pageTables(growthTables(growth)),
          },
        ]
      : []),
  ];
  return {
    answer: [
      ...(growth ? [growthInWords(growth)] : []),
      ...(day ? [dayInWords(day)] : []),
      growth || day ? `Now: ${planInWords(plan)}` : planInWords(plan),
    ],
    figures: [
      ...(growth ? growthFigures(growth) : []),
      ...(day ? dayFigures(day) : []),
      ...fleetFigures(plan),
    ],
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

/** What bounds the best fleet, and what would relieve it; a chart has every knob. */
function sensitivitySection(sensitivity: SensitivityResult): Section {
  const { lines, verdict } = reliefInWords(sensitivity);
  const closing = lines.length > 0 ? verdict : `Relief: ${verdict}`;
  return {
    id: 'sensitivity',
    title: 'The bottleneck, and what relieves it',
    paragraphs: [bottleneckInWords(sensitivity), closing],
    points: lines,
  };
}

function mixAnswer({ notes }: PlanResult, mix: NonNullable<PlanResult['mix']>): Answer {
  return {
    answer: [mixInWords(mix)],
    figures: mixFigures(mix),
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

/** Whether an SLA is met. */
const answers = new Set<Cell>(['yes', 'no', 'uncertain']);

/** Tables of the text, with the answers of simulations in colours. */
function pageTables(tables: readonly (TitledTable | undefined)[]): PageTable[] {
  return tables
    .filter((table) => table !== undefined)
    .map(pageTable)
    .map((table) => ({
      ...table,
      rows: table.rows.map((row) => row.map((cell) => (answers.has(cell) ? stateBadge(String(cell)) : cell))),
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
