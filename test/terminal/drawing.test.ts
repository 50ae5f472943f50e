import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linearAxis, logAxis, shareAxis } from '../../reports/terminal/axes.ts';
import { bar, intervalBar, sparkline, stackedBar } from '../../reports/terminal/bars.ts';
import { Canvas } from '../../reports/terminal/canvas.ts';
import { plain } from '../../reports/terminal/line.ts';
import { plot } from '../../reports/terminal/plot.ts';
import { displayWidth, lineWidth } from '../../reports/terminal/text-width.ts';

const bars = suite('terminal: bars');

bars('are as long as their value, in eighths of a column', () => {
  assert.is(bar(1, 1, 4), '████');
  assert.is(bar(0.5, 1, 4), '██');
  assert.is(bar(0.28, 1, 4), '█▏');
  assert.is(bar(1e-9, 1, 4), '▏');
  assert.is(bar(0, 1, 4), '');
  assert.is(bar(7, 1, 4), '████');
  assert.is(bar(1, 0, 4), '');
});

bars('are shaded over an interval, and show a limit within it and beyond', () => {
  const drawn = (mean: number, half: number, limit?: number) =>
    plain(intervalBar({ mean, low: mean - half, high: mean + half }, { most: 10, width: 10, limit }));
  assert.is(drawn(5, 2), '███▒▒▒▒   ');
  assert.is(drawn(5, 0), '█████     ');
  assert.is(drawn(5, 2, 8), '███▒▒▒▒ │ ');
  assert.is(drawn(5, 2, 4), '███▒│▒▒   ');
  assert.is(drawn(5, 2, 20), '███▒▒▒▒   ', 'a limit off the scale is not drawn');
});

bars('of parts end where their sum does, and leave no gap', () => {
  const part = fc.double({ min: 0, max: 5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 80 }),
      (values, width) => {
        const total = values.reduce((sum, value) => sum + value, 0);
        const line = stackedBar(
          values.map((value, index) => ({ letter: 'x', value, index })),
          total,
          width,
        );
        assert.is(lineWidth(line), total > 0 ? width : 0);
      },
    ),
  );
});

bars('over time show the largest of what shares a column', () => {
  assert.is(sparkline([1, 2, 4, 8], 4), '▁▂▄█');
  assert.is(sparkline([1, 8, 1, 1], 2), '█▁');
  assert.is(sparkline([0, 0], 5), '▁▁');
});

bars.run();

const plots = suite('terminal: plots');

plots('set the dots of a line, ends included, and no others', () => {
  const canvas = new Canvas(2, 1);
  canvas.line(0, 0, 3, 3);
  assert.equal(canvas.rows(), ['⠑⢄']);
  canvas.dot(-1, 0);
  canvas.dot(0, 99);
  canvas.line(Number.NaN, 0, 3, Number.POSITIVE_INFINITY);
  assert.equal(canvas.rows(), ['⠑⢄']);
});

plots('place round values, and shares by their nines', () => {
  assert.equal(
    linearAxis(0, 100, String).ticks.map(({ value }) => value),
    [0, 50, 100],
  );
  const log = logAxis(1, 100, String);
  assert.ok(Math.abs(log.place(10) - 0.5) < 1e-12);
  assert.equal(
    shareAxis().ticks.map(({ text }) => text),
    ['0 %', '50 %', '90 %', '99 %', '99.9 %', '99.99 %'],
  );
  assert.ok(Math.abs(shareAxis().place(0.99) - 0.5) < 1e-12);
});

plots('are as wide and as high as asked for, whatever lies in them', () => {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constantFrom(0, Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { maxLength: 12 }),
      fc.integer({ min: 20, max: 120 }),
      fc.integer({ min: 5, max: 30 }),
      (points, width, height) => {
        const lines = plot(
          {
            x: logAxis(1, 1000, (tick) => `${tick} ms`),
            y: linearAxis(0, 5000, String),
            curve: points,
            points,
            signs: points.map((at) => ({ at, sign: '●' })),
            upright: 100,
            level: 2000,
          },
          width,
          height,
        );
        assert.is(lines.length, height);
        for (const line of lines) assert.ok(displayWidth(plain(line)) <= width, plain(line));
      },
    ),
  );
});

plots('draw a curve from the lower left to the upper right', () => {
  const lines = plot(
    {
      x: linearAxis(0, 1, String, 2),
      y: linearAxis(0, 1, String, 1),
      curve: [
        [0, 0],
        [1, 1],
      ],
    },
    12,
    6,
  );
  assert.equal(
    lines.map((line) => plain(line).trimEnd()),
    ['1 ┤       ⡠⠊', '  │    ⢀⠔⠉', '  │  ⣀⠔⠁', '0 ┤⡠⠊', '  └┬───┬───┬', '   0  0.5  1'],
  );
});

plots.run();
