import type { DistillationPlan } from '../../sim/training/plan/distillation-plan-result.ts';
import { breakEvenTable } from '../distillation/break-even-table.ts';
import { defaultsInWords, sharesInWords } from '../distillation/evidence-lines.ts';
import { systemTable } from '../distillation/system-tables.ts';
import { type TitledTable, titledTable, wrap } from '../text-table.ts';
import { choiceInWords, choiceTable, snapshotTable } from './choice-tables.ts';
import {
  alternativesTable,
  bytesTable,
  fleetTable,
  moneyTable,
  proofTable,
  verticalTable,
} from './fleet-tables.ts';
import { bestOf, notesOf, planInWords, remediesInWords, verticalCountOf } from './plan-in-words.ts';
import { sensitivityTable } from './sensitivity-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** The whole answer to a planning question about external distillation as plain text. */
export function distillationPlanReport(plan: DistillationPlan): string {
  const sections = [
    wrap(plan.scenario.question, lineWidth),
    ...planInWords(plan).map((paragraph) => wrap(paragraph, lineWidth)),
    ...remediesInWords(plan).map((line) => hanging(line)),
    ...distillationPlanTables(plan).map(({ table, note }) =>
      [titledTable(table), wrap(note ?? '', lineWidth)].filter((text) => text !== '').join('\n'),
    ),
    ...notesOf(plan).map((note) => wrap(`Note: ${note}.`, lineWidth)),
    wrap(footer(plan), lineWidth),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

const partsOfHosts =
  'Vertical models, and teachers but the shared one, take parts of devices here; the money above buys whole hosts.';

/** Every table of a plan, with what is said beneath it. */
export function distillationPlanTables(
  plan: DistillationPlan,
): { id: string; table: TitledTable; note?: string }[] {
  const best = bestOf(plan);
  const shown = best ?? plan.alternatives.find((one) => one.plan);
  const planned = shown?.plan;
  const found: { id: string; table: TitledTable | undefined; note?: string }[] = [
    { id: 'alternatives', table: alternativesTable(plan) },
    ...(planned
      ? [
          { id: 'fleets', table: fleetTable(planned) },
          { id: 'proof', table: proofTable(planned, plan.scenario.miss) },
          { id: 'money', table: moneyTable(planned) },
          { id: 'verticals', table: verticalTable(planned) },
        ]
      : []),
    ...(shown?.choice
      ? [{ id: 'choice', table: choiceTable(shown.choice), note: choiceInWords(shown.choice) }]
      : []),
    ...(shown?.snapshots ? [{ id: 'snapshots', table: snapshotTable(shown.snapshots) }] : []),
    ...(planned
      ? [
          { id: 'systems', table: systemTable({ answer: planned }), note: partsOfHosts },
          {
            id: 'break-even',
            table: breakEvenTable({ answer: planned, workload: { verticals: verticalCountOf(planned) } }),
          },
          { id: 'bytes', table: bytesTable(planned) },
        ]
      : []),
    { id: 'sensitivity', table: sensitivityTable(plan.sensitivity) },
  ];
  return found.flatMap(({ table, ...rest }) => (table ? [{ table, ...rest }] : []));
}

function footer(plan: DistillationPlan): string {
  const { fingerprint, scenario } = plan;
  const evidence = bestOf(plan)?.plan?.evidence;
  return [
    ...(evidence?.teacherStep ? [`Teacher’s step: ${sharesInWords(evidence.teacherStep)}.`] : []),
    ...(evidence?.deviceHours ? [`Busy device time: ${sharesInWords(evidence.deviceHours)}.`] : []),
    defaultsInWords(plan),
    `Scenario ${scenario.name}, seed ${fingerprint.seed}, inputs ${fingerprint.inputHash}, ${fingerprint.product}.`,
  ].join(' ');
}

/** A numbered or marked line, the lines after its first indented. */
function hanging(line: string): string {
  return line
    .split('\n')
    .map((each) => wrap(each, lineWidth - 3).replaceAll('\n', '\n   '))
    .join('\n');
}
