import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Examples } from '../../../distil/learner/examples.ts';
import type { FloatArray } from '../../../distil/learner/float-array.ts';
import { type BatchLosses, Learner } from '../../../distil/learner/learner.ts';
import type { MlpTrainer } from '../../../distil/learner/mlp-trainer.ts';
import type { Distillation } from '../../../distil/learner/spec.ts';
import { StudentAdapter } from '../../../distil/learner/student-adapter.ts';
import { type Auxiliary, adapter, everything, examplesOf, specOf, taught } from './cases.ts';

const batch = 16;
const examples = examplesOf(batch);

type Loss = (losses: BatchLosses) => number;

/** One array of parameters, the gradient that training uses, and the loss of which it should be the gradient. */
interface Group {
  name: string;
  values: FloatArray;
  gradient: FloatArray;
  loss: () => number;
}

const step = 1e-5;

/** Every element, by central differences; in float64 they agree to the error of the differences. */
function checkGroup({ name, values, gradient, loss }: Group): void {
  assert.is(gradient.length, values.length, name);
  assert.ok(
    gradient.some((slope) => slope !== 0),
    `${name}: all gradients are 0`,
  );
  const expected = [...gradient];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    values[i] = value + step;
    const above = loss();
    values[i] = value - step;
    const below = loss();
    values[i] = value;
    const slope = (above - below) / (2 * step);
    assert.ok(Math.abs(slope - expected[i]) < 1e-8, `${name}[${i}]: ${expected[i]}, differences ${slope}`);
  }
}

/** The labels of the examples that have one of the teacher's. */
function known({ teacher, labels }: typeof examples) {
  const at = [...teacher.keys()].filter((i) => !Number.isNaN(teacher[i]));
  return {
    teacher: Float64Array.from(at, (i) => teacher[i]),
    labels: Float64Array.from(at, (i) => labels[i]),
    count: at.length,
  };
}

function layersOf(name: string, mlp: MlpTrainer, loss: () => number): Group[] {
  return mlp.layers.flatMap(({ layer, weightGradients, biasGradients }, at) => [
    { name: `${name} weights ${at}`, values: layer.weights, gradient: weightGradients.slice(), loss },
    { name: `${name} bias ${at}`, values: layer.bias, gradient: biasGradients.slice(), loss },
  ]);
}

function embeddingsOf({ backbone: { embeddings } }: Learner, loss: () => number): Group {
  const { dim, values } = embeddings.tables;
  const rows = Array.from({ length: values.length / dim }, (_, row) => [...embeddings.gradientOf(row)]);
  return { name: 'embeddings', values, gradient: new Float64Array(rows.flat()), loss };
}

/** Gradients of all groups of the student; those of φ are of the losses as the backbone weighs them. */
function checkStudent(distillation: Distillation, data: Examples, headHidden: number[] = []): void {
  const spec = specOf(distillation);
  const learner = new Learner({ ...spec, serving: { ...spec.serving, headHidden } }, 'float64');
  // A step on other examples first: nothing of it may be left in the gradients.
  learner.train(examplesOf(batch, 2), 0, batch, new Float64Array(batch));
  const scale = distillation.kind === 'auxiliary-heads' ? distillation.gradientScale : 0;
  const lossOf = (loss: Loss) => () => loss(learner.losses(data, 0, batch));
  const ofBackbone = lossOf(
    ({ serving, distillation }) => serving + scale * distillation.reduce((a, b) => a + b, 0),
  );
  learner.differentiate(data, 0, batch);
  const groups = [
    embeddingsOf(learner, ofBackbone),
    ...layersOf('backbone', learner.backbone.mlp, ofBackbone),
    ...layersOf(
      'f_S',
      learner.servingHead,
      lossOf(({ serving }) => serving),
    ),
    ...(learner.auxiliary?.heads ?? []).flatMap(({ mlp }, at) =>
      layersOf(
        `distillation head ${at}`,
        mlp,
        lossOf(({ distillation }) => distillation[at]),
      ),
    ),
  ];
  groups.forEach(checkGroup);
}

const differences = suite('learner: gradients against finite differences');

differences('of a model without teacher', () => checkStudent({ kind: 'none' }, examples));

differences('of one head on both labels', () => checkStudent({ kind: 'one-head', weight: 0.7 }, examples));

differences('of auxiliary heads, adapter, w, α clipped at 1, β', () => {
  assert.ok(examples.teacher.some((label) => label * everything.labelScale > 1));
  assert.ok(examples.teacher.some((label) => label * everything.labelScale < 1));
  checkStudent(everything, examples);
});

differences('of two heads on the teacher, with hidden layers in every head', () => {
  checkStudent({ ...everything, heads: 2, headHidden: [5] }, examples, [7]);
});

for (const input of ['probability', 'logit'] as const)
  for (const residual of [false, true])
    differences(`of an adapter that reads the ${input}${residual ? ' and adds to the teacher' : ''}`, () => {
      const spec: Auxiliary = { ...everything, adapter: { ...adapter, input, residual } };
      const learner = new Learner(specOf(spec), 'float64');
      // Steps first: a residual adapter starts where its hidden layer has no gradient.
      for (let i = 0; i < 5; i++) learner.train(examples, 0, batch, new Float64Array(batch));
      const { teacher, labels, count } = known(examples);
      const { adapter: trained } = learner.auxiliary!;
      trained!.differentiate(teacher, labels, count);
      layersOf('adapter', trained!.mlp, () => trained!.loss(teacher, labels, count)).forEach(checkGroup);
    });

