import { formatBytes, formatPercent, significant } from '../foundation/units.ts';
import type { ArmResult, Result } from '../sim/result.ts';
import { type Column, textTable, wrap } from './text-table.ts';

type Stored = NonNullable<ArmResult['tables']>;

const lineWidth = 100;

/** What arms made of the tables of their models, and how much smaller these became; empty where none changed any. */
export function compressionSection({ arms }: Result): string {
  const changed = arms.flatMap(({ name, tables }) => (tables ? [{ name, tables }] : []));
  if (changed.length === 0) return '';
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
  const notes = changed.flatMap(({ name, tables }) => tables.notes.map((note) => `${name}: ${note}.`));
  const accuracy = 'Accuracy is not modelled: what the smaller tables cost in quality has to be measured.';
  return [wrap(title, lineWidth), textTable(columns, rows), accuracy, ...notes].join('\n');
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
