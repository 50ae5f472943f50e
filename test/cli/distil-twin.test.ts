// time-limit: 300 s
// Importing PyTorch takes a while, where it is installed.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExperimentResult, experimentResultSchema } from '../../sim/training/experiment-result.ts';
import { type TwinResult, twinResultSchema } from '../../sim/training/twin-result.ts';
import { torchWorker } from '../distil/twin/torch.ts';
import { rankfleet } from './program.ts';

const worker = await torchWorker();
await worker?.close();

const { PATH = '', RANKFLEET_PYTHON } = process.env;
const env = { PATH, ...(RANKFLEET_PYTHON !== undefined && { RANKFLEET_PYTHON }) };

let folder: string;
const twin = suite('distil: by PyTorch');
twin.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-distil-twin-test-'));
});
twin.after.each(() => rmSync(folder, { recursive: true }));

function withTorch(name: string, body: () => void): void {
  if (worker) twin(name, body);
  else twin.skip(`${name}: no PyTorch`, body);
}

/** Every arm and control, cross-task and not, stale and not, in a world as small as they need. */
function experiment(): string {
  const file = join(folder, 'tiny.yaml');
  writeFileSync(
    file,
    `version: 1
kind: distillation-experiment
source:
  kind: synthetic
  options:
    days: 5
    examples_per_day: 300
    cardinalities: [20, 20, 10]
    verticals: 2
    tasks:
      - { name: click, base_rate: 0.3, mean_delay_s: 600 }
      - { name: purchase, base_rate: 0.2, alike: 0.8, mean_delay_s: 3600 }
teacher: { task: click }
student: { tasks: [click, purchase], fields: [f0, f1] }
verticals: { grid: [v0] }
staleness_days: [0, 1]
lag_days: [0, 1]
seeds: 2
metrics: { from_day: 3, period_days: 1, resamples: 100, block_days: 1 }
`,
  );
  return file;
}

function resultIn(out: string, file: string): ExperimentResult {
  return experimentResultSchema.parse(JSON.parse(readFileSync(join(out, file), 'utf8')));
}

withTorch('both train all of an experiment, and agree in every model and claim', () => {
  const [out, plain] = [join(folder, 'out'), join(folder, 'plain')];
  const file = experiment();
  const { status, stdout, stderr } = rankfleet(
    ['distil', file, '--twin', '--json', '--workers', '1', '--out', out],
    { env },
  );
  assert.is(status, 0, stderr);
  const comparison: TwinResult = twinResultSchema.parse(JSON.parse(stdout));
  assert.match(comparison.backend.framework, /^PyTorch \d/);
  assert.is(comparison.rows.length, 2 + resultIn(out, 'result.json').cells.length);
  for (const { model, verdict, change } of comparison.rows) {
    assert.is(verdict, 'agrees', model);
    assert.ok(change.perSeed.length === 2 && change.perSeed.every((each) => Math.abs(each) < 1e-5), model);
  }
  assert.is(comparison.precision, 'float32');
  // Two computations, not one shown twice.
  assert.ok(comparison.rows.some(({ change }) => change.mean !== 0));
  for (const { id, ours, its } of comparison.claims) assert.is(ours, its, id);
  assert.equal(readdirSync(out).sort(), ['pytorch-result.json', 'result.json', 'twin.json']);
  assert.equal(JSON.parse(readFileSync(join(out, 'twin.json'), 'utf8')), comparison);
  const [ours, its] = [resultIn(out, 'result.json'), resultIn(out, 'pytorch-result.json')];
  assert.equal(its.backend, comparison.backend);
  assert.equal([ours.key, its.key], [comparison.keys.ours, comparison.keys.its]);
  assert.is.not(ours.key, its.key);
  assert.is(its.serving.predictionsCompared, 0);
  for (const [at, cell] of ours.cells.entries()) {
    assert.is(its.cells[at].withoutTeacher, cell.withoutTeacher);
    // A label just below 1/α by one is above it by the other where the teacher differs by rounding.
    assert.ok(Math.abs(its.cells[at].clippedLabels - cell.clippedLabels) < 0.01);
  }
  // The half of it that is ours is what an experiment without a twin answers.
  assert.is(rankfleet(['distil', file, '--out', plain], { env }).status, 0);
  assert.equal(resultIn(plain, 'result.json'), ours);
});

