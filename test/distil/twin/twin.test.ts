// time-limit: 240 s
// Importing PyTorch takes a while, where it is installed.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Examples } from '../../../distil/learner/examples.ts';
import type { FloatArray, Precision } from '../../../distil/learner/float-array.ts';
import { Learner } from '../../../distil/learner/learner.ts';
import { Predictor } from '../../../distil/learner/serving-model.ts';
import type { Distillation, LearnerSpec } from '../../../distil/learner/spec.ts';
import { type Pass, type PassStep, trainBySteps } from '../../../distil/learner/train-by-steps.ts';
import { trainInOnePass } from '../../../distil/learner/train-in-one-pass.ts';
import { picked } from '../../../distil/streams/columns.ts';
import { NumberFiles } from '../../../distil/twin/number-files.ts';
import { gradientsOf, type Part, parametersOf } from '../../../distil/twin/parameters.ts';
import { TorchLearner, type TorchOptions } from '../../../distil/twin/torch-learner.ts';
import { startTorch } from '../../../distil/twin/torch-worker.ts';
import { trainInTorch } from '../../../distil/twin/train-in-torch.ts';
import { InputError } from '../../../foundation/problem.ts';
import { DeviceUnavailable, Unsupported } from '../../../harness/device.ts';
import { failure } from '../../failure.ts';
import { type Auxiliary, adapter, everything, examplesOf, specOf, taught } from '../learner/cases.ts';
import { torchWorker } from './torch.ts';

const worker = await torchWorker();
const batch = 16;

const { adapter: _, ...withoutAdapter }: Auxiliary = everything;

/** Every kind of distillation, and every option of each. */
const arms: Record<string, Distillation> = {
  'no teacher': { kind: 'none' },
  'one head': { kind: 'one-head', weight: 0.7 },
  'an auxiliary head': withoutAdapter,
  'two heads with hidden layers and an adapter': { ...everything, heads: 2, headHidden: [5] },
  'heads that the backbone does not hear': { ...everything, gradientScale: 0 },
  'an affine adapter on the probability': {
    ...everything,
    adapter: { ...adapter, hidden: [], input: 'probability' },
  },
  'a residual adapter': { ...everything, adapter: { ...adapter, hidden: [4, 3], residual: true } },
};

const twin = suite('twin: the learner by PyTorch');

function test(name: string, body: () => Promise<void>): void {
  if (worker) twin(name, body);
  else twin.skip(`${name}: no PyTorch`, body);
}

/** Does something with a twin, which is closed afterwards. */
async function withTwin<Result>(
  spec: LearnerSpec,
  examples: Examples,
  options: Partial<TorchOptions>,
  body: (twin: TorchLearner) => Promise<Result>,
): Promise<Result> {
  const learner = await TorchLearner.open(worker!, spec, examples, options);
  try {
    return await body(learner);
  } finally {
    await learner.close();
  }
}

/** Largest difference, relative to the largest value of either array. */
function relativeDistance(actual: FloatArray, expected: FloatArray): number {
  let [distance, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    distance = Math.max(distance, Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(actual[i]), Math.abs(expected[i]));
  }
  return scale === 0 ? 0 : distance / scale;
}

function agree(actual: Part[], expected: Part[], tolerance: number): void {
  assert.equal(
    actual.map(({ part, values }) => [part, values.length]),
    expected.map(({ part, values }) => [part, values.length]),
  );
  for (const [at, { part, values }] of expected.entries()) {
    const distance = relativeDistance(actual[at].values, values);
    assert.ok(distance <= tolerance, `${part}, array ${at}: differs by ${distance}`);
  }
}

for (const [name, distillation] of Object.entries(arms))
  test(`finds by autograd the gradients that ours has by hand: ${name}`, async () => {
    const spec = specOf(distillation, {
      serving: { tableRows: [7, 5, 3], embeddingDim: 3, hidden: [10, 6], headHidden: [4] },
    });
    const examples = examplesOf(48);
    const ours = new Learner(spec, 'float64');
    await withTwin(spec, examples, { precision: 'float64' }, async (its) => {
      // Away from where they start, where a residual adapter has hidden layers without a gradient.
      for (let start = 0; start < 32; start += batch)
        ours.train(examples, start, start + batch, new Float64Array(48));
      await its.train(0, 32, new Float64Array(48));
      const { losses, gradients } = await its.differentiate(32, 48);
      ours.differentiate(examples, 32, 48);
      differentiateAdapter(ours, examples, 32, 48);
      const expected = gradientsOf(ours);
      for (const { part, values } of expected)
        assert.ok(
          values.some((slope) => slope !== 0),
          `${part}: all gradients are 0`,
        );
      agree(gradients, expected, 1e-10);
      const oursLosses = ours.losses(examples, 32, 48);
      assert.ok(Math.abs(losses.serving - oursLosses.serving) < 1e-12);
      assert.is(losses.distillation.length, oursLosses.distillation.length);
      for (const [at, loss] of oursLosses.distillation.entries())
        assert.ok(Math.abs(losses.distillation[at] - loss) < 1e-12);
    });
  });