differences.run();

const stops = suite('learner: gradients that are exactly zero');

const gradientsOf = (mlp: MlpTrainer) =>
  mlp.layers.flatMap(({ weightGradients, biasGradients }) => [...weightGradients, ...biasGradients]);

const parametersOf = (mlp: MlpTrainer) =>
  mlp.layers.flatMap(({ layer }) => [...layer.weights, ...layer.bias]);

/** Gradients of f_S and of the backbone, of a fresh learner. */
function firstGradients(distillation: Distillation, data: Examples) {
  const learner = new Learner(specOf(distillation), 'float64');
  learner.differentiate(data, 0, batch);
  return { serving: gradientsOf(learner.servingHead), backbone: gradientsOf(learner.backbone.mlp) };
}

stops('the serving head gets none from the teacher', () => {
  const [one, other, none] = [
    firstGradients(everything, examples),
    firstGradients(
      everything,
      taught(examples, () => 0.01),
    ),
    firstGradients({ kind: 'none' }, examples),
  ];
  assert.equal(one.serving, none.serving);
  assert.equal(other.serving, none.serving);
  assert.not.equal(one.backbone, other.backbone);
  assert.not.equal(one.backbone, none.backbone);
});

stops('with one head the serving head gets some from the teacher', () => {
  const { serving } = firstGradients({ kind: 'one-head', weight: 1 }, examples);
  assert.not.equal(serving, firstGradients({ kind: 'none' }, examples).serving);
});

/** An adapter's parameters after a pass beside a student of these settings. */
function adapterBeside(changes: Partial<Auxiliary>, learningRate = 0.05): number[] {
  const learner = new Learner(specOf({ ...everything, ...changes }, { learningRate }), 'float64');
  const data = examplesOf(64, 5);
  for (let start = 0; start < 64; start += batch)
    learner.train(data, start, start + batch, new Float64Array(64));
  return parametersOf(learner.auxiliary!.adapter!.mlp);
}

stops('the adapter gets none from the student', () => {
  const alone = adapterBeside({});
  assert.equal(adapterBeside({ weight: 30, gradientScale: 20, labelScale: 5 }), alone);
  assert.equal(adapterBeside({ heads: 2, headHidden: [4] }, 0.5), alone);
  assert.not.equal(adapterBeside({ adapter: { ...adapter, learningRate: 0.06 } }), alone);
});

stops('examples without a teacher’s label leave the adapter as it is', () => {
  const learner = new Learner(specOf(everything), 'float64');
  learner.train(examples, 0, batch, new Float64Array(batch));
  const alone = new StudentAdapter(adapter, batch, 'float64', specOf(everything).seed);
  const { teacher, labels, count } = known(examples);
  assert.ok(count < batch);
  alone.train(teacher, labels, count);
  assert.equal(parametersOf(learner.auxiliary!.adapter!.mlp), parametersOf(alone.mlp));
});

stops('examples without a teacher’s label have none from distillation', () => {
  const untaught = taught(examples, () => Number.NaN);
  assert.equal(firstGradients(everything, untaught), firstGradients({ kind: 'none' }, examples));
  assert.equal(
    firstGradients({ kind: 'one-head', weight: 3 }, untaught),
    firstGradients({ kind: 'none' }, examples),
  );
});

stops('with β = 0 the backbone has none from the distillation heads', () => {
  const unheard = { ...everything, gradientScale: 0 };
  assert.equal(firstGradients(unheard, examples), firstGradients({ kind: 'none' }, examples));
});

stops.run();

const scaling = suite('learner: what w and β scale');

const headGradients = (changes: Partial<Auxiliary>) => {
  const learner = new Learner(specOf({ ...everything, headHidden: [], ...changes }), 'float64');
  learner.differentiate(examples, 0, batch);
  return gradientsOf(learner.auxiliary!.heads[0].mlp);
};

scaling('β leaves the distillation head as it is, w scales it', () => {
  const plain = headGradients({ weight: 1, gradientScale: 1 });
  assert.equal(headGradients({ weight: 1, gradientScale: 8 }), plain);
  assert.equal(
    headGradients({ weight: 4, gradientScale: 1 }),
    plain.map((slope) => 4 * slope),
  );
});

scaling('w is not that of the head on the adapter', () => {
  const lossesAt = (weight: number) =>
    new Learner(specOf({ ...everything, weight }), 'float64').losses(examples, 0, batch).distillation;
  const [[plain, adapted], [heavier, stillAdapted]] = [lossesAt(1), lossesAt(4)];
  assert.is(heavier, 4 * plain);
  assert.is(stillAdapted, adapted);
});

scaling('labels above 1/α are clipped, not scaled on', () => {
  const at = (label: number) => {
    const learner = new Learner(specOf({ ...everything, labelScale: 4 }), 'float64');
    learner.differentiate(
      taught(examples, () => label),
      0,
      batch,
    );
    return gradientsOf(learner.auxiliary!.heads[0].mlp);
  };
  assert.equal(at(0.25), at(0.9));
  assert.not.equal(at(0.2), at(0.25));
});

scaling.run();
