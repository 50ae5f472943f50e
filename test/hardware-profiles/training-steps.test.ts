import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../foundation/problem.ts';
import { type MeasuredStep, stepShapeWords } from '../../hardware-profiles/training-steps.ts';
import { stepLine, stepsFromCsv, stepsHeader } from '../../hardware-profiles/training-steps-csv.ts';
import { locateSteps, readSteps, stepsOfDevice } from '../../hardware-profiles/training-steps-files.ts';
import { withFolder } from './measured-points.ts';

const step: MeasuredStep = {
  model: 'wide-and-deep',
  factors: { tables: 1, rows: 0.25, dim: 1, dense: 2 },
  dataType: 'bf16',
  examples: 512,
  devices: 2,
  distillation: { kind: 'auxiliary-heads', headWidth: 256, adapterWidth: 8 },
  path: 'graph',
  medianS: 0.001234567,
  spread: 0.012,
  repeats: 40,
  parts: { lookup: 0.0001, 'table-update': 0.0002 },
  error: 1e-6,
  lookups: 1000,
  parameters: 2000,
  memoryBytes: 3e9,
  update: 'triton',
  date: '2026-01-02',
  software: 'torch 2.11.0',
};

const files = suite('training steps: files');

files('a step is read as it was written, with heads and without', () => {
  const plain: MeasuredStep = { ...step, distillation: { kind: 'none' }, path: 'eager', parts: {} };
  const text = [stepsHeader, stepLine(step), stepLine(plain), ''].join('\n');
  assert.equal(stepsFromCsv(text, 'steps.csv'), [step, plain]);
  assert.is(
    stepShapeWords(step),
    'wide-and-deep, rows × 0.25, dense × 2, bf16, 512 examples on each of 2 devices, heads 256 + adapter 8',
  );
});

files('what a killed run left of a line is left out', () => {
  const text = `${stepsHeader}\n${stepLine(step)}\n${stepLine(step).slice(0, 30)}`;
  assert.is(stepsFromCsv(text, 'steps.csv').length, 1);
});

const wrong: [what: string, change: (line: string) => string, message: string][] = [
  [
    'an unknown path',
    (line) => line.replace(',graph,', ',grpah,'),
    "steps.csv:2:1: path: expected one of eager, graph, compiled-graph, got 'grpah'",
  ],
  ['a negative time', (line) => line.replace('0.001234567', '-1'), 'median_s: expected a number from 1e-12'],
  [
    'heads of nobody',
    (line) => line.replace('auxiliary-heads', 'one-head'),
    'head_width: one-head has no heads',
  ],
  [
    'heads without a width',
    (line) => line.replace(',256,8,', ',,8,'),
    'head_width: expected a whole number from 1',
  ],
  ['a ragged line', (line) => `${line},1`, 'values for'],
  ['a wrong answer', (line) => line.replace('0.000001,', '0.5,'), 'error 0.5: a wrong step has no time'],
  [
    'a date that is none',
    (line) => line.replace('2026-01-02', 'today'),
    "date: expected a date, got 'today'",
  ],
];

for (const [what, change, message] of wrong) {
  files(`${what} is told with its line`, () => {
    const changed = change(stepLine(step));
    assert.is.not(changed, stepLine(step));
    assert.throws(
      () => stepsFromCsv(`${stepsHeader}\n${changed}\n`, 'steps.csv'),
      (error: unknown) => error instanceof InputError && error.message.includes(message),
    );
  });
}

files('another header is told', () => {
  assert.throws(
    () => stepsFromCsv('model,time\na,1\n', 'steps.csv'),
    'steps.csv:1:1: expected the header model,',
  );
});

files('a folder without a manifest is told, and one with a wrong manifest', () => {
  withFolder((folder) => {
    assert.throws(() => locateSteps(join(folder, 'none')), 'no folder of training steps');
    assert.throws(() => locateSteps(folder), 'expected training.yaml, or a folder for each date with one');
    writeFileSync(join(folder, 'training.yaml'), 'format: rankfleet-training-steps\nversion: 1\ndevice: x\n');
    assert.is(locateSteps(folder), folder);
    assert.throws(() => readSteps(folder), 'how');
  });
});

files('those that come with the H200 are many, of several models, batches, types and ways to learn', () => {
  const { steps, manifest } = stepsOfDevice('h200-sxm')!;
  const count = (of: (step: MeasuredStep) => unknown) => new Set(steps.map(of)).size;
  assert.is(manifest.device, 'h200-sxm');
  assert.ok(count(stepShapeWords) >= 40, `${count(stepShapeWords)}`);
  assert.ok(count(({ model }) => model) >= 8);
  assert.ok(count(({ examples }) => examples) >= 5);
  assert.equal([...new Set(steps.map(({ dataType }) => dataType))].sort(), ['bf16', 'fp32', 'tf32']);
  assert.is(
    count(({ distillation }) => JSON.stringify(distillation)),
    4,
  );
  assert.ok(steps.every(({ update }) => update === 'triton'));
  assert.ok(
    manifest.runs.some(({ skipped }) => skipped.length > 0),
    'what cannot be built is told',
  );
});

files.run();
