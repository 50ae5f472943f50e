import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../foundation/problem.ts';
import { loadHost } from '../../../hardware-profiles/files.ts';
import { loadModel } from '../../../models/files.ts';
import { costErrors } from '../../../sim/cost/cost-unit.ts';
import { fitJob } from '../../../sim/training/step/fit.ts';
import { labelBatch } from '../../../sim/training/step/label-batch.ts';
import { TrainingMemoryError } from '../../../sim/training/step/memory.ts';
import { timedStep, trainingStep } from '../../../sim/training/step/step.ts';
import type { StepResult } from '../../../sim/training/step/step-result.ts';
import type { TrainingJob } from '../../../sim/training/step/training-job.ts';
import { modelOf } from '../../models/fixtures.ts';
import { closeTo, jobOf, roundHost, smallModel } from './jobs.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const step = suite('training step');

step('is the sum of what its parts lengthen it by; evidence covers all of it', async () => {
  for (const name of ['wukong', 'mlperf-dlrm-dcnv2', 'hstu']) {
    const result = await trainingStep(jobOf({ model: loadModel(name), hosts: 2, examplesPerDevice: 2048 }));
    assert.ok(closeTo(sum(result.parts.map(({ exposedS }) => exposedS)), result.stepS));
    assert.ok(closeTo(sum(Object.values(result.evidence)), 1));
    for (const { name: part, seconds, secondsBy } of result.parts) {
      assert.ok(closeTo(sum(Object.values(secondsBy)), seconds), part);
    }
    assert.ok(closeTo(result.examplesPerS, (16 * 2048) / result.stepS));
    assert.ok(result.mfu > 0 && result.mfu < 1, `${result.mfu}`);
    const { forward, trainingOnly, training } = result.flopsPerExample;
    assert.ok(closeTo(training, 3 * (forward + trainingOnly)));
  }
});

step('is the same every time, and shorter where parts overlap', async () => {
  const [once, again, sequence] = await Promise.all([
    trainingStep(jobOf({ hosts: 2 })),
    trainingStep(jobOf({ hosts: 2 })),
    trainingStep(jobOf({ hosts: 2, overlap: 'none' })),
  ]);
  assert.equal(once, again);
  assert.ok(once.stepS < sequence.stepS);
  assert.ok(closeTo(sequence.stepS, sum(sequence.parts.map(({ seconds }) => seconds))));
  assert.ok(once.stepS >= Math.max(once.computeS, once.communicationS));
});

step('takes longer for more examples, by less than in proportion', async () => {
  const [small, large] = await Promise.all(
    [2048, 8192].map((examplesPerDevice) => trainingStep(jobOf({ examplesPerDevice }))),
  );
  assert.ok(large.stepS > small.stepS && large.stepS < 4 * small.stepS);
  assert.ok(large.examplesPerS > small.examplesPerS);
});

step('of more hosts trains more examples, but no more than in proportion', async () => {
  const rates: number[] = [];
  for (const hosts of [1, 2, 4]) rates.push((await trainingStep(jobOf({ hosts }))).examplesPerS);
  assert.ok(rates[1] < 2 * rates[0] && rates[2] < 2 * rates[1]);
  assert.ok(rates[2] > rates[1]);
});

const bytesOf = ({ parts }: StepResult, name: string) => parts.find((part) => part.name === name)!.bytes;

step('moves what its models, batches and optimizers say', async () => {
  const result = await trainingStep(jobOf({ host: roundHost }));
  const [{ operators, tables }] = smallModel.nets;
  const parameters = sum(operators.map((operator) => operator.parameters));
  assert.is(bytesOf(result, 'all-reduce'), parameters * 4);
  // Beside Adam's tensors a gradient of 2 bytes is widened to 4, and the weight narrowed again.
  assert.is(bytesOf(result, 'dense-optimizer'), parameters * (7 * 4 + 2 + 4 + 2));
  // 4 × 2 + 2 × 20 indices, 6 lengths, 64 features and a label of 4 bytes.
  assert.is(bytesOf(result, 'copy-in'), 4096 * 4 * (48 + 6 + 64 + 1));
  // 16-bit vectors of every table for every example, over eight accelerators: no fewer on the fullest.
  const vectors = 4096 * 2 * sum(tables.map(({ embeddingDim }) => embeddingDim));
  assert.ok(bytesOf(result, 'vector-exchange') >= vectors);
  const { shares } = await fitJob(jobOf({ host: roundHost }));
  assert.ok(closeTo(sum(shares.map(({ vectorBytes }) => vectorBytes)), 8 * vectors));
});

