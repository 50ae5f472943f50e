import { formatPercent, significant } from '../../foundation/units.ts';
import type { DistillationPlan } from '../../sim/training/plan/distillation-plan-result.ts';
import { inPercent, money, rangeInPercent } from '../distillation/figures.ts';
import { assumedText } from '../distillation/swings.ts';
import { bestOf, notesOf, planInWords, remediesOf } from '../distillation-plan/plan-in-words.ts';
import { distillationPlanTables } from '../distillation-plan/plan-report.ts';
import type { Content, KeyFigure, Section } from './content.ts';
import { assumptionsTable } from './distillation-content.ts';
import { evidenceTable, inPercent as sharePercent } from './evidence-section.ts';
import { argument } from './shell-argument.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of a plan of an external distillation. */
export function distillationPlanContent(plan: DistillationPlan): Content {
  const { scenario, fingerprint, assumptions } = plan;
  return {
    kind: 'plan',
    question: scenario.question || scenario.name,
    answer: planInWords(plan),
    figures: keyFigures(plan),
    sections: [
      ...(plan.remedies.length > 0
        ? [{ id: 'remedies', title: 'What would make it feasible', points: remediesOf(plan) }]
        : []),
      ...sectionsOf(plan),
    ],
    evidence: evidenceSection(plan),
    defaults: assumptions
      .filter(({ group }) => group !== 'quality')
      .map((one) => ({ path: one.name, value: assumedText(one, one.value) })),
    fingerprint: [
      ['scenario', scenario.name],
      ['planned by', fingerprint.product],
      ['seed', String(fingerprint.seed)],
      ['replications', String(scenario.replications)],
      ['hash of the input', fingerprint.inputHash],
    ],
    reproduce: {
      commands: [
        `rankfleet plan ${argument(scenario.name)} --seed ${fingerprint.seed} --replications ${scenario.replications}`,
      ],
      note: `${scenario.name} stands for the file of the scenario, unless it is one of the library; options of the plan's command are not among these.`,
    },
  };
}

const titles: Record<string, string> = {
  alternatives: 'Alternatives',
  fleets: 'What to buy',
  proof: 'Proof',
  money: 'Money',
  verticals: 'Vertical models',
  choice: 'The teacher',
  snapshots: 'Snapshots',
  systems: 'Ways to teach',
  'break-even': 'Break-even',
  bytes: 'Bytes',
  sensitivity: 'What moves the plan',
};

function sectionsOf(plan: DistillationPlan): Section[] {
  const notes = notesOf(plan);
  const sections = distillationPlanTables(plan).map(
    ({ id, table, note }): Section => ({
      id,
      title: titles[id] ?? id,
      tables: [pageTable(table)],
      ...(note !== undefined && { points: [note] }),
    }),
  );
  return notes.length === 0 ? sections : [...sections, { id: 'notes', title: 'Notes', points: notes }];
}

function keyFigures(plan: DistillationPlan): KeyFigure[] {
  const planned = bestOf(plan)?.plan;
  if (!planned) return [];
  const { gain, money: cost, hosts, watts, teacher } = planned;
  return [
    { label: 'Gain in NE', value: inPercent(gain.value), unit: '%', note: `${rangeInPercent(gain)} %` },
    { label: 'For the teacher', value: money(cost.extra), unit: 'USD/day', note: 'above no teacher' },
    { label: 'Hosts', value: `${hosts}`, note: 'of all roles, spares included' },
    { label: 'Power', value: significant(watts / 1e3), unit: 'kW', note: 'mean, of the site' },
    {
      label: 'Teacher',
      value: `× ${significant(teacher.size)}`,
      note: `trained on ${formatPercent(teacher.trainShare)}, labels ${formatPercent(teacher.labelShare)}`,
    },
  ];
}

function evidenceSection(plan: DistillationPlan): Section {
  const planned = plan.alternatives.flatMap(({ name, plan: each }) => (each ? [{ name, each }] : []));
  const shares = evidenceTable(
    'Share of the teacher’s step and of all busy device time, by evidence',
    'alternative',
    planned.map(({ name }) => name),
    [
      {
        title: 'teacher’s step, %',
        format: sharePercent,
        values: planned.map(({ each }) => each.evidence.teacherStep),
      },
      {
        title: 'busy device time, %',
        format: sharePercent,
        values: planned.map(({ each }) => each.evidence.deviceHours),
      },
    ],
  );
  const assumed = assumptionsTable(plan.assumptions);
  return {
    id: 'evidence',
    title: 'What it rests on',
    tables: [...(planned.length > 0 ? [shares] : []), ...(assumed.rows.length > 0 ? [assumed] : [])],
  };
}
