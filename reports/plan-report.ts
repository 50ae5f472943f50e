import type { PlanResult } from '../sim/fleet/plan-result.ts';
import { daySection } from './plan-day-section.ts';
import { type FleetPlan, fleetSections } from './plan-fleet-sections.ts';
import { growthSection } from './plan-growth-section.ts';
import { planInWords } from './plan-in-words.ts';
import { mixSection } from './plan-mix-section.ts';
import { sensitivitySection } from './plan-sensitivity-section.ts';
import { type Column, type TitledTable, titledTable, wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** The whole answer to a planning question as plain text. */
export function planReport(plan: PlanResult): string {
  const sections = [
    wrap(plan.scenario.question, lineWidth),
    ...(plan.mix ? [mixSection(plan.mix)] : oneModel(plan as FleetPlan)),
    ...plan.notes.map((note) => wrap(`Note: ${note}.`, lineWidth)),
    footer(plan),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function oneModel(plan: FleetPlan): string[] {
  return [
    wrap(planInWords(plan), lineWidth),
    ...fleetSections(plan),
    reasons(plan),
    titledTable(relaxationTable(plan)),
    plan.sensitivity ? sensitivitySection(plan.sensitivity) : '',
    plan.day ? daySection(plan.day) : '',
    plan.growth ? growthSection(plan.growth) : '',
  ];
}

function reasons({ alternatives }: PlanResult): string {
  const failing = alternatives.filter(({ state }) => state !== 'SIZED' && state !== 'REPLICA SET');
  return failing.map(({ name, state, reason }) => `${name}: ${state}: ${reason}`).join('\n\n');
}

/** What would make an infeasible plan possible. */
export function relaxationTable({ relaxations }: PlanResult): TitledTable | undefined {
  if (relaxations.length === 0) return undefined;
  const columns: Column[] = [
    { title: 'constraint', align: 'left' },
    { title: 'is', align: 'left' },
    { title: 'would do', align: 'left' },
    { title: 'alternative', align: 'left' },
    { title: 'then', align: 'left' },
  ];
  const rows = relaxations.map(({ constraint, from, to, alternative, effect }) => [
    constraint,
    from,
    to,
    alternative,
    effect,
  ]);
  return { title: 'Infeasible as asked. The nearest change of each constraint alone', columns, rows };
}

function footer({ fingerprint, scenario, defaults }: PlanResult): string {
  const stated = defaults.filter(({ path }) => /^(fleet|serving|load)\./.test(path));
  return wrap(
    `Defaults used: ${stated.map(({ path, value }) => `${path} = ${value}`).join(', ')}. ` +
      `Scenario ${scenario.name}, seed ${fingerprint.seed}, inputs ${fingerprint.inputHash}, ${fingerprint.product}.`,
    lineWidth,
  );
}
