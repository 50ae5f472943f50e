// time-limit: 240 s
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadExperiment } from '../../distil/experiment/load-experiment.ts';
import { type SyntheticStream, syntheticStream } from '../../distil/streams/synthetic/synthetic-stream.ts';
import { recordBytes } from '../../distil/teacher-log/log-file.ts';
import { packageRoot } from '../../foundation/files.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { rankfleet } from '../cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-distil-logs-'));
const at = (name: string) => join(folder, name);

const quick = readFileSync(join(packageRoot, 'distil/library/quick.yaml'), 'utf8').replace(
  'seeds: 2',
  'seeds: 1\narms: [one-head, ah]\ncontrols: [shuffled, vm-sized]',
);

/** quick, with one seed and its teacher from logs. */
function withLogs(...logs: string[]): string {
  const text = quick
    .replace(/staleness_days: .*\nlag_days: .*\n/, '')
    .replace(/sizes: .*/, `logs: [${logs}]`);
  writeFileSync(at('given.yaml'), text);
  return at('given.yaml');
}

function distilled(experiment: string): ExperimentResult {
  const { status, stdout, stderr } = rankfleet(['distil', experiment, '--json']);
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

writeFileSync(at('trained.yaml'), quick);
rankfleet(['distil', at('trained.yaml'), '--out', at('out'), '--keep-logs']);
const trained: ExperimentResult = JSON.parse(readFileSync(at('out/result.json'), 'utf8'));
for (const days of [0, 3])
  copyFileSync(at(`out/teacher-logs/fm-x1-seed1-${days}d.log`), at(`fm-${days}d.log`));

const { source } = loadExperiment(at('trained.yaml')).spec;
assert.is(source.kind, 'synthetic');
const world: SyntheticStream = syntheticStream(
  (source as Extract<typeof source, { kind: 'synthetic' }>).options,
);

/** A log in CSV of the teacher that knows the world; @param cells of a row, or nothing for none */
function csvLog(
  cells: (row: number, midnightS: number, p: number) => (string | number)[] | undefined,
  head = 'example,probability,trained_through_s',
): string {
  const lines = Array.from(world.truth[0], (p, row) => {
    const midnightS = 86_400 * Math.floor(world.stream.impressionS[row] / 86_400);
    return cells(row, midnightS, p)?.join();
  });
  return [head, ...lines.filter((line) => line !== undefined), ''].join('\n');
}

const given = suite('distil: a teacher from elsewhere');

given('the kept logs of a teacher teach as the teacher did', () => {
  const before = readFileSync(at('fm-0d.log'));
  const result = distilled(withLogs('fm-0d.log', 'fm-3d.log'));
  assert.equal(result.protocol.stalenessDays, [0, 3]);
  const usual = trained.cells.filter(({ teacherSize = 1 }) => teacherSize === 1);
  assert.equal(result.cells, usual);
  const [fresh] = trained.teachers.filter(({ size, stalenessDays }) => size === 1 && stalenessDays === 0);
  const { model: _, ...rest } = fresh;
  assert.equal(result.teachers[0], rest);
  assert.equal(result.freshness, []);
  // A log that is not ours stays where it is.
  assert.equal(readFileSync(at('fm-0d.log')), before);
});

given('a log in CSV is measured for what it is: the truth has the least NE', () => {
  writeFileSync(
    at('truth.csv'),
    csvLog((row, midnightS, p) => [row, p, midnightS]),
  );
  const result = distilled(withLogs('truth.csv'));
  assert.equal(result.protocol.stalenessDays, [0]);
  assert.is(result.teachers[0].union.ne.mean, result.source.tasks[0].bestNe);
  assert.is(result.teachers[0].gaps, 0);
  assert.is(result.claims[0].verdict, 'not shown', 'one seed has no interval');
  const [cell] = result.cells.filter(({ teacher }) => teacher === 'foundation model');
  assert.is(cell.withoutTeacher, 0);
});

given(
  'how stale a log is, is told by its snapshots; what it lacks is masked, counted and not compared',
  () => {
    const text = csvLog((row, midnightS, p) =>
      midnightS < 2 * 86_400 || row % 5 === 0 ? undefined : [row, p, midnightS - 2 * 86_400],
    );
    writeFileSync(at('gaps.csv'), text);
    const experiment = withLogs('gaps.csv');
    const result = distilled(experiment);
    assert.equal(result.protocol.stalenessDays, [2]);
    const [teacher] = result.teachers;
    assert.is(teacher.missing, 2 * 1500 + (10 * 1500) / 5);
    assert.is(teacher.gaps, 1 + (10 * 1500) / 5 - 1);
    assert.ok(teacher.ageDays!.least >= 2 && teacher.ageDays!.most <= 3);
    assert.equal(teacher.verticals, []);
    assert.is(result.claims[0].verdict, 'not run');
    const [cell] = result.cells.filter(({ teacher: kind }) => kind === 'foundation model');
    assert.ok(Math.abs(cell.withoutTeacher - 1 / 3) < 0.03, `${cell.withoutTeacher}`);
    const { stdout, stderr } = rankfleet(['distil', experiment]);
    assert.match(stderr, '6000 examples without one: 0 to 3 000');
    assert.match(stdout, 'From elsewhere: its logs of click were given');
  },
);

given('two logs of the same figures have the same key, wherever they lie', () => {
  const keys = ['truth.csv', 'copy.csv'].map((name) => {
    writeFileSync(
      at(name),
      csvLog((row, midnightS, p) => [row, p, midnightS]),
    );
    return distilled(withLogs(name)).key;
  });
  assert.is(keys[0], keys[1]);
  writeFileSync(
    at('copy.csv'),
    csvLog((row, midnightS, p) => [row, p / 2, midnightS]),
  );
  assert.is.not(distilled(withLogs('copy.csv')).key, keys[0]);
});

given.run();

const refusing = suite('distil: logs that cannot be a teacher’s');
refusing.after(() => rmSync(folder, { recursive: true }));

const whole = readFileSync(at('fm-0d.log'));
const wrong: [what: string, name: string, content: string | Buffer | undefined, message: string][] = [
  ['a file that is not there', 'none.log', undefined, 'none.log: no such file'],
  ['what is no log', 'words.log', 'These are words.', 'is no teacher log'],
  [
    'a log cut off',
    'cut.log',
    whole.subarray(0, whole.length - recordBytes),
    'bytes of records where its head says',
  ],
  [
    'a log of another stream',
    'other.log',
    Buffer.from(whole.toString('latin1').replace('"synthetic"', '"flightsss"'), 'latin1'),
    'pseudo-labels are of stream flightsss with 18000 examples, not of synthetic with 18000',
  ],
  [
    'a log of another task',
    'task.log',
    Buffer.from(whole.toString('latin1').replace('"click"', '"purchase"'), 'latin1'),
    'is of task purchase, and teacher.task is click',
  ],
  [
    'a teacher that had seen the label',
    'leak.csv',
    csvLog((row, midnightS, p) => [row, p, midnightS + 86_400]),
    'published at',
  ],
  [
    'no probability',
    'range.csv',
    csvLog((row, midnightS, p) => [row, row === 7 ? 1.5 : p, midnightS]),
    "range.csv:9:2: expected a probability, 0 to 1, got '1.5'",
  ],
  [
    'an example twice',
    'twice.csv',
    csvLog((row, midnightS, p) => [row === 9 ? 8 : row, p, midnightS]),
    'twice.csv:11:1: example 8 comes up twice',
  ],
  [
    'an example that the stream lacks',
    'beyond.csv',
    csvLog((row, midnightS, p) => [row === 9 ? 18_000 : row, p, midnightS]),
    "beyond.csv:11:1: expected an example of the stream, 0 to 17999, got '18000'",
  ],
  [
    'words for a probability',
    'words.csv',
    csvLog((row, midnightS, p) => [row, row === 3 ? 'high' : p, midnightS]),
    "words.csv:5:2: expected a number, got 'high'",
  ],
  [
    'columns that are not known',
    'columns.csv',
    csvLog((row, midnightS, p) => [row, p, midnightS], 'example,probabilty,trained_through_s'),
    "columns.csv:1:1: lacks column 'probability' (did you mean 'probabilty'?)",
  ],
  ['a head alone', 'empty.csv', 'example,probability,trained_through_s\n', 'empty.csv: has no pseudo-label'],
];
for (const [what, name, content, message] of wrong) {
  refusing(`${what} is refused with its place in the experiment or the log`, () => {
    if (content !== undefined) writeFileSync(at(name), content);
    const { status, stdout, stderr } = rankfleet(['distil', withLogs(name), '--out', at('never')]);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, message);
    assert.match(stderr, new RegExp(`given\\.yaml:\\d+:\\d+: teacher\\.logs\\[0\\]: |${name}:\\d+:\\d+: `));
  });
}

refusing('two logs of the same age, and what makes no sense beside a log', () => {
  copyFileSync(at('fm-0d.log'), at('twin.log'));
  const refused = (experiment: string, message: string) => {
    const { status, stderr } = rankfleet(['distil', experiment]);
    assert.is(status, 2);
    assert.match(stderr, message);
  };
  refused(withLogs('fm-0d.log', 'twin.log'), 'is 0 days stale, as teacher.logs[0] is');
  const text = readFileSync(withLogs('fm-0d.log'), 'utf8');
  writeFileSync(at('given.yaml'), text.replace('logs:', 'hidden: [8]\n  logs:'));
  refused(at('given.yaml'), 'teacher.hidden: a teacher of which logs are given is not trained');
  writeFileSync(at('given.yaml'), `${text}staleness_days: [0]\n`);
  refused(at('given.yaml'), 'staleness_days: logs say themselves how stale they are');
});

refusing.run();
