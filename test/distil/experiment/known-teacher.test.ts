// time-limit: 120 s
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Arm, armsOf } from '../../../distil/experiment/arms.ts';
import { shuffledByDay } from '../../../distil/experiment/shuffled-by-day.ts';
import {
  type StudentJob,
  type StudentOutcome,
  trainStudents,
} from '../../../distil/experiment/student-job.ts';
import { ownTrainer } from '../../../distil/experiment/trainer.ts';
import { sumOfDays } from '../../../distil/metrics/day-sums.ts';
import { rowsOfVertical, secondsPerDay } from '../../../distil/streams/stream.ts';
import { knownTeacher, type TeacherFaults } from '../../../distil/streams/synthetic/known-teacher.ts';
import { syntheticOptions } from '../../../distil/streams/synthetic/options.ts';
import { syntheticStream } from '../../../distil/streams/synthetic/synthetic-stream.ts';
import { writeTeacherLog } from '../../../distil/teacher-log/log-file.ts';
import { noTeacherLabels } from '../../../distil/teacher-log/teacher-labels.ts';
import { calibration, normalizedEntropy } from '../../../sim/training/quality/normalized-entropy.ts';
import { failure } from '../../failure.ts';
import { usualKnobs } from './usual-knobs.ts';

const seeds = [1, 2, 3];
const fromDay = 10;

/** Sparse and without drift: what a teacher knows takes a student long to learn from labels. */
const world = syntheticStream(
  syntheticOptions({
    days: 40,
    examples_per_day: 500,
    cardinalities: [200, 50],
    verticals: 1,
    signal: 1.5,
    interaction: 0,
    drift_days: null,
    vertical_bias: 0,
    tasks: [{ name: 'click', base_rate: 0.2 }],
  }),
);
const arms = new Map(
  armsOf(['one-head', 'ah', 'ah-gs'], ['labels', 'shuffled'], usualKnobs).map((arm) => [arm.id, arm]),
);

let folder: string;

const known = suite('experiment: students of a teacher that is known');

known.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-known-'));
});

known.after(() => rmSync(folder, { recursive: true }));

/** A log that says what a teacher with some faults would, from the first day on. */
function logOf(name: string, faults: TeacherFaults): string {
  const { stream } = world;
  const snapshots = [{ id: 0, trainedThroughS: 0, publishedS: 0 }];
  const labels = noTeacherLabels({ stream: stream.name, examples: stream.size, task: 'click', snapshots });
  labels.probability.set(knownTeacher(world, 'click', faults));
  labels.snapshot.fill(0);
  labels.labelledS.set(stream.impressionS);
  const file = join(folder, `${name}.log`);
  writeTeacherLog(file, labels, stream);
  return file;
}

function students(log: string | undefined, ids: Arm['id'][], seed: number): Promise<StudentOutcome> {
  const job: StudentJob = {
    kind: 'students',
    stream: world.stream,
    serving: { tableRows: [200, 50], embeddingDim: 4, hidden: [16], headHidden: [] },
    fields: ['f0', 'f1'],
    batch: 32,
    learningRate: 0.05,
    seed,
    metricsFromDay: fromDay,
    log,
    runs: ids.map((id) => ({ vertical: 0, task: 'click', arm: arms.get(id)! })),
    checksHeads: log === undefined,
  };
  return trainStudents(job, ownTrainer());
}

const sumsOf = ({ runs }: StudentOutcome) => runs.map(({ days }) => sumOfDays(days, fromDay));

known('a perfect teacher helps, by whatever head, and its shuffled words do not', async () => {
  const log = logOf('perfect', {});
  for (const seed of seeds) {
    const [base] = sumsOf(await students(undefined, ['base'], seed)).map(normalizedEntropy);
    const taught = sumsOf(await students(log, ['one-head', 'ah', 'ah-gs', 'shuffled'], seed)).map(
      normalizedEntropy,
    );
    const [oneHead, ah, ahGs, shuffled] = taught.map((ne) => 1 - ne / base);
    assert.ok(oneHead > 0.005 && ah > 0.001 && ahGs > ah, `${oneHead} ${ah} ${ahGs}`);
    assert.ok(shuffled < ah, `${shuffled}`);
  }
});

known('one head takes over w·b/(1 + w) of a teacher’s bias b, an auxiliary head none of it', async () => {
  const logitShift = 0.8;
  const log = logOf('biased', { logitShift });
  const rows = rowsOfVertical(world.stream, 0).filter(
    (row) => world.stream.impressionS[row] >= fromDay * secondsPerDay,
  );
  const said = knownTeacher(world, 'click', { logitShift });
  const meanOf = (values: Float32Array) => rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
  const bias = meanOf(said) - meanOf(world.truth[0]);
  assert.ok(bias > 0.08, `${bias}`);
  for (const seed of seeds) {
    const [oneHead, ah] = sumsOf(await students(log, ['one-head', 'ah'], seed));
    const offBy = (sums: typeof ah) => (sums.predicted - sums.positives) / sums.count;
    near(offBy(oneHead), bias / 2, 0.15 * bias);
    near(offBy(ah), 0, 0.1 * bias);
    const [base] = sumsOf(await students(undefined, ['base'], seed));
    assert.ok(normalizedEntropy(oneHead) > normalizedEntropy(base));
    assert.ok(Math.abs(calibration(ah) - 1) < 0.05);
  }
});

known('students of no teacher are told so by their tallies, and serve what heads do not change', async () => {
  const { runs, log } = await students(undefined, ['base', 'labels'], 1);
  assert.is(log, undefined);
  const [base, labels] = runs;
  assert.is(base.withoutTeacher, 0);
  assert.is(labels.withoutTeacher, 0);
  assert.is(base.withHeadsCompared, world.stream.size);
  assert.is(labels.withHeadsCompared, 0);
  assert.is(base.exported.compared, 1024);
  assert.equal(
    [base.exported.parameters, base.exported.flopsPerExample],
    [labels.exported.parameters, labels.exported.flopsPerExample],
  );
});

known('a student whose arm needs a log, and has none, is refused', async () => {
  const error = await failure(students(undefined, ['ah'], 1));
  assert.match(error.message, /arm ah needs the log of a teacher/);
});

known.run();

const shuffling = suite('experiment: shuffled teacher');

shuffling('stays within the day, keeps all values, and what is missing in its place', () => {
  const { stream } = world;
  const rows = rowsOfVertical(stream, 0);
  const said = Float32Array.from(rows, (row) => (row % 7 === 0 ? Number.NaN : row / stream.size));
  const before = said.slice();
  shuffledByDay(said, stream.impressionS, rows, [1, 0]);
  let moved = 0;
  for (let day = 0; day < 40; day++) {
    const [from, to] = [500 * day, 500 * (day + 1)];
    const there = (values: Float32Array) =>
      values
        .slice(from, to)
        .filter((value) => !Number.isNaN(value))
        .sort();
    assert.equal(there(said), there(before));
    for (let i = from; i < to; i++) {
      assert.is(Number.isNaN(said[i]), Number.isNaN(before[i]));
      if (said[i] !== before[i]) moved++;
    }
  }
  assert.ok(moved > 0.9 * stream.size * (6 / 7), `${moved}`);
});

shuffling.run();

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected} ± ${tolerance}`);
}
