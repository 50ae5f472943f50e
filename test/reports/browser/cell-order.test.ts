import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareCells, figureIn } from '../../../reports/browser/cell-order.ts';

const order = suite('order of cells');

order('the first figure of a cell, in the base of its unit', () => {
  const figures: [text: string, figure: number | undefined][] = [
    ['45.90 ±0.05', 45.9],
    ['−5.88 ±0.19', -5.88],
    ['+6.46', 6.46],
    ['14 673', 14_673],
    ['67\u00a0200', 67_200],
    ['100 of 200', 100],
    ['850 µs', 850e-6],
    ['12 ms', 0.012],
    ['1.20 s', 1.2],
    ['3 min', 180],
    ['6.44 k', 6440],
    ['5.01 MB', 5.01e6],
    ['23.7 kW', 23_700],
    ['41.6 %', 41.6],
    ['< 0.1', 0.1],
    ['× 1.45', 1.45],
    ['1+4', 1],
    ['1e-7', 1e-7],
    ['–', undefined],
    ['smallest', undefined],
    ['Q9', undefined],
    ['', undefined],
  ];
  for (const [text, figure] of figures) assert.is(figureIn(text), figure, text);
});

order('figures by size, words as people sort them, nothing last', () => {
  const sorted = (cells: string[], isNumeric: boolean) =>
    [...cells].sort((a, b) => compareCells(a, b, isNumeric));
  assert.equal(sorted(['1.20 s', '–', '900 ms', '850 µs'], true), ['850 µs', '900 ms', '1.20 s', '–']);
  assert.equal(sorted(['nsbp 10', 'nsbp 2', 'alone'], false), ['alone', 'nsbp 2', 'nsbp 10']);
  assert.equal(sorted(['yes', 'no'], true), ['no', 'yes']);
});

order.run();
