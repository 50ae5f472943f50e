import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { block, bullets, code, inline, markdownTable, paragraph } from '../../reports/files/markdown.ts';

const markdown = suite('Markdown');

/** Cells of a line of a table: parted by pipes that nothing escapes. */
function cellsIn(line: string): string[] {
  const [before, ...cells] = line.split(/(?<=(?:^|[^\\])(?:\\\\)*)\|/);
  assert.is(before, '');
  assert.is(cells.pop(), '');
  return cells.map((cell) => cell.trim());
}

markdown('a table has its units in the headings, groups before them, and numbers to the right', () => {
  const columns = [
    { title: 'arm', align: 'left' as const },
    { title: 'p99, ms', group: 'latency' },
  ];
  assert.is(
    markdownTable(columns, [['one', '1.2 ±0.1'], ['two']]),
    '| arm | latency: p99, ms |\n| :-- | --: |\n| one | 1.2 ±0.1 |\n| two |  |',
  );
});

markdown('whatever stands in a cell, the table keeps its shape and no markup comes in', () => {
  const text = fc.array(
    fc.constantFrom('|', '\\', '<', '\n', '`', '*', 'a', '&lt;', '[x](y)', '\r', '_', '\u2028'),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 2 }), (cells) => {
      const lines = markdownTable(
        [{ title: 'a' }, { title: 'b' }],
        [cells.map((parts) => parts.join(''))],
      ).split('\n');
      assert.is(lines.length, 3);
      assert.is(cellsIn(lines[2]).length, 2);
      assert.ok(!/<(?!br>)/.test(lines[2]), lines[2]);
      assert.ok(!/[\r\u2028]/.test(lines[2]), lines[2]);
    }),
  );
});

markdown('what would be markup is shown as it is; words with underscores stay readable', () => {
  assert.is(inline('=a|b <i>*d*'), '=a\\|b &lt;i>\\*d\\*');
  assert.is(inline('main_hosts _x_ [y](z) `q` 5 $ ~1'), 'main_hosts \\_x\\_ \\[y\\](z) \\`q\\` 5 \\$ \\~1');
  assert.is(inline('&lt; & AT&T'), '&amp;lt; & AT&T');
  assert.is(inline('a\n  b'), 'a<br>b');
  assert.is(inline('a\u001b[31mb'), 'a \\[31mb');
});

markdown('lines of running text stay lines, and none begins something else', () => {
  assert.is(paragraph('# no heading\n- no list'), '\\# no heading  \n\\- no list');
  assert.is(bullets(['one', 'two\nlines']), '- one\n- two<br>lines');
});

markdown('fixed width holds backticks, too', () => {
  assert.is(code('a b'), '`a b`');
  assert.is(code('a`b'), '``a`b``');
  assert.is(code('`a'), '`` `a ``');
  assert.is(block('sh', 'echo ```'), '````sh\necho ```\n````');
});

markdown.run();