/** Gradients of L_sta, of the examples that have a teacher's label. */
function differentiateAdapter(learner: Learner, { labels, teacher }: Examples, start: number, end: number) {
  const known = Array.from({ length: end - start }, (_, i) => start + i).filter(
    (i) => !Number.isNaN(teacher![i]),
  );
  learner.auxiliary?.adapter?.differentiate(
    Float64Array.from(known, (i) => teacher![i]),
    Float64Array.from(known, (i) => labels[i]),
    known.length,
  );
}

const passExamples = examplesOf(3000, 8);

function trainOurs(spec: LearnerSpec, examples: Examples, precision: Precision) {
  const learner = new Learner(spec, precision);
  const predictions = new Float64Array(examples.labels.length);
  trainInOnePass(learner, examples, spec.batch, predictions);
  return { learner, predictions };
}

async function trainIts(spec: LearnerSpec, examples: Examples, options: Partial<TorchOptions>) {
  return withTwin(spec, examples, options, async (its) => {
    const predictions = new Float64Array(examples.labels.length);
    const losses = await its.train(0, predictions.length, predictions);
    const [parameters, served] = [await its.parameters(), await its.exportServing()];
    return { predictions, losses, tally: its.tally, parameters, served };
  });
}

function largestDistance(one: FloatArray, other: FloatArray): number {
  let most = 0;
  for (let i = 0; i < one.length; i++) most = Math.max(most, Math.abs(one[i] - other[i]));
  return most;
}

/** Half a unit in the last place of a float32 just below 1. */
const unit = 2 ** -24;

for (const [name, distillation] of Object.entries(arms)) {
  const spec = specOf(distillation, { backboneRateScale: 1.5 });

  test(`stays with ours over a pass in float64: ${name}`, async () => {
    const ours = trainOurs(spec, passExamples, 'float64');
    const its = await trainIts(spec, passExamples, { precision: 'float64' });
    // Their sums run in another order; the predictions are kept in float32 by both.
    assert.ok(largestDistance(its.predictions, ours.predictions) <= unit);
    agree(its.parameters, parametersOf(ours.learner), 1e-10);
    assert.equal(its.tally, ours.learner.tally);
  });

  test(`is in float32 about as far from exact as ours is: ${name}`, async () => {
    const exact = trainOurs(spec, passExamples, 'float64');
    const ours = trainOurs(spec, passExamples, 'float32');
    const its = await trainIts(spec, passExamples, {});
    const allowed = 8 * Math.max(unit, largestDistance(ours.predictions, exact.predictions));
    const distance = largestDistance(its.predictions, exact.predictions);
    assert.ok(distance > 0 && distance <= allowed, `${distance}, allowed ${allowed}`);
    assert.equal(its.tally, ours.learner.tally);
  });
}

test('counts examples without a teacher’s label and labels that scaling clips', async () => {
  const { tally } = await trainIts(specOf(everything), passExamples, {});
  const said = [...passExamples.teacher].filter((p) => !Number.isNaN(p));
  assert.equal(tally, {
    examples: 3000,
    withoutTeacher: 3000 - said.length,
    clippedLabels: said.filter((p) => p * everything.labelScale > 1).length,
  });
  assert.ok(tally.clippedLabels > 0 && tally.withoutTeacher > 0);
});

test('learns nothing from a teacher that said nothing', async () => {
  const untaught = taught(passExamples, () => Number.NaN);
  const base = await trainIts(specOf({ kind: 'none' }), passExamples, {});
  for (const distillation of [everything, { kind: 'one-head', weight: 3 }] as const) {
    const { predictions, losses } = await trainIts(specOf(distillation), untaught, {});
    assert.is(largestDistance(predictions, base.predictions), 0);
    assert.equal(losses.serving, base.losses.serving);
  }
});

