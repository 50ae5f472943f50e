import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PointResult } from '../../sim/sweep-result.ts';
import { Journal, journalNames } from '../../sweep/journal.ts';
import { Folder } from '../scenarios/folder.ts';

const journals = suite('journals');

const point = (index: number, text = 'ü'): PointResult => ({
  index,
  key: `key${index}`,
  values: [index, text],
  rows: [{ arm: 'one', verdict: 'FAILED', reason: text, dominated: false, replications: 0 }],
});

function written(folder: Folder, name: string, indices: readonly number[]): void {
  const journal = new Journal(folder.path, 10);
  journal.open(name);
  for (const index of indices) journal.append(point(index));
  journal.close();
}

function indicesOf(folder: Folder): number[] {
  const journal = new Journal(folder.path, 10);
  const results = [...journal.results()];
  for (const result of results) assert.equal(result, point(result.index));
  assert.is(journal.done, results.length);
  journal.close();
  return results.map(({ index }) => index);
}

journals('give points back in their order, however they came', () => {
  const folder = new Folder();
  written(folder, 'points.ndjson', [3, 0, 9, 5]);
  assert.equal(indicesOf(folder), [0, 3, 5, 9]);
  folder.remove();
});

journals('of several processes are one, each point counted once', () => {
  const folder = new Folder();
  written(folder, 'points-0-of-2.ndjson', [0, 2]);
  written(folder, 'points-1-of-2.ndjson', [1, 3, 2]);
  written(folder, 'points.ndjson', [4]);
  assert.equal(indicesOf(folder), [0, 1, 2, 3, 4]);
  assert.is(journalNames(folder.path).length, 3);
  assert.is(readFileSync(join(folder.path, 'points-1-of-2.ndjson'), 'utf8').trim().split('\n').length, 2);
  folder.remove();
});

journals('lose no more than the line that was cut off, and go on after it', () => {
  const line = JSON.stringify(point(7));
  for (const cut of [1, 9, 30, line.length - 1, line.length]) {
    const folder = new Folder();
    written(folder, 'points.ndjson', [1, 2]);
    appendFileSync(join(folder.path, 'points.ndjson'), line.slice(0, cut));
    assert.equal(indicesOf(folder), [1, 2]);
    written(folder, 'points.ndjson', [7, 8]);
    assert.equal(indicesOf(folder), [1, 2, 7, 8]);
    folder.remove();
  }
});

journals('pass over lines that are none, and points that the sweep does not have', () => {
  const folder = new Folder();
  const lines = [
    '{}',
    '\0\0\0',
    '[1]',
    '{"index":-1,"rows":[]}',
    '{"index":2.5,"rows":[]}',
    '{"index":10,"rows":[]}',
  ];
  folder.write('points.ndjson', `${lines.join('\n')}\n`);
  written(folder, 'points.ndjson', [6]);
  assert.equal(indicesOf(folder), [6]);
  folder.remove();
});

journals('count lines that a person edited, or brought from another sweep, as not done', () => {
  const folder = new Folder();
  const edited = [
    { ...point(1), rows: [{}] },
    { ...point(2), rows: [] },
    { ...point(3), values: undefined },
    { ...point(4), key: 'of another sweep' },
    { ...point(5), rows: [{ ...point(5).rows[0], verdict: 'SPLENDID' }] },
    point(6),
  ];
  folder.write('points.ndjson', `${edited.map((one) => JSON.stringify(one)).join('\n')}\n`);
  const journal = new Journal(folder.path, 10, (index) => `key${index}`);
  assert.equal([...journal.results()], [point(6)]);
  assert.is(journal.passedOver, 5);
  journal.close();
  folder.remove();
});

journals('that cannot be written say so by name', () => {
  const folder = new Folder();
  const journal = new Journal(join(folder.path, 'none'), 10);
  assert.throws(() => journal.open('points.ndjson'), /points\.ndjson cannot be written: nothing can be made/);
  folder.remove();
});

journals('read lines that are longer than what is read at once', () => {
  const folder = new Folder();
  const journal = new Journal(folder.path, 3);
  journal.open('points.ndjson');
  const long = 'é'.repeat(3 << 20);
  for (const index of [2, 0]) journal.append(point(index, long));
  assert.equal(journal.result(0), point(0, long));
  journal.close();
  const again = new Journal(folder.path, 3);
  assert.equal([...again.results()], [point(0, long), point(2, long)]);
  again.close();
  folder.remove();
});

journals.run();
