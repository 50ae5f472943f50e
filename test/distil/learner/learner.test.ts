import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Examples } from '../../../distil/learner/examples.ts';
import { Learner } from '../../../distil/learner/learner.ts';
import {
  flopsPerExample,
  Predictor,
  parameterCount,
  type ServingModel,
} from '../../../distil/learner/serving-model.ts';
import type { Distillation, LearnerSpec } from '../../../distil/learner/spec.ts';
import { type PassStep, trainBySteps } from '../../../distil/learner/train-by-steps.ts';
import { trainInOnePass } from '../../../distil/learner/train-in-one-pass.ts';
import { everything, examplesOf, near, specOf } from './cases.ts';

/** Trains over all examples, `passes` times; returns the predictions of the last. */
function trained(spec: LearnerSpec, examples: Examples, passes = 1) {
  const learner = new Learner(spec);
  const predictions = new Float32Array(examples.labels.length);
  for (let pass = 0; pass < passes; pass++) trainInOnePass(learner, examples, spec.batch, predictions);
  return { learner, predictions };
}

function served(model: ServingModel, examples: Examples, batch = 64): Float32Array {
  const into = new Float32Array(examples.labels.length);
  new Predictor(model, batch).predict(examples.ids, 0, into.length, into);
  return into;
}

const arms: Record<string, Distillation> = {
  none: { kind: 'none' },
  'one head': { kind: 'one-head', weight: 1 },
  'auxiliary heads and adapter': everything,
};

const serving = suite('learner: serving model');

for (const [name, distillation] of Object.entries(arms))
  serving(`trained with ${name}, serves what the learner predicts, to the last bit`, () => {
    const examples = examplesOf(500, 3);
    const { learner } = trained(specOf(distillation), examples);
    const model = learner.exportServing();
    const said = new Float32Array(16);
    const next = examplesOf(16, 4);
    learner.train(next, 0, 16, said);
    assert.equal(served(model, next), said);
    assert.equal(served(model, next, 3), said);
    assert.not.equal(served(learner.exportServing(), next), said);
  });

serving('takes turns with training: predicts by what was learned so far, from one order or another', () => {
  const [examples, others] = [examplesOf(64, 7), examplesOf(40, 9)];
  const spec = specOf(everything);
  const learner = new Learner(spec);
  const start = served(learner.model, others).subarray(3, 9);
  trainInOnePass(learner, examples, 16, new Float32Array(64), 0, 24);
  const early = served(learner.model, others).subarray(20, 40);
  trainInOnePass(learner, examples, 16, new Float32Array(64), 24, 64);
  const steps: PassStep[] = [
    { does: 'predict', from: 3, to: 9 },
    { does: 'train', from: 0, to: 24 },
    { does: 'predict', from: 20, to: 40 },
    { does: 'predict', from: 5, to: 5 },
    { does: 'train', from: 24, to: 64 },
  ];
  const trained = trainBySteps({ spec, learned: examples, served: others.ids, steps });
  assert.equal(trained.predictions, Float32Array.of(...start, ...early));
  assert.equal(trained.model, learner.exportServing());
  assert.equal(trained.tally, learner.tally);
});

serving('follows the training of a live model, not of an exported one', () => {
  const examples = examplesOf(64, 7);
  const learner = new Learner(specOf(arms.none));
  const [live, exported] = [learner.model, learner.exportServing()];
  const before = served(live, examples);
  trainInOnePass(learner, examples, 16, new Float32Array(64));
  assert.equal(served(exported, examples), before);
  assert.equal(served(live, examples), served(learner.exportServing(), examples));
  assert.not.equal(served(live, examples), before);
});

serving('has the parameters and FLOPs of one without teacher', () => {
  const [base, ...others] = Object.values(arms).map((arm) => new Learner(specOf(arm)).exportServing());
  assert.is(parameterCount(base), (7 + 5 + 3) * 3 + (9 * 10 + 10) + (10 * 6 + 6) + (6 + 1));
  assert.is(flopsPerExample(base), 2 * (9 * 10 + 10 * 6 + 6));
  for (const other of others) {
    assert.equal(Object.keys(other), Object.keys(base));
    assert.is(parameterCount(other), parameterCount(base));
    assert.is(flopsPerExample(other), flopsPerExample(base));
  }
});

