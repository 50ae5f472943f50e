import type { DataTable } from '../foundation/data-table.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { tableNames, tableOf, tablesOf } from '../reports/files/tables.ts';
import type { Subject, SubjectKind } from '../reports/subject.ts';

/** @throws InputError for a name that no table of this kind of subject has */
export function checkTable(kind: SubjectKind, name: string | undefined): void {
  const names = tableNames[kind];
  if (name === undefined || names.includes(name)) return;
  const isKnown = Object.values(tableNames).some((others) => others.includes(name));
  const near = isKnown ? '' : didYouMean(name, names);
  throw new InputError(`--table ${name}: a ${kind} has no such table${near}; it has ${names.join(', ')}`);
}

/**
 * The table of a subject that has this name, or its usual one.
 * @throws InputError where the answer lacks what the table is about
 */
export function wantedTable(subject: Subject, name: string | undefined): DataTable {
  if (name === undefined) {
    const [[, usual]] = tablesOf(subject);
    return usual;
  }
  const table = tableOf(subject, name);
  if (table) return table;
  const names = [...tablesOf(subject)].map(([each]) => each);
  throw new InputError(
    `--table ${name}: this ${subject.kind} holds nothing of it; it has ${names.join(', ')}`,
  );
}
