import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDevice, loadHost } from '../../../hardware-profiles/files.ts';
import { stepsOfDevice } from '../../../hardware-profiles/training-steps-files.ts';
import { executionAccuracy } from '../../../harness/accuracy/execution-accuracy.ts';
import { fitExecution, type StepPair, unseenErrors } from '../../../harness/training/fit-execution.ts';
import { simulatedStep, trainingHost } from '../../../harness/training/simulated-step.ts';
import { vagueStep } from '../../../sim/training/distillation/vague-step.ts';
import { executedAs } from '../../../sim/training/step/execution.ts';
import { labelBatch } from '../../../sim/training/step/label-batch.ts';
import { pytorchSteps } from '../../../sim/training/step/pytorch-steps.ts';
import { trainingStep } from '../../../sim/training/step/step.ts';
import { type computeParts, linkParts } from '../../../sim/training/step/timeline.ts';
import { closeTo, jobOf } from './jobs.ts';

const execution = suite('training step: execution');

const kernels = trainingStep(jobOf({ overlap: 'none' }));
const pytorch = trainingStep(jobOf({ overlap: 'none', execution: 'pytorch' }));

execution('of PyTorch takes factor × seconds + fixed seconds for every part that computes', () => {
  for (const { name, seconds, secondsBy } of pytorch.parts) {
    const before = kernels.parts.find((part) => part.name === name)!;
    const fit = pytorchSteps.parts[name as (typeof computeParts)[number]] ?? { factor: 1, fixedS: 0 };
    assert.ok(closeTo(seconds, before.seconds && fit.factor * before.seconds + fit.fixedS), name);
    const byEvidence = Object.values(secondsBy).reduce((total, each) => total + each, 0);
    assert.ok(closeTo(byEvidence, seconds), name);
  }
});

execution('leaves links and input as they are, and what is not done undone', () => {
  const secondsOf = ({ parts }: typeof kernels, name: string) =>
    parts.find((part) => part.name === name)!.seconds;
  for (const name of [...linkParts, 'read-input', 'copy-in']) {
    assert.is(secondsOf(pytorch, name), secondsOf(kernels, name));
  }
  const labels = (how: 'kernels' | 'pytorch') => labelBatch(jobOf({ execution: how }));
  assert.ok(labels('pytorch').batchS > labels('kernels').batchS);
  assert.not.ok(labels('pytorch').parts.some(({ name }) => name === 'top-backward'));
});

execution(
  'is fitted on the device of the measured steps and transferred elsewhere, with a wider error',
  () => {
    assert.ok(pytorch.evidence.fitted! > 0 && !pytorch.evidence.measured);
    assert.ok(pytorch.logError > kernels.logError && pytorch.logError < Math.hypot(kernels.logError, 1));
    const elsewhere = trainingStep(
      jobOf({ overlap: 'none', execution: 'pytorch', host: loadHost('h100x8') }),
    );
    assert.is(elsewhere.evidence.fitted, undefined);
    assert.ok(elsewhere.evidence.transferred! > 0.5);
  },
);

execution('of kernels changes nothing', () => {
  const amounts = Object.fromEntries(kernels.parts.map((part) => [part.name, part]));
  assert.is(executedAs('kernels', 'h200-sxm', amounts as never), amounts as never);
});

execution.run();

const fit = suite('training step: fit of an execution');

const device = loadDevice('h200-sxm');
const pairs: StepPair[] = stepsOfDevice('h200-sxm')!
  .steps.filter(({ path }) => path === 'graph')
  .map((step) => ({ step, simulated: simulatedStep(step, trainingHost(device, step.devices)!) }));

fit('to the committed steps is what the simulator has', () => {
  assert.equal(fitExecution('h200-sxm', pairs), pytorchSteps);
});

fit('finds the line that parts were made by, though one of them is anything', () => {
  const simulated = [1e-4, 2e-4, 5e-4, 1e-3, 3e-3, 1e-2];
  fc.assert(
    fc.property(
      fc.double({ min: 1.1, max: 5, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e-4, noNaN: true }),
      (factor, fixedS) => {
        const made = simulated.map((seconds, index) => {
          const lookup = (factor * seconds + fixedS) * (index === 2 ? 3 : 1);
          const measured = { ...pairs[0].step, medianS: lookup, parts: { lookup } };
          return {
            step: measured,
            simulated: { seconds, parts: { lookup: seconds }, logError: 0, parameters: 0 },
          };
        });
        const { lookup } = fitExecution('d', made).parts;
        assert.ok(Math.abs(lookup.factor / factor - 1) < 0.01, `${lookup.factor} for ${factor}`);
        assert.ok(
          Math.abs(lookup.fixedS / fixedS - 1) < 0.02 + 1e-6 / fixedS,
          `${lookup.fixedS} for ${fixedS}`,
        );
      },
    ),
    { numRuns: 30 },
  );
});

fit('predicts models that it has not seen far better than the kernels alone', () => {
  const [all, long] = executionAccuracy(pairs, [0, 5e-3]);
  const plain = pairs.map(({ step, simulated }) => Math.abs(simulated.seconds / step.medianS - 1)).sort();
  assert.ok(all.errors.median < plain[Math.floor(plain.length / 2)] / 2, `${all.errors.median}`);
  assert.ok(Math.abs(all.errors.bias) < 0.1 && Math.abs(long.errors.bias) < 0.1);
  assert.ok(all.within95 > 0.9, `${all.within95}`);
});

fit('has not seen the model that it predicts', () => {
  const errorsOf = (from: readonly StepPair[]) =>
    unseenErrors(from).filter(({ pair }) => pair.step.model === 'wukong');
  const slower = pairs.map((pair) =>
    pair.step.model === 'wukong' ? { ...pair, step: { ...pair.step, medianS: 2 * pair.step.medianS } } : pair,
  );
  const [before, after] = [errorsOf(pairs), errorsOf(slower)];
  assert.ok(before.length > 10);
  before.forEach(({ error }, index) => {
    assert.ok(closeTo(after[index].error, error - Math.log(2), 1e-9));
  });
});

fit('of fewer than three models has no accuracy', () => {
  assert.equal(
    executionAccuracy(
      pairs.filter(({ step }) => step.model === 'wukong'),
      [0],
    ),
    [],
  );
});

fit.run();

const warning = suite('training step: one that is hardly known');

warning('names the part and what to measure; what is known needs none', () => {
  assert.equal(vagueStep('the teacher', kernels), []);
  const parts = kernels.parts.map((part) => ({ ...part, logError: part.name === 'lookup' ? 5 : 0.1 }));
  const [words] = vagueStep('the teacher', { ...kernels, parts, logError: 1 });
  assert.match(words, 'may be off by a factor of 2.7');
  assert.match(words, /most of it in lookup.*calibrate --operators embedding-bag on/);
});

warning.run();