serving('starts alike in every arm, and stays so while the backbone hears no teacher', () => {
  const examples = examplesOf(300, 6);
  const unheard = trained(specOf({ ...everything, gradientScale: 0 }), examples);
  const base = trained(specOf({ kind: 'none' }), examples);
  assert.equal(unheard.predictions, base.predictions);
  assert.equal(unheard.learner.exportServing(), base.learner.exportServing());
  assert.not.equal(trained(specOf(everything), examples).predictions, base.predictions);
});

serving.run();

const learning = suite('learner: learning');

/** Ten examples that look alike: three positive, and a teacher that says 0.7 of each. */
const alike: Examples = {
  ids: [new Uint8Array(10)],
  labels: Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0, 0),
  teacher: new Float32Array(10).fill(0.7),
};

const constant = (distillation: Distillation) =>
  specOf(distillation, {
    serving: { tableRows: [1], embeddingDim: 2, hidden: [4], headHidden: [] },
    batch: 10,
    learningRate: 0.2,
  });

for (const weight of [0.25, 1, 4])
  learning(`one head of weight ${weight} settles on (E[y] + w·E[y_F]) / (1 + w)`, () => {
    const { predictions } = trained(constant({ kind: 'one-head', weight }), alike, 2000);
    near(predictions[0], (0.3 + weight * 0.7) / (1 + weight), 1e-3, 'served');
  });

learning(
  'with auxiliary heads the served probability settles on E[y], the teacher’s bias notwithstanding',
  () => {
    const { predictions } = trained(constant({ ...everything, labelScale: 1, weight: 4 }), alike, 2000);
    near(predictions[0], 0.3, 1e-3, 'served');
  },
);

learning('an adapter maps a biased teacher onto the labels', () => {
  const { learner } = trained(constant({ ...everything, labelScale: 1 }), alike, 2000);
  const targets = new Float32Array(1);
  learner.auxiliary!.adapter!.targets(Float32Array.of(0.7), 1, targets);
  near(targets[0], 0.3, 1e-3, 'target');
});

learning('a residual adapter starts as the teacher', () => {
  const spec = { ...everything, adapter: { ...everything.adapter!, residual: true } };
  const targets = new Float64Array(3);
  const { adapter } = new Learner(specOf(spec), 'float64').auxiliary!;
  adapter!.targets(Float64Array.of(0.1, 0.5, 0.93), 3, targets);
  [0.1, 0.5, 0.93].forEach((p, i) => {
    near(targets[i], p, 1e-12);
  });
});

learning('beats the base rate on a stream that its fields explain', () => {
  const examples = examplesOf(20_000, 8);
  const { predictions } = trained(specOf({ kind: 'none' }), examples);
  const [labels, from] = [examples.labels, 10_000];
  let [loss, positives] = [0, 0];
  for (let i = from; i < labels.length; i++) {
    loss -= Math.log(labels[i] ? predictions[i] : 1 - predictions[i]) / from;
    positives += labels[i] / from;
  }
  const entropy = -positives * Math.log(positives) - (1 - positives) * Math.log(1 - positives);
  assert.ok(loss / entropy < 0.95, `normalized entropy ${loss / entropy}`);
});

learning('predicts each example before it, or any later one, is trained on', () => {
  const examples = examplesOf(96, 9);
  const { predictions } = trained(specOf(everything), examples);
  const [early, late] = [structuredClone(examples), structuredClone(examples)];
  late.labels.fill(1, 48);
  late.teacher.fill(0.9, 48);
  early.labels.fill(1, 0, 48);
  assert.equal(trained(specOf(everything), late).predictions.slice(0, 64), predictions.slice(0, 64));
  assert.not.equal(trained(specOf(everything), late).predictions.slice(64), predictions.slice(64));
  assert.not.equal(trained(specOf(everything), early).predictions.slice(64), predictions.slice(64));
});

