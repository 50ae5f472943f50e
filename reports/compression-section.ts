import { formatBytes, formatPercent, significant } from '../foundation/units.ts';
import type { ArmResult, Result } from '../sim/result.ts';
import { type Column, type TitledTable, titledTable } from './text-table.ts';

type Stored = NonNullable<ArmResult['tables']>;

/** What arms made of the tables of their models, and how much smaller these became; empty where none changed any. */
export function compressionSection(result: Result): string {
  const table = compressionTable(result);
  return table ? [titledTable(table), ...compressionNotes(result)].join('\n') : '';
}

/** The same as a table; nothing where none changed any. */
export function compressionTable(result: Result): TitledTable | undefined {
  const changed = changedTables(result);
  if (changed.length === 0) return undefined;
  const isPruned = changed.some(({ tables }) => tables.pruning);
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: 'tables' },
    { title: 'original' },
    { title: 'ratio' },
    { title: 'types, with the bytes of each', align: 'left' },
    ...(isPruned
      ? [
          { title: 'tables', group: 'pruned' },
          { title: 'rows', group: 'pruned' },
          { title: 'lookups', group: 'pruned' },
          { title: 'remap vectors', group: 'pruned' },
        ]
      : []),
  ];
  const rows = changed.map(({ name, tables }) => row(name, tables).slice(0, columns.length));
  const title =
    'Embedding tables as stored (bytes of one copy of the model; ratio: original over stored' +
    `${isPruned ? '; pruned: share of all rows, and of all lookups, which then read no row' : ''})`;
  return { title, columns, rows };
}

/** What to know of smaller tables; nothing where no arm has any. */
export function compressionNotes(result: Result): string[] {
  const changed = changedTables(result);
  if (changed.length === 0) return [];
  const accuracy = 'Accuracy is not modelled: what the smaller tables cost in quality has to be measured.';
  return [
    accuracy,
    ...changed.flatMap(({ name, tables }) => tables.notes.map((note) => `${name}: ${note}.`)),
  ];
}

function changedTables({ arms }: Result): { name: string; tables: Stored }[] {
  return arms.flatMap(({ name, tables }) => (tables ? [{ name, tables }] : []));
}

function row(name: string, { bytes, originalBytes, byType, pruning }: Stored): string[] {
  return [
    name,
    formatBytes(bytes),
    formatBytes(originalBytes),
    `${significant(originalBytes / bytes)}×`,
    byType.map(({ type, bytes: own }) => `${type} ${formatBytes(own)}`).join(', '),
    ...(pruning
      ? [
          String(pruning.tables),
          formatPercent(pruning.rowShare),
          formatPercent(pruning.lookupShare),
          formatBytes(pruning.remapBytes),
        ]
      : ['–', '–', '–', '–']),
  ];
}
