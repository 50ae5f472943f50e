// time-limit: 240 s
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layoutNames, readLayout } from '../../distil/streams/csv/layout.ts';
import { packageRoot } from '../../foundation/files.ts';
import { type ExperimentResult, experimentResultSchema } from '../../sim/training/experiment-result.ts';
import { program, rankfleet } from '../cli/program.ts';

const quick = readFileSync(join(packageRoot, 'distil/library/quick.yaml'), 'utf8');

let folder: string;

const makeScratch = () => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-distil-test-'));
};
const removeScratch = () => rmSync(folder, { recursive: true });

/** An experiment like quick, with some of its text replaced. */
function changed(...replacements: [from: string, to: string][]): string {
  const text = replacements.reduce((all, [from, to]) => {
    assert.ok(all.includes(from), from);
    return all.replace(from, to);
  }, quick);
  const file = join(folder, 'mine.yaml');
  writeFileSync(file, text);
  return file;
}

const running = suite('distil: running');
running.before.each(makeScratch);
running.after.each(removeScratch);

running(
  'quick answers: a result that its schema takes, with every claim and the logs that were asked for',
  () => {
    const out = join(folder, 'out');
    const { status, stdout, stderr } = rankfleet(['distil', 'quick', '--out', out, '--keep-logs']);
    assert.is(status, 0, stderr);
    for (const id of 'abcdefg') assert.match(stdout, `(${id})`);
    assert.match(stderr, 'synthetic: 18 000 examples');
    const result = resultIn(out);
    assert.equal(
      result.claims.map(({ id }) => id),
      [...'abcdefg'],
    );
    checkCells(result);
    assert.equal(readdirSync(out).sort(), ['result.json', 'teacher-logs']);
    // Two seeds of the teacher at two stalenesses and of the smaller one at one, and of one for a vertical alone.
    assert.is(readdirSync(join(out, 'teacher-logs')).length, 2 * (2 + 1 + 2));
  },
);

/** Every student's figures are there, base has no gain, and the first days are counted as unlabelled. */
function checkCells({ cells, serving, teachers, source, protocol }: ExperimentResult): void {
  const arms = cells.filter(({ vertical, task, stalenessDays = 0, teacherSize = 1 }) => {
    return vertical === 'v0' && task === 'purchase' && stalenessDays === 0 && teacherSize === 1;
  });
  assert.is(new Set(arms.map(({ arm }) => arm)).size, 13);
  for (const { arm, ne, gain, withoutTeacher, teacher, stalenessDays } of cells) {
    assert.ok(ne.mean > 0.5 && ne.mean < 1.2, `${arm} ${ne.mean}`);
    assert.is(gain === undefined, arm === 'base');
    const hasLog = stalenessDays !== undefined;
    assert.is(hasLog, !['none', 'labels'].includes(teacher));
    if (hasLog)
      assert.ok(Math.abs(withoutTeacher - (stalenessDays + 1) / source.days) < 0.03, `${withoutTeacher}`);
    else assert.is(withoutTeacher, 0);
  }
  for (const { labelled, missing, stalenessDays } of teachers) {
    assert.is(missing, 1500 * (stalenessDays + 1));
    assert.is(labelled + missing, source.examples);
  }
  assert.is(serving.modelsExported, cells.length * protocol.seeds.length);
  assert.is(serving.withHeadsCompared > 0, true);
}

running('the same bytes come out of one thread and of four', () => {
  const text = [1, 4].map((workers) => {
    const { stdout } = rankfleet(['distil', 'quick', '--json', '--workers', String(workers)]);
    return stdout;
  });
  assert.is(text[0], text[1]);
  experimentResultSchema.parse(JSON.parse(text[0]));
});

running('seeds are those that are asked for, and fewer than five are warned of', () => {
  const { stdout } = rankfleet(['distil', 'quick', '--json', '--seeds', '3']);
  const result: ExperimentResult = JSON.parse(stdout);
  assert.equal(result.protocol.seeds, [1, 2, 3]);
  assert.is(result.cells[1].gain?.perSeed.length, 3);
  assert.match(result.warnings[0], '3 seeds');
});

running('the first seeds’ figures do not change when there are more', () => {
  const [two, three] = [2, 3].map((seeds): ExperimentResult => {
    return JSON.parse(rankfleet(['distil', 'quick', '--json', '--seeds', String(seeds)]).stdout);
  });
  for (const [at, { gain }] of two.cells.entries())
    assert.equal(gain?.perSeed, three.cells[at].gain?.perSeed.slice(0, 2));
});