learning('a raised rate of the backbone raises its first step alone', () => {
  const [plain, raised] = [1, 3].map((backboneRateScale) => {
    const learner = new Learner(specOf({ kind: 'none' }, { backboneRateScale }), 'float64');
    const before = learner.exportServing();
    learner.train(examplesOf(16), 0, 16, new Float64Array(16));
    const moved = ({ backbone, head }: ServingModel) => [backbone[0].bias[0], head[0].bias[0]];
    return moved(learner.exportServing()).map((value, i) => value - moved(before)[i]);
  });
  near(raised[0], 3 * plain[0], 1e-9);
  assert.is(raised[1], plain[1]);
  assert.not.equal(plain[0], 0);
  assert.not.equal(plain[1], 0);
});

learning('in float32 and float64 agrees to the rounding', () => {
  const examples = examplesOf(2000, 10);
  const [single, double] = (['float32', 'float64'] as const).map((precision) => {
    const predictions = new Float64Array(2000);
    trainInOnePass(new Learner(specOf(everything), precision), examples, 16, predictions);
    return predictions;
  });
  single.forEach((p, i) => {
    near(p, double[i], 1e-3, `prediction ${i}`);
  });
});

learning.run();

const input = suite('learner: input');

input('counts examples, labels the teacher did not give, and labels that were clipped', () => {
  const examples = examplesOf(100, 12);
  const missing = examples.teacher.filter(Number.isNaN).length;
  const clipped = examples.teacher.filter((p) => p * 2.5 > 1).length;
  assert.ok(missing > 0 && clipped > 0);
  const tallyOf = (arm: Distillation) => trained(specOf(arm), examples).learner.tally;
  assert.equal(tallyOf(everything), { examples: 100, withoutTeacher: missing, clippedLabels: clipped });
  assert.equal(tallyOf(arms['one head']), { examples: 100, withoutTeacher: missing, clippedLabels: 0 });
  assert.equal(tallyOf(arms.none), { examples: 100, withoutTeacher: 0, clippedLabels: 0 });
});

input('that cannot be trained on is refused, and changes nothing', () => {
  const learner = new Learner(specOf(everything));
  const before = learner.exportServing();
  const good = examplesOf(20);
  const refused = (examples: Examples, message: RegExp, end = 16) =>
    assert.throws(() => learner.train(examples, 0, end, new Float32Array(20)), message);
  const { teacher: _, ...untaught } = good;
  refused(untaught, /needs a column of the teacher’s labels/);
  refused({ ...good, ids: good.ids.slice(1) }, /expected 3 columns of ids, not 2/);
  refused({ ...good, labels: Uint8Array.from(good.labels, () => 2) }, /example 0: label 2, expected 0 to 1/);
  refused({ ...good, labels: new Float32Array(20).fill(Number.NaN) }, /label NaN/);
  refused({ ...good, teacher: new Float32Array(20).fill(-0.5) }, /example 0: teacher’s label -0.5/);
  refused({ ...good, ids: good.ids.map((column) => column.slice(0, 9)) }, /column 0 has 9 ids, expected 16/);
  refused(good, /at most 16 examples, not 20/, 20);
  assert.throws(() => learner.train(good, 0, 16, new Float32Array(15)), /room for 16 predictions, not 15/);
  assert.equal(learner.exportServing(), before);
  assert.is(learner.tally.examples, 0);
});

input('that cannot be served is refused', () => {
  const predictor = new Predictor(new Learner(specOf(arms.none)).exportServing());
  const { ids } = examplesOf(20);
  assert.throws(() => predictor.predict(ids, 0, 21, new Float32Array(21)), /has 20 ids, expected 21/);
  assert.throws(() => predictor.predict(ids, 0, 20, new Float32Array(19)), /room for 20 predictions/);
  assert.throws(
    () => predictor.predict(ids.slice(1), 0, 20, new Float32Array(20)),
    /3 columns of ids, not 2/,
  );
});

input('of a learner that cannot be: every problem is named', () => {
  const spec = specOf(
    { ...everything, weight: -1, labelScale: 0.5, gradientScale: Number.NaN, heads: 0 },
    { batch: 0, learningRate: 0 },
  );
  const places = [
    'batch',
    'learningRate',
    ...['weight', 'labelScale', 'gradientScale', 'heads'].map((key) => `distillation.${key}`),
  ];
  assert.throws(
    () => new Learner(spec),
    (error: Error) => places.every((place) => error.message.includes(place)),
  );
});

input.run();
