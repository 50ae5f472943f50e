import type { DataTable } from '../../foundation/data-table.ts';
import type { Subject, SubjectKind } from '../subject.ts';
import { comparisonTables } from './compared-tables.ts';
import { distillationComparisonTables } from './distillation/comparison-tables.ts';
import { distillationTables } from './distillation/distillation-tables.ts';
import { distillationPlanTables } from './distillation/plan-tables.ts';
import type { Makers } from './makers.ts';
import { planTables } from './plan-tables.ts';
import { resultTables } from './result-tables.ts';
import { sweepTables } from './sweep-tables.ts';

/** Names of the tables that each kind of subject may have. */
export const tableNames: Record<SubjectKind, string[]> = {
  result: Object.keys(resultTables),
  plan: Object.keys(planTables),
  comparison: Object.keys(comparisonTables),
  sweep: Object.keys(sweepTables),
  distillation: Object.keys(distillationTables),
  'distillation-plan': Object.keys(distillationPlanTables),
  'distillation-comparison': Object.keys(distillationComparisonTables),
};

/** The tables that a subject has, by name, the usual one first; some may be without rows. */
export function* tablesOf(subject: Subject): Generator<[name: string, table: DataTable]> {
  for (const name of tableNames[subject.kind]) {
    const table = tableOf(subject, name);
    if (table) yield [name, table];
  }
}

/** One table of a subject; nothing where it has none of this name. */
export function tableOf(subject: Subject, name: string): DataTable | undefined {
  switch (subject.kind) {
    case 'result':
      return made(resultTables, name, subject.result);
    case 'plan':
      return made(planTables, name, subject.plan);
    case 'comparison':
      return made(comparisonTables, name, subject.comparison);
    case 'distillation':
      return made(distillationTables, name, subject.distillation);
    case 'distillation-plan':
      return made(distillationPlanTables, name, subject.distillationPlan);
    case 'distillation-comparison':
      return made(distillationComparisonTables, name, subject.distillationComparison);
    default:
      return made(sweepTables, name, subject.sweep);
  }
}

function made<Answer>(makers: Makers<Answer>, name: string, answer: Answer): DataTable | undefined {
  return Object.hasOwn(makers, name) ? makers[name](answer) : undefined;
}
