import type { DataTable } from '../../foundation/data-table.ts';
import type { Subject, SubjectKind } from '../subject.ts';
import { comparisonTables } from './compared-tables.ts';
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
};

/** The tables that a subject has, by name, the usual one first; some may be without rows. */
export function tablesOf(subject: Subject): Map<string, DataTable> {
  switch (subject.kind) {
    case 'result':
      return made(resultTables, subject.result);
    case 'plan':
      return made(planTables, subject.plan);
    case 'comparison':
      return made(comparisonTables, subject.comparison);
    default:
      return made(sweepTables, subject.sweep);
  }
}

function made<Answer>(makers: Makers<Answer>, answer: Answer): Map<string, DataTable> {
  return new Map(
    Object.entries(makers).flatMap(([name, make]): [string, DataTable][] => {
      const table = make(answer);
      return table ? [[name, table]] : [];
    }),
  );
}
