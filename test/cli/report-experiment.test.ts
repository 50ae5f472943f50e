import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSubject } from '../../cli/read-subject.ts';
import { experiment } from '../reports/experiment/experiments.ts';
import { Folder } from '../scenarios/folder.ts';
import { rankfleet } from './program.ts';

const report = suite('rankfleet report and view of a distillation experiment');

const folder = new Folder();
report.after(() => folder.remove());
const at = (name: string) => join(folder.path, name);
const run = (...args: string[]) => rankfleet(args, { cwd: folder.path });

folder.write('results/result.json', JSON.stringify(experiment()));
folder.write('alone.json', JSON.stringify(experiment(), null, 2));

function answered(...args: string[]): string {
  const { status, stdout, stderr } = run(...args);
  assert.is(status, 0, `${args.join(' ')}: exit ${status}\n${stderr}`);
  return stdout;
}

function refused(args: string[], message: string): void {
  const { status, stdout, stderr } = run(...args);
  assert.is(status, 2, `${args.join(' ')}: exit ${status}`);
  assert.match(stderr, message);
  assert.is(stdout, '');
}

report('a folder and a file print the same report', () => {
  const text = answered('report', 'results');
  assert.match(text, /^External distillation surely lowers/);
  assert.is(answered('report', 'alone.json'), text);
  assert.is(answered('view', 'results'), text);
});

report('page, pictures, document and data are written as of any answer', () => {
  answered(
    'report',
    'results',
    '--html',
    'page.html',
    '--svg',
    'pictures',
    '--markdown',
    'own.md',
    '--json',
    'own.json',
  );
  assert.match(readFileSync(at('page.html'), 'utf8'), 'id="transfer-by-size"');
  assert.equal(readdirSync(at('pictures')).sort(), [
    'gain-by-arm-1.svg',
    'gain-by-arm-2.svg',
    'ne-by-lag.svg',
    'over-time-1.svg',
    'over-time-2.svg',
    'transfer-by-size.svg',
  ]);
  assert.match(readFileSync(at('own.md'), 'utf8'), '](pictures/gain-by-arm-1.svg)');
  assert.equal(JSON.parse(readFileSync(at('own.json'), 'utf8')), JSON.parse(JSON.stringify(experiment())));
  assert.is(answered('report', 'own.json'), answered('report', 'results'));
});

report('tables are written by name, the students unless one is named', () => {
  const cells = answered('report', 'results', '--csv', '-').trimEnd().split('\n');
  assert.is(cells.length, 1 + experiment().cells.length);
  assert.match(cells[0], /^experiment,product,key,arm,title,control,vertical,task,teacher,/);
  assert.match(answered('report', 'results', '--csv', '-', '--table', 'freshness'), /,28,0\.96/);
});

report('what an experiment does not have is refused', () => {
  refused(
    ['report', 'results', '--trace', 'a.json', '--seed', '3'],
    '--trace and --seed: results is a distillation experiment',
  );
  refused(
    ['report', 'results', '--csv', '-', '--table', 'cell'],
    "an experiment has no such table (did you mean 'cells'?)",
  );
  refused(['report', 'results', '--table', 'cells'], '--table says what --csv and --parquet write');
  refused(['report', 'results', '--json', 'results/result.json'], 'result.json');
});

report('a result that is cut short, of another version or changed is refused with its place', () => {
  const whole = JSON.stringify(experiment(), null, 2);
  writeFileSync(at('cut.json'), whole.slice(0, 3000));
  refused(['report', 'cut.json'], 'cut.json: is not whole JSON: was it cut short?');
  writeFileSync(at('old.json'), whole.replace('"version": 1', '"version": 0'));
  refused(['report', 'old.json'], 'is an experiment of version 0; this rankfleet reads version 1');
  writeFileSync(at('changed.json'), whole.replace('"kind": "flights"', '"kind": "trains"'));
  refused(['report', 'changed.json'], 'source.kind');
});

report('view lists it by its kind, and other commands say what shows it', () => {
  folder.write('other/result.json', JSON.stringify(experiment()));
  assert.match(answered('view', '.'), /^other +distillation experiment +20\d\d-/m);
  assert.throws(
    () => readSubject(at('results')),
    /is a distillation experiment: rankfleet report .*results shows it/,
  );
  refused(['compare', 'results', 'results'], 'rankfleet-distillation-experiment');
});

report.run();