withTorch('trains by PyTorch alone, and says so', () => {
  const args = ['distil', experiment(), '--backend', 'python', '--seeds', '1', '--workers', '1'];
  const { status, stdout, stderr } = rankfleet(args, { env });
  assert.is(status, 0, stderr);
  assert.match(stdout, /All models were trained by PyTorch \d\S* on cpu, from the parameters/);
});

withTorch('in float64 agrees to far more digits than are told', () => {
  const args = ['distil', experiment(), '--twin', '--json', '--workers', '1', '--precision', 'float64'];
  const { status, stdout, stderr } = rankfleet(args, { env });
  assert.is(status, 0, stderr);
  const { precision, rows } = twinResultSchema.parse(JSON.parse(stdout));
  assert.is(precision, 'float64');
  // The teacher’s log is kept in float32 all the same: a student may differ where a label was rounded otherwise.
  for (const { model, change } of rows) {
    const most = model === 'teacher' || model === 'base' ? 1e-12 : 1e-7;
    assert.ok(
      change.perSeed.every((each) => Math.abs(each) < most),
      model,
    );
  }
});

withTorch('with a start of its own, other numbers come of it, told with the noise of seeds', () => {
  const { status, stdout, stderr } = rankfleet(
    ['distil', experiment(), '--twin', '--workers', '1', '--init', 'own'],
    { env },
  );
  assert.is(status, 0, stderr);
  assert.match(stdout, /from other initial parameters/);
  const changes = [...stdout.matchAll(/([+-]\d+\.\d\d) % \[/g)].map(([, change]) => Number(change));
  assert.ok(changes.length > 20 && changes.filter((change) => change !== 0).length > changes.length / 2);
});

withTorch('refuses a device that is not there before anything is trained', () => {
  const out = join(folder, 'out');
  for (const mode of [['--twin'], ['--backend', 'python']]) {
    const { status, stderr } = rankfleet(
      ['distil', experiment(), ...mode, '--device', 'cuda:77', '--out', out],
      { env },
    );
    assert.is(status, 1);
    assert.match(stderr, "no device 'cuda:77' to train on: PyTorch has the CPU and");
    assert.not.match(stderr, 'jobs');
    assert.not.ok(existsSync(out));
  }
});

twin('without PyTorch says what was looked for, and writes nothing', () => {
  const out = join(folder, 'out');
  for (const mode of [['--twin'], ['--backend', 'python']]) {
    const { status, stdout, stderr } = rankfleet(['distil', experiment(), ...mode, '--out', out], {
      env: { PATH, RANKFLEET_PYTHON: join(folder, 'no-python') },
    });
    assert.is(status, 1);
    assert.match(stderr, /no-python \(\$RANKFLEET_PYTHON\): not found/);
    assert.is(stdout, '');
    assert.not.ok(existsSync(out));
  }
});

const refused: [args: string[], message: RegExp][] = [
  [['--twin', '--backend', 'python'], /state no --backend beside it/],
  [['--twin', '--backend', 'rankfleet'], /state no --backend beside it/],
  [['--device', 'cuda'], /--device is for PyTorch: state --backend python or --twin with it/],
  [['--init', 'own', '--backend', 'rankfleet'], /--init is for PyTorch/],
  [['--backend', 'torch'], /Allowed choices are rankfleet, python/],
  [['--twin', '--init', 'mine'], /Allowed choices are shared, own/],
];

for (const [args, message] of refused)
  twin(`refuses ${args.join(' ')}`, () => {
    const { status, stderr } = rankfleet(['distil', 'quick', ...args], { env });
    assert.is(status, 2, stderr);
    assert.match(stderr, message);
  });

twin.run();
