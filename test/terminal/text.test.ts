import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Line, painted, plain } from '../../reports/terminal/line.ts';
import { facts, table } from '../../reports/terminal/table.ts';
import {
  clip,
  clipMiddle,
  displayWidth,
  fitted,
  lineWidth,
  printable,
  wrapped,
} from '../../reports/terminal/text-width.ts';
import { difficult, text } from './random-text.ts';

const width = suite('terminal: text by columns');

width('a line fits exactly, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), fc.integer({ min: 0, max: 90 }), (pieces, columns) => {
      const line = fitted(pieces, columns);
      assert.is(lineWidth(line), columns);
      assert.ok(stringWidth(plain(line)) <= columns);
      assert.not.match(plain(line), /\p{Cc}/u);
    }),
  );
});

width('tones change no character, and colour is left out where there is none', () => {
  const line: Line = ['a ', { text: 'b', tone: 'bad' }, { text: 'c', tone: 'fill3' }];
  assert.is(painted(line, false), 'a bc');
  assert.is(painted(line, true), 'a \x1b[31mb\x1b[39m\x1b[97m\x1b[45mc\x1b[39m\x1b[49m');
});

width('what is cut says so, and keeps both ends where names differ in them', () => {
  assert.is(clip('capacity-balanced', 9), 'capacity…');
  assert.is(clip('short', 9), 'short');
  assert.is(clip('埋め込み', 5), '埋め…');
  assert.is(clipMiddle('RPC serialisation, shard', 17), 'RPC seriali…shard');
  assert.is(clipMiddle('RPC serialisation, main', 17), 'RPC seriali… main');
});

width('running text keeps its words and stays within its columns', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 60 }), (words, columns) => {
      const lines = wrapped(words, columns);
      assert.ok(lines.every((line) => displayWidth(line) <= columns));
      const letters = (value: string) => value.replace(/\s+/g, '');
      assert.is(letters(lines.join('')), letters(words.split('\n').map(printable).join('')));
    }),
  );
});

width.run();

const tables = suite('terminal: tables');

tables('are no wider than their pane, and lose optional columns first', () => {
  const columns = [
    { title: 'arm', align: 'left' as const, shrinks: true },
    { title: 'p99 ms' },
    { title: 'price', optional: true },
  ];
  const rows = [
    ['singular', '45.9', '3.50'],
    ['nsbp 8', '44.4', '31.5'],
  ];
  assert.equal(table(columns, rows, 40).map(plain), [
    'arm       p99 ms  price',
    'singular    45.9   3.50',
    'nsbp 8      44.4   31.5',
  ]);
  assert.equal(table(columns, rows, 20).map(plain), [
    'arm       p99 ms',
    'singular    45.9',
    'nsbp 8      44.4',
  ]);
});

tables('stand below each other where columns that count do not fit', () => {
  const columns = ['arm', 'first', 'second'].map((title) => ({ title }));
  assert.equal(
    table(columns, [['a', '1234567', '7654321']], 14).map((line) => plain(line).trimEnd()),
    ['arm    first', '  a  1234567', '', 'arm   second', '  a  7654321'],
  );
});

tables('and facts fit with any text in them', () => {
  const cell = fc.constantFrom(...difficult);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 24, max: 100 }),
      (rows, columns) => {
        const titles = ['name', 'value', 'more'].map((title) => ({
          title,
          align: 'left' as const,
          shrinks: true,
        }));
        const lines = [
          ...table(titles, rows, columns),
          ...facts(
            rows.map(([name, value]) => [name, value]),
            columns,
          ),
        ];
        for (const line of lines) assert.ok(lineWidth(line) <= columns, plain(line));
      },
    ),
  );
});

tables.run();
