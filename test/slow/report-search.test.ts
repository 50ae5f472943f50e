import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSubject } from '../../cli/read-subject.ts';
import { importSearch, readExport } from '../../evolve/storage/import.ts';
import { packageRoot } from '../../foundation/files.ts';
import { rankfleet } from '../cli/program.ts';
import { Folder } from '../scenarios/folder.ts';

const report = suite('rankfleet report and view of a kernel search');

const folder = new Folder();
report.after(() => folder.remove());
const at = (name: string) => join(folder.path, name);
const run = (...args: string[]) => rankfleet(args, { cwd: folder.path });

const kept = join(packageRoot, 'evolve/searches/h200-sxm/pffn-fp16.json');
copyFileSync(kept, at('pffn.json'));
(await importSearch(readExport(kept), at('search'))).close();

function answered(...args: string[]): string {
  const { status, stdout, stderr } = run(...args);
  assert.is(status, 0, `${args.join(' ')}: exit ${status}\n${stderr}`);
  return stdout;
}

function refused(args: string[], message: RegExp): void {
  const { status, stdout, stderr } = run(...args);
  assert.is(status, 2, `${args.join(' ')}: exit ${status}`);
  assert.match(stderr, message);
  assert.is(stdout, '');
}

report('a folder and an export print what evolve report prints', () => {
  for (const source of ['search', 'pffn.json']) {
    const text = answered('report', source);
    assert.match(text, /The best kernel for pffn in cuda, fp16, on NVIDIA H200 is 1\.68 times as fast/);
    assert.match(text, /What runs for which shape, timed to the end/);
    assert.is(text, answered('evolve', 'report', source));
  }
});

report('page, pictures, data and document are written as of any answer', () => {
  answered('report', 'pffn.json', '--html', 'own.html', '--svg', 'pictures', '--markdown', 'own.md');
  answered('evolve', 'report', 'pffn.json', '--html', 'evolve.html');
  const read = (name: string) => readFileSync(at(name), 'utf8');
  assert.is(read('own.html'), read('evolve.html'));
  assert.ok(readdirSync(at('pictures')).includes('search-tree.svg'));
  assert.match(read('own.md'), /^# A faster kernel: /);
  assert.match(read('own.md'), /!\[.*\]\(pictures\/search-tree\.svg\)/);
  const [own, other] = [
    answered('report', 'pffn.json', '--json', '-'),
    answered('evolve', 'report', 'pffn.json', '--json'),
  ];
  assert.equal(JSON.parse(own), JSON.parse(other));
});

report('what a search does not have is refused, and so is writing over it', () => {
  refused(
    ['report', 'search', '--csv', 'a.csv', '--seed', '3'],
    /--csv and --seed: search is a kernel search/,
  );
  refused(['report', 'pffn.json', '--html', 'pffn.json'], /that is what is reported on/);
  refused(['report', 'search', '--html', 'search/search.db'], /belongs to what is reported on/);
});

report('view prints a search, names it among answers, and says what shows it', () => {
  assert.is(answered('view', 'search'), answered('report', 'search'));
  answered('simulate', 'gpu-serving', '--replications', '1', '--out', 'simulated');
  assert.match(answered('view', '.'), /^search +kernel search +20\d\d-/m);
  assert.throws(() => readSubject(at('search')), /is a kernel search: rankfleet report .*search shows it/);
});

report.run();
