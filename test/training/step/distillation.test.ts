import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { atCandidates } from '../../../models/operators.ts';
import { summariseModel } from '../../../models/summary.ts';
import {
  backboneWidth,
  type Distillation,
  distillationOperators,
} from '../../../sim/training/step/distillation-operators.ts';
import { trainingStep } from '../../../sim/training/step/step.ts';
import { inputErrorOf } from '../../models/fixtures.ts';
import { jobOf, roundHost, smallModel } from './jobs.ts';

const distillation = suite('training step: distillation');

const kinds: Distillation[] = [
  { kind: 'none' },
  { kind: 'one-head' },
  { kind: 'auxiliary-heads', headWidth: 256 },
  { kind: 'auxiliary-heads', headWidth: 256, adapterWidth: 8 },
];

const flopsOf = (kind: Distillation) =>
  distillationOperators(smallModel, kind).reduce((sum, { flops }) => sum + atCandidates(flops, 1), 0);

distillation('a head d → h → 1 adds 2(dh + h) FLOPs forward and 6(dh + h) in training', async () => {
  const d = backboneWidth(smallModel);
  assert.is(d, 256);
  const [none, , heads, adapter] = kinds.map(flopsOf);
  // Beside the products each head has a loss of one FLOP.
  assert.is(heads - none, 2 * (d * 256 + 256) + 1);
  assert.is(adapter - heads, 2 * (d * 256 + 256) + 1 + 2 * (8 + 8) + 1);
  const steps = await Promise.all(kinds.map((kind) => trainingStep(jobOf({ distillation: kind }))));
  const added = steps[2].flopsPerExample.training - steps[0].flopsPerExample.training;
  // 0.395 MFLOP for d = h = 256, as the arithmetic of two products gives.
  assert.is(added, 6 * (d * 256 + 256) + 3);
  assert.ok(Math.abs(added / 1e6 - 0.395) < 0.001);
});

distillation('leaves the served model as it was: its FLOPs, its parameters, every operator', async () => {
  const before = structuredClone(smallModel);
  const steps = await Promise.all(kinds.map((kind) => trainingStep(jobOf({ distillation: kind }))));
  assert.equal(smallModel, before);
  const served = atCandidates(summariseModel(smallModel).flops, 1);
  for (const { flopsPerExample } of steps) assert.is(flopsPerExample.forward, served);
});

distillation('each kind trains no faster than a simpler one, and takes as much memory or more', async () => {
  const steps = await Promise.all(
    kinds.map((kind) => trainingStep(jobOf({ distillation: kind, host: roundHost }))),
  );
  for (let i = 1; i < steps.length; i++) {
    assert.ok(steps[i].examplesPerS <= steps[i - 1].examplesPerS, kinds[i].kind);
    assert.ok(steps[i].flopsPerExample.training > steps[i - 1].flopsPerExample.training);
    assert.ok(steps[i].memory.totalBytes >= steps[i - 1].memory.totalBytes);
  }
});

distillation('the teacher label is read with the example: two bytes', async () => {
  const [none, one] = await Promise.all(
    kinds.slice(0, 2).map((kind) => trainingStep(jobOf({ distillation: kind }))),
  );
  const readOf = ({ parts }: typeof none) => parts.find(({ name }) => name === 'copy-in')!.bytes;
  assert.is(readOf(one) - readOf(none), 2 * 4096);
});

distillation('heads need a fully connected layer to stand beside', () => {
  const [net] = smallModel.nets;
  const operators = net.operators.filter(({ kind }) => kind !== 'gemm');
  const model = { ...smallModel, nets: [{ ...net, operators }] };
  const message = inputErrorOf(() => distillationOperators(model, kinds[2]));
  assert.match(message, "model 'small' has no fully connected layer");
});

distillation.run();
