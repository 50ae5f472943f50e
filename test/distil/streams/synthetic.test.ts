import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { overlapOf } from '../../../distil/streams/stream.ts';
import { driftingEffects } from '../../../distil/streams/synthetic/effects.ts';
import { knownTeacher } from '../../../distil/streams/synthetic/known-teacher.ts';
import { syntheticOptions } from '../../../distil/streams/synthetic/options.ts';
import { syntheticStream } from '../../../distil/streams/synthetic/synthetic-stream.ts';
import { RandomStream } from '../../../foundation/random.ts';
import {
  calibration,
  normalizedEntropy,
  predictionSums,
} from '../../../sim/training/quality/normalized-entropy.ts';
import { messageOf } from '../../input-error.ts';

const options = syntheticOptions({
  days: 20,
  examples_per_day: 2000,
  drift_days: 10,
  overlap: 0.5,
  signal: 1.5,
  vertical_bias: 0.8,
  tasks: [
    { name: 'click', mean_delay_s: 600 },
    { name: 'buy', base_rate: 0.1, alike: 0.5, label_noise: 0.05 },
  ],
});
const world = syntheticStream(options);
const [click, buy] = world.stream.tasks;

const synthetic = suite('streams: synthetic');

synthetic('the same options give the same stream, another seed another', () => {
  const again = syntheticStream(options);
  assert.equal(again.stream, world.stream);
  const other = syntheticStream({ ...options, seed: 2 });
  assert.not.equal([...other.stream.tasks[0].labels], [...click.labels]);
});

synthetic('drift changes what comes true, not who comes', () => {
  const still = syntheticStream({ ...options, drift_days: null });
  assert.equal(still.stream.fields, world.stream.fields);
  assert.equal(still.stream.impressionS, world.stream.impressionS);
  assert.not.equal([...still.truth[0]], [...world.truth[0]]);
});

synthetic('labels come true as often as the truth says, within chance', () => {
  for (const [task, { labels }] of world.stream.tasks.entries()) {
    let [excess, variance] = [0, 0];
    for (let row = 0; row < labels.length; row++) {
      excess += labels[row] - world.truth[task][row];
      variance += world.truth[task][row] * (1 - world.truth[task][row]);
    }
    assert.ok(Math.abs(excess) < 4 * Math.sqrt(variance), `${excess} of ${Math.sqrt(variance)}`);
  }
});

synthetic('label noise keeps the truth away from 0 and 1', () => {
  assert.ok(world.truth[1].every((p) => p >= 0.05 - 1e-6 && p <= 0.95 + 1e-6));
  assert.ok(world.truth[0].some((p) => p < 0.02));
});

synthetic('κ is one and the overlap; without, each example has its home only', () => {
  const { overlap } = overlapOf(world.stream);
  assert.ok(Math.abs(overlap - 1.5) < 0.02, `${overlap}`);
  assert.is(overlapOf(syntheticStream({ ...options, days: 1, overlap: 0 }).stream).overlap, 1);
  assert.ok(world.home.every((home, row) => (world.stream.members[row] >>> home) & 1));
});

synthetic('label delays have the mean asked for', () => {
  const mean = click.delayS.reduce((sum, delay) => sum + delay, 0) / click.delayS.length;
  assert.ok(Math.abs(mean / 600 - 1) < 0.03, `${mean} s`);
  assert.ok(buy.delayS.every((delay) => delay === 0));
});

synthetic('effects keep their variance, and forget as exp(−g/τ)', () => {
  const days = driftingEffects(new RandomStream(3), 31, 20_000, 10);
  const product = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length;
  for (const gap of [0, 1, 10, 30]) {
    const correlation = product(days[0], days[gap]);
    assert.ok(Math.abs(correlation - Math.exp(-gap / 10)) < 0.03, `${gap} days: ${correlation}`);
    assert.ok(Math.abs(product(days[gap], days[gap]) - 1) < 0.04);
  }
});

synthetic.run();

const teachers = suite('streams: known teachers');

const sumsOf = (probabilities: Float32Array) => predictionSums(probabilities, click.labels);
const entropy = (probabilities: Float32Array) => normalizedEntropy(sumsOf(probabilities));

teachers('without faults is the truth', () => {
  assert.equal(knownTeacher(world, 'click'), world.truth[0]);
  assert.equal(knownTeacher(world, 'buy'), world.truth[1]);
});

teachers('the further behind, the worse, by much more than chance', () => {
  const behind = [0, 2, 7, 19].map((staleDays) => entropy(knownTeacher(world, 'click', { staleDays })));
  for (let i = 1; i < behind.length; i++) assert.ok(behind[i] > behind[i - 1] + 0.01, behind.join());
});

teachers('nothing is stale where nothing changes', () => {
  const still = syntheticStream({ ...options, drift_days: null });
  assert.equal(knownTeacher(still, 'click', { staleDays: 9 }), still.truth[0]);
});

teachers('a shift of the logit shows in the calibration, noise and blindness in the entropy', () => {
  const shifted = calibration(sumsOf(knownTeacher(world, 'click', { logitShift: 0.5 })));
  assert.ok(shifted > 1.2, `${shifted}`);
  const best = entropy(world.truth[0]);
  assert.ok(entropy(knownTeacher(world, 'click', { logitNoise: 1 })) > best + 0.02);
  assert.ok(entropy(knownTeacher(world, 'click', { seesVerticals: false })) > best + 0.02);
});

teachers('of no such task, or of a day to come, are refused', () => {
  assert.match(
    messageOf(() => knownTeacher(world, 'clicks')),
    "did you mean 'click'",
  );
  assert.match(
    messageOf(() => knownTeacher(world, 'click', { staleDays: -1 })),
    'whole number of days',
  );
});

teachers.run();

const asked = suite('streams: synthetic options');

const bad: [given: Record<string, unknown>, message: string][] = [
  [{ driftdays: 3 }, "unknown key 'driftdays' (did you mean 'drift_days'?)"],
  [{ overlap: 1.5 }, 'overlap'],
  [{ verticals: 33 }, 'must be at most 32'],
  [{ tasks: [] }, 'tasks'],
  [{ tasks: [{ name: 'a' }, { name: 'a' }] }, 'two of them have the same name'],
  [{ tasks: [{ name: 'a', alike: 0.5 }] }, 'the first task is like itself'],
  [{ cardinalities: [10] }, 'none to interact with'],
  [{ days: 3650, examples_per_day: 1_000_000 }, 'more than memory is for'],
];
for (const [given, message] of bad) {
  asked(`${JSON.stringify(given)} is refused`, () => {
    assert.match(
      messageOf(() => syntheticOptions(given)),
      message,
    );
  });
}

asked.run();