step('of one accelerator alone neither exchanges nor reduces', async () => {
  const { accelerators } = roundHost;
  const count = { ...accelerators!.count, value: 1 };
  const alone = { ...roundHost, accelerators: { ...accelerators!, count } };
  const result = await trainingStep(jobOf({ host: alone }));
  assert.is(result.devices, 1);
  assert.is(result.communicationS, 0);
  assert.is(result.tableImbalance, 1);
});

step(
  'with Adam takes no less time and memory than with Adagrad, and that no less than with SGD',
  async () => {
    const [adam, adagrad, sgd] = await Promise.all(
      (['adam', 'adagrad', 'sgd'] as const).map((denseOptimizer) => trainingStep(jobOf({ denseOptimizer }))),
    );
    const parameters = sum(smallModel.nets[0].operators.map((operator) => operator.parameters));
    assert.ok(adam.stepS >= adagrad.stepS && adagrad.stepS >= sgd.stepS);
    assert.is(adam.memory.denseBytes - adagrad.memory.denseBytes, 4 * parameters);
    assert.is(adagrad.memory.denseBytes - sgd.memory.denseBytes, 4 * parameters);
  },
);

step(
  'with sharded dense state keeps 2 bytes of a 16-bit parameter and an eighth of the other 16',
  async () => {
    const [replicated, sharded] = (['replicated', 'sharded'] as const).map((denseState) =>
      trainingStep(jobOf({ denseState, host: roundHost })),
    );
    // Losses, in fp32, have no parameters.
    const parameters = sum(smallModel.nets[0].operators.map((operator) => operator.parameters));
    assert.is(replicated.memory.denseBytes, parameters * 18);
    assert.ok(closeTo(sharded.memory.denseBytes, parameters * (2 + 16 / 8)));
    assert.ok(closeTo(bytesOf(sharded, 'dense-optimizer') * 8, bytesOf(replicated, 'dense-optimizer')));
    assert.is(bytesOf(sharded, 'all-reduce'), bytesOf(replicated, 'all-reduce'));
    assert.ok(sharded.stepS < replicated.stepS);
  },
);

step('differs by the errors of the cost model where they are drawn', async () => {
  const job = jobOf();
  const fitted = await fitJob(job);
  const nominal = timedStep(job, fitted);
  const drawn = [0, 1].map(
    (replication) => timedStep(job, fitted, costErrors({ seed: 1, replication, withCostErrors: true })).stepS,
  );
  assert.is.not(drawn[0], drawn[1]);
  assert.ok(nominal.logError > 0);
});

step.run();

const memory = suite('training step: memory');

const large = modelOf(`name: large
nets:
  - name: rank
    data_type: bf16
    dense_features: 16
    bottom_mlp: [64]
    interaction: {kind: cat}
    top_mlp: [64, 1]
    tables:
      - {name: huge, num_embeddings: 4000000000, embedding_dim: 128, data_type: bf16, pooling_factor: 3, pooling_distribution: {kind: fixed}}
      - {group: other, count: 8, num_embeddings: 20000000, embedding_dim: 128, data_type: bf16, pooling_distribution: {kind: fixed}}
`);

memory('holds rows and their moments once over all accelerators', async () => {
  const job = jobOf({ model: large, hosts: 4 });
  const { shares, memory: fullest } = await fitJob(job);
  const stored = sum(large.nets[0].tables.map((table) => table.sizeBytes));
  const rows = sum(large.nets[0].tables.map((table) => table.numEmbeddings));
  const held = sum(shares.map(({ storedBytes }) => storedBytes));
  // Column slices have a moment each for every row.
  assert.ok(held >= stored + 4 * rows && held <= stored + 4 * 4 * rows, `${held}`);
  assert.ok(fullest.totalBytes <= fullest.capacityBytes);
  const parts =
    fullest.denseBytes +
    fullest.tableBytes +
    fullest.activationBytes +
    fullest.exchangeBytes +
    fullest.reservedBytes;
  assert.is(fullest.totalBytes, parts);
});