test('goes on where it was, in parts of any length', async () => {
  const spec = specOf(everything);
  const whole = await trainIts(spec, passExamples, {});
  await withTwin(spec, passExamples, {}, async (its) => {
    const predictions = new Float32Array(3000);
    for (const [start, end] of [
      [0, 1600],
      [1600, 1600],
      [1600, 3000],
    ])
      await its.train(start, end, predictions);
    assert.is(largestDistance(predictions, whole.predictions), 0);
    assert.equal(its.tally, whole.tally);
  });
});

/** A pass that learns from two examples in three, and serves all of them, some ahead of what it has learned. */
function passOf(distillation: Distillation): Pass {
  const order = Int32Array.from(passExamples.labels.keys()).filter((i) => i % 3 > 0);
  const learned = {
    ids: passExamples.ids.map((column) => picked(column as Int32Array, order)),
    labels: picked(passExamples.labels as Uint8Array, order),
    teacher: picked(passExamples.teacher, order),
  };
  const steps: PassStep[] = [];
  for (let from = 0; from < 2000; from += 250) {
    steps.push({ does: 'predict', from: from + 500, to: from + 750 });
    steps.push({ does: 'predict', from: 0, to: 7 });
    steps.push({ does: 'train', from, to: from + 250 });
  }
  return { spec: specOf(distillation), learned, served: passExamples.ids, steps };
}

for (const [name, distillation] of Object.entries(arms))
  test(`takes the steps of a pass as ours does: ${name}`, async () => {
    const pass = passOf(distillation);
    const ours = trainBySteps(pass);
    const done: number[] = [];
    const its = await trainInTorch(worker!, pass, {}, (examples, all) => done.push(examples, all));
    assert.is(its.predictions.length, 8 * 257);
    assert.ok(largestDistance(its.predictions, ours.predictions) < 32 * unit);
    assert.ok(largestDistance(its.model.tables.values, ours.model.tables.values) < 32 * unit);
    assert.equal(its.tally, ours.tally);
    assert.equal(done, [4056, 4056]);
    const [served, expected] = [new Float32Array(3000), new Float32Array(3000)];
    new Predictor(its.model).predict(pass.served, 0, 3000, served);
    new Predictor(ours.model).predict(pass.served, 0, 3000, expected);
    assert.ok(largestDistance(served, expected) < 32 * unit);
  });

const hasCuda = await worker?.request('learner-check', { device: 'cuda' }).then(
  () => true,
  () => false,
);

for (const [name, distillation] of Object.entries(arms)) {
  const body = async () => {
    const pass = passOf(distillation);
    const ours = trainBySteps(pass);
    const its = await trainInTorch(worker!, pass, { device: 'cuda' });
    assert.ok(largestDistance(its.predictions, ours.predictions) < 64 * unit);
    assert.equal(its.tally, ours.tally);
  };
  if (hasCuda) twin(`takes the steps of a pass on a GPU: ${name}`, body);
  else twin.skip(`takes the steps of a pass on a GPU, ${name}: no CUDA device of PyTorch`, body);
}

test('refuses steps beyond its examples, and takes none of them', async () => {
  const { spec, learned, served, steps } = passOf(everything);
  const learner = await TorchLearner.open(worker!, spec, learned, {}, served);
  const [predict, , train] = steps;
  for (const beyond of [
    { does: 'train', from: 1990, to: 2001 },
    { does: 'predict', from: 2990, to: 3001 },
    { does: 'predict', from: 8, to: 7 },
  ] as const)
    assert.match((await failure(learner.take([train, beyond]))).message, /expected examples among [23]000/);
  const said = await learner.take([predict]);
  const fresh = await trainInTorch(worker!, { spec, learned, served, steps: [predict] });
  assert.is(largestDistance(said, fresh.predictions), 0);
  assert.is(learner.tally.examples, 0);
  await learner.close();
});

/** Parameters that PyTorch drew. */
const drawn = (spec: LearnerSpec) =>
  withTwin(spec, passExamples, { start: 'own' }, (its) => its.parameters());

