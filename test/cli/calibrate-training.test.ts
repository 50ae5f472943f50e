// time-limit: 300 s
// Importing PyTorch takes a while, where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSteps } from '../../hardware-profiles/training-steps-files.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { rankfleet } from './program.ts';

const wrong = suite('calibrate --training-steps: bad input');

const refused: [args: string[], message: string][] = [
  [['--models', 'wide-and-depe'], "no model named 'wide-and-depe' (did you mean 'wide-and-deep'?)"],
  [['--models', 'wukong:dim=1e9'], 'would grow to'],
  [['--operators', 'gemm'], '--operators: a training step is a whole model'],
  [['--backend', 'cuda'], "--backend cuda: training steps are PyTorch's"],
  [['--batches', '1.5'], '--batches 1.5: expected a whole number of examples'],
  [['--data-types', 'int8'], "no type of a training step is called 'int8'"],
  [['--implementations', 'grap'], "did you mean 'graph'?"],
  [['--distillation', 'heads=0'], 'expected none, one-head, heads=256'],
  [['--list'], '--list and --training-steps: one at a time'],
];

for (const [args, message] of refused) {
  wrong(`${args.join(' ')} is refused, and nothing is written`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'rankfleet-steps-'));
    try {
      const { status, stderr } = rankfleet([
        'calibrate',
        '--training-steps',
        ...args,
        '--out',
        join(folder, 'out'),
      ]);
      assert.is(status, 2, stderr);
      assert.match(stderr, message);
      assert.equal(readdirSync(folder), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

wrong('its options say so where no training steps are asked for', () => {
  const { status, stderr } = rankfleet(['calibrate', '--models', 'wukong']);
  assert.is(status, 2);
  assert.match(stderr, '--models: says which training steps to measure: needs --training-steps');
});

wrong('accuracy wants a device with the steps, and a folder that is there', () => {
  assert.match(rankfleet(['accuracy', '--training-steps', 'x']).stderr, 'say on which device');
  const { status, stderr } = rankfleet(['accuracy', '--device', 'h200-sxm', '--training-steps', 'x']);
  assert.is(status, 2);
  assert.match(stderr, 'no folder of training steps: x');
});

wrong.run();

const measuring = suite('calibrate --training-steps: measuring');
const { interpreter } = workerCommand();
const env = { RANKFLEET_PYTHON: interpreter, OMP_NUM_THREADS: '1' };

if (spawnSync(interpreter, ['-c', 'import torch']).status === 0) {
  measuring('writes steps of one device and of two, skips aloud, and goes on where it stopped', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rankfleet-steps-'));
    const args = (models: string, ...more: string[]) => [
      'calibrate',
      '--training-steps',
      '--name',
      'here',
      '--out',
      folder,
      '--models',
      models,
      '--batches',
      '16',
      ...more,
    ];
    try {
      const heads = ['--distillation', 'none,heads=8+adapter=4'];
      const one = rankfleet(args('wide-and-deep:rows=0.001,ncf', ...heads), { env });
      assert.is(one.status, 0, one.stderr);
      assert.match(one.stdout, '2 training steps measured, 2 shapes skipped, 0 failed');
      assert.match(one.stderr, 'ncf, fp32, 16 examples, none: skipped: interaction neumf');
      const two = rankfleet(args('wide-and-deep:rows=0.001', '--devices', '2'), { env });
      assert.is(two.status, 0, two.stderr);
      const again = rankfleet(args('wide-and-deep:rows=0.001'), { env });
      assert.match(again.stdout, '0 training steps measured');
      const dates = join(folder, 'here/training');
      const { steps, manifest } = readSteps(join(dates, readdirSync(dates)[0]));
      assert.equal(
        steps.map(({ devices, distillation }) => [devices, distillation.kind]),
        [
          [1, 'none'],
          [1, 'auxiliary-heads'],
          [2, 'none'],
        ],
      );
      assert.ok(steps[2].parts['vector-exchange']! > 0 && steps[2].parts['all-reduce']! > 0);
      assert.equal(
        manifest.runs.map(({ measured, skipped }) => [measured, skipped.length]),
        [
          [2, 2],
          [1, 0],
          [0, 0],
        ],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
} else {
  measuring.skip(`needs PyTorch for ${interpreter}`, () => {});
}

measuring.run();