memory('a model that does not fit says by how much, and the hosts it names do hold it', async () => {
  try {
    await trainingStep(jobOf({ model: large }));
    assert.unreachable('expected a shortage');
  } catch (error) {
    assert.instance(error, TrainingMemoryError);
    const { message, shortage } = error as TrainingMemoryError;
    assert.match(message, /does not fit 8 accelerators of 141 GB: \d+(\.\d+)? GB missing on each/);
    const hosts = Number(/more hosts: (\d+) instead of 1, of 8 accelerators each/.exec(message)![1]);
    assert.ok(shortage.missingBytes > 0);
    assert.ok((await trainingStep(jobOf({ model: large, hosts }))).devices === 8 * hosts);
  }
});

memory('a batch whose activations do not fit is told a smaller one, which does', async () => {
  const job = jobOf({ model: loadModel('wukong'), examplesPerDevice: 65536 });
  try {
    await trainingStep(job);
    assert.unreachable('expected a shortage');
  } catch (error) {
    const examples = Number(/smaller batches: (\d+) examples/.exec((error as Error).message)![1]);
    assert.ok(examples < 65536);
    assert.ok((await trainingStep({ ...job, examplesPerDevice: examples })).stepS > 0);
  }
});

memory.run();

const labels = suite('training step: labelling');

labels('is a forward pass: less than half of a step, with the same first parts', async () => {
  const job = jobOf({ model: loadModel('wukong'), hosts: 2 });
  const [trained, labelled] = await Promise.all([trainingStep(job), labelBatch(job)]);
  assert.ok(labelled.batchS < trained.stepS / 2);
  assert.is(labelled.examplesPerBatch, trained.examplesPerStep);
  assert.ok(closeTo(labelled.examplesPerS * labelled.batchS, labelled.examplesPerBatch));
  for (const part of labelled.parts) {
    assert.is(part.seconds, trained.parts.find(({ name }) => name === part.name)!.seconds);
  }
});

labels.run();

const bad = suite('training step: bad input');

const problemsOf = async (job: TrainingJob) => {
  try {
    await trainingStep(job);
  } catch (error) {
    assert.instance(error, InputError);
    return (error as InputError).problems.map(({ path }) => path);
  }
  return assert.unreachable('expected an error') as never;
};

bad('every mistake is named by its place', async () => {
  const job = jobOf({
    hosts: 0,
    host: loadHost('sc-large'),
    examplesPerDevice: 1.5,
    reservedShare: 1,
    distillation: { kind: 'auxiliary-heads', headWidth: 0, adapterWidth: 0.5 },
  });
  assert.equal(await problemsOf(job), [
    'fleet.host',
    'fleet.hosts',
    'examplesPerDevice',
    'reservedShare',
    'distillation.headWidth',
    'distillation.adapterWidth',
  ]);
});

bad('quantised rows and integer arithmetic are not trained', async () => {
  const [net] = smallModel.nets;
  const tables = net.tables.map((table, at) => (at === 0 ? { ...table, dataType: 'int8' as const } : table));
  const operators = net.operators.map((operator, at) =>
    at === 1 ? { ...operator, dataType: 'int8' as const } : operator,
  );
  const model = { ...smallModel, nets: [{ ...net, tables, operators }] };
  assert.equal(await problemsOf(jobOf({ model })), ['model.tables.ad-0', 'model.operators.bottom-fc1']);
});

bad.run();

const sizes = suite('training step: any size');

sizes('every fleet and batch gives finite times of which each part is at most exposed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20000 }),
      async (hosts, examples) => {
        const result = await trainingStep(jobOf({ hosts, host: roundHost, examplesPerDevice: examples }));
        for (const { name, seconds, exposedS } of result.parts) {
          assert.ok(seconds >= 0 && exposedS >= 0 && exposedS <= seconds * (1 + 1e-12), name);
        }
        assert.ok(Number.isFinite(result.stepS) && result.stepS > 0);
        assert.ok(result.memory.totalBytes <= result.memory.capacityBytes);
      },
    ),
    { numRuns: 12 },
  );
});

sizes.run();