test('draws its own start by the seed: as ours is drawn, and φ and f_S alike in every arm', async () => {
  const wide = { tableRows: [400, 300, 300], embeddingDim: 8, hidden: [128, 64], headHidden: [] };
  const spec = specOf(everything, { serving: wide });
  const [first, again, other] = [
    await drawn(spec),
    await drawn(spec),
    await drawn({ ...spec, seed: spec.seed + 1 }),
  ];
  agree(again, first, 0);
  assert.ok(largestDistance(other[0].values, first[0].values) > 0.1);
  const base = await drawn({ ...spec, distillation: { kind: 'none' } });
  agree(base, first.slice(0, base.length), 0);
  for (const [at, { part, values }] of parametersOf(new Learner(spec)).entries()) {
    const [its, ours] = [deviationOf(first[at].values), deviationOf(values)];
    // The deviation of a deviation of n normal values is 1/√(2n) of it.
    const tolerance = 5 * ours * Math.sqrt(1 / values.length);
    assert.ok(Math.abs(its - ours) <= tolerance, `${part}: deviation ${its}, ours ${ours}`);
  }
});

function deviationOf(values: FloatArray): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}

/** What opening, or a pass over these examples, fails with. */
async function refusal(spec: LearnerSpec, examples: Examples, options: Partial<TorchOptions> = {}) {
  return failure(trainIts(spec, examples, options));
}

test('refuses in the words of ours what cannot be trained on', async () => {
  const spec = specOf(everything);
  const labels = Float32Array.from(passExamples.labels);
  labels[37] = 2;
  const cases: [LearnerSpec, Examples][] = [
    [{ ...spec, batch: 0 }, passExamples],
    [spec, { ...passExamples, labels }],
    [spec, { ids: passExamples.ids, labels: passExamples.labels }],
    [spec, taught(passExamples, (i) => (i === 40 ? 1.5 : 0.1))],
    [spec, { ...passExamples, ids: passExamples.ids.slice(1) }],
    [spec, { ...passExamples, ids: passExamples.ids.map((column) => column.subarray(0, 2999)) }],
  ];
  for (const [badSpec, examples] of cases) {
    const its = await refusal(badSpec, examples);
    assert.instance(its, InputError);
    let ours: unknown;
    try {
      trainOurs(badSpec, examples, 'float32');
    } catch (error) {
      ours = error;
    }
    assert.is(its.message, (ours as Error).message);
  }
});

test('refuses a device that PyTorch does not have', async () => {
  for (const device of ['cuda:99', 'abacus', 'meta']) {
    const error = await refusal(specOf(everything), passExamples, { device });
    assert.instance(error, Unsupported);
    assert.match(error.message, device);
  }
});

test('leaves the worker able after a refusal, and forgets a learner that is closed', async () => {
  await withTwin(specOf({ kind: 'none' }), passExamples, {}, async (its) => {
    const past = await failure(its.train(0, 3001, new Float32Array(4000)));
    assert.match(past.message, 'expected examples among 3000, not 0 to 3001');
    await its.train(0, 16, new Float32Array(16));
    assert.is(its.tally.examples, 16);
  });
  const closed = await TorchLearner.open(worker!, specOf({ kind: 'none' }), passExamples);
  await closed.close();
  const error = await failure(closed.parameters());
  assert.match(error.message, /no learner \d+/);
});

test('refuses files of another length than they should have', async () => {
  const files = new NumberFiles();
  const spec = specOf({ kind: 'none' });
  const examples = files.writeColumns(passExamples);
  const open = (changes: object) =>
    failure(
      worker!.request('learner-open', { spec, precision: 'float32', device: 'cpu', examples, ...changes }),
    );
  const short = await open({ examples: { ...examples, count: 3001 } });
  assert.match(short.message, /holds 12000 bytes, not the 12004 of 3001 int32/);
  const few = await open({ parameters: files.write(new Float32Array(3)) });
  assert.match(few.message, /holds 12 bytes, not the \d+ of \d+ float32/);
  files.remove();
});

twin.after(() => worker?.close());
twin.run();

const finding = suite('twin: finding PyTorch');

finding('says what was looked for where there is none', async () => {
  const hello = { protocol: 2, python: '3.11', devices: ['CPU by numpy'], looked: ['torch: No module'] };
  const program = `
    require('readline').createInterface({ input: process.stdin }).on('line', (line) =>
      console.log(JSON.stringify({ id: JSON.parse(line).id, result: ${JSON.stringify(hello)} })));
  `;
  const command = { interpreter: process.execPath, chosenBy: 'the test', arguments: ['-e', program] };
  const error = await failure(startTorch(command));
  assert.instance(error, DeviceUnavailable);
  assert.match(error.message, /torch: No module/);
  assert.match(error.message, /needs PyTorch/);
});

finding.run();
