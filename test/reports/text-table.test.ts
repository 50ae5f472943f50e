import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { foldedTable, textTable } from '../../reports/text-table.ts';

const columns = ['point', 'a', 'bb', 'ccc'].map((title) => ({ title }));
const rows = [
  ['0', '12345678', 'x', '1'],
  ['11', '2', 'yy', '333333'],
];

test('a table that fits the page is one', () => {
  assert.is(foldedTable(columns, rows, 100), textTable(columns, rows));
  assert.is(foldedTable(columns.slice(0, 1), [['1']], 3), textTable(columns.slice(0, 1), [['1']]));
});

test('a wide one goes on below, beginning with its first column, and loses nothing', () => {
  const text = foldedTable(columns, rows, 20);
  assert.is(
    text,
    [
      'point         a  bb',
      '─────  ────────  ──',
      '    0  12345678   x',
      '   11         2  yy',
      '',
      'point     ccc',
      '─────  ──────',
      '    0       1',
      '   11  333333',
    ].join('\n'),
  );
  // A column that no page holds stands alone.
  assert.is(foldedTable(columns, rows, 4).split('\n\n').length, 3);
});

test.run();