running('arms that are not run leave their claims open, and say so', () => {
  const file = changed(['seeds: 2', 'seeds: 2\narms: [one-head]\ncontrols: []']);
  const { status, stdout, stderr } = rankfleet(['distil', file, '--json']);
  assert.is(status, 0, stderr);
  const result: ExperimentResult = JSON.parse(stdout);
  const verdicts = new Map(result.claims.map(({ id, verdict }) => [id, verdict]));
  for (const id of 'cefg') assert.is(verdicts.get(id), 'not run');
  assert.equal(
    result.arms.map(({ id }) => id),
    ['base', 'one-head'],
  );
});

running('a stopped run leaves nothing behind', async () => {
  const out = join(folder, 'out');
  const file = changed(['examples_per_day: 1500', 'examples_per_day: 200000']);
  const logs = join(folder, 'tmp');
  const child = spawn(process.execPath, [program, 'distil', file, '--out', out], {
    env: { PATH: process.env.PATH, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise((resolve) => child.stderr.once('data', resolve));
  const deadline = Date.now() + 60_000;
  while (!logsIn(folder) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.is(code, 130);
  assert.not.ok(existsSync(logs));
  assert.equal(readdirSync(folder), ['mine.yaml']);
});

function logsIn(place: string): boolean {
  return readdirSync(place).some((name) => name.startsWith('rankfleet-distil-'));
}

running.run();

const refusing = suite('distil: bad input');
refusing.before.each(makeScratch);
refusing.after.each(removeScratch);

const wrong: [what: string, replacements: [string, string][], message: string][] = [
  ['an unknown task', [['task: click', 'task: clik']], "has no task 'clik' (did you mean 'click'?)"],
  ['an unknown field', [['fields: [f0, f1]', 'fields: [f0, f9]']], "has no field 'f9'"],
  ['an unknown vertical', [['grid: [v0]', 'grid: [v0, v7]']], "has no vertical 'v7'"],
  ['an unknown key', [['seeds: 2', 'sedes: 2']], "unknown key 'sedes' (did you mean 'seeds'?)"],
  ['an unknown arm', [['seeds: 2', 'arms: [ah, ah-gz]']], "did you mean 'ah-gs'?"],
  ['days that count too early', [['from_day: 6', 'from_day: 3']], 'expected 4 at least'],
  [
    'days that count past the end',
    [['from_day: 6', 'from_day: 60']],
    'past the stream, which has days 0 to 11',
  ],
  ['sizes without 1', [['sizes: [0.5, 1]', 'sizes: [0.5]']], 'leaves out 1'],
  ['a world that cannot be', [['cardinalities: [60, 60, 24]', 'cardinalities: [60]']], 'interaction'],
  [
    'an absent file',
    [['kind: synthetic\n', 'kind: csv\n  file: no.csv\n  layout: criteo\n']],
    'no such file',
  ],
];

for (const [what, replacements, message] of wrong) {
  refusing(`${what} is told with its place, before anything is written`, () => {
    const isCsv = replacements[0][1].includes('csv');
    const file = changed(...replacements);
    if (isCsv) writeFileSync(file, withoutOptions(readFileSync(file, 'utf8')));
    const out = join(folder, 'out');
    const { status, stderr } = rankfleet(['distil', file, '--out', out]);
    assert.is(status, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /mine\.yaml:\d+:\d+/);
    assert.not.ok(existsSync(out));
  });
}

/** A CSV source takes no options of a world. */
function withoutOptions(text: string): string {
  return text.replace(/ {2}options:\n( {4}.*\n)+/, '');
}

refusing('an unknown experiment is answered with the nearest', () => {
  const { status, stderr } = rankfleet(['distil', 'flihgts']);
  assert.is(status, 2);
  assert.match(stderr, "unknown experiment 'flihgts' (did you mean 'flights'?)");
});

refusing('logs are kept in a folder only', () => {
  const { status, stderr } = rankfleet(['distil', 'quick', '--keep-logs']);
  assert.is(status, 2);
  assert.match(stderr, '--out');
});

refusing('the schema of experiments is printed for editors', () => {
  const { status, stdout } = rankfleet(['schema', 'distil']);
  assert.is(status, 0);
  assert.ok(JSON.parse(stdout).properties.staleness_days);
});

refusing('the schema of layouts says what each of its keys is, and takes those that ship', () => {
  const { status, stdout } = rankfleet(['schema', 'layout']);
  assert.is(status, 0);
  const { properties } = JSON.parse(stdout);
  for (const name of layoutNames())
    for (const key of Object.keys(readLayout(name))) assert.ok(properties[key], `${key} of ${name}`);
  for (const key of ['columns', 'time', 'order', 'labels', 'fields', 'buckets', 'vertical'])
    assert.ok(properties[key].description, key);
});

refusing.run();

function resultIn(out: string): ExperimentResult {
  const file = join(out, 'result.json');
  assert.ok(statSync(file).size < 300_000);
  return experimentResultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
