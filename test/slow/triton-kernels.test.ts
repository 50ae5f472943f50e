// time-limit: 300 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tasks } from '../../evolve/tasks/index.ts';
import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { pythonBackend } from '../../harness/devices/python/python-backend.ts';
import { casesOf, sourcesOf, wrongOn } from '../evolve/source-cases.ts';
import { smallShapes } from '../harness/operator-cases.ts';

/** Shapes with several tiles, parts, chunks or groups, which small ones do not have. */
const moreShapes: Partial<Record<OperatorName, Shape[]>> = {
  conv1d: [
    { batch: 1, inChannels: 33, outChannels: 96, length: 71, taps: 5 },
    { batch: 3, inChannels: 19, outChannels: 270, length: 20, taps: 2 },
  ],
  'cross-entropy': [{ rows: 3, classes: 9001 }],
  'cross-low-rank': [{ batch: 70, width: 150, rank: 67 }],
  'dot-interaction': [{ batch: 3, vectors: 41, dim: 140 }],
  'embedding-bag': [{ rows: 40, dim: 24, pooling: 37, bags: 5, skew: 0 }],
  'jagged-to-padded': [{ batch: 5, length: 60, padded: 41, dim: 33 }],
  'layer-norm': [{ rows: 3, n: 1500 }],
  'map-id': [{ values: 700, ids: 5000 }],
  'merge-bucketised': [{ batch: 300, features: 2, borders: 37 }],
  'optimised-fm': [{ batch: 2, vectors: 48, dim: 70, rank: 301 }],
  pffn: [
    { batch: 2, length: 70, dim: 70, width: 160, gelu: 1 },
    { batch: 2, length: 33, dim: 20, width: 97, gelu: 1 },
  ],
  quantise: [{ rows: 5, dim: 520 }],
  'rms-norm-backward': [{ rows: 300, n: 200 }],
  softmax: [{ rows: 3, n: 1500 }],
  swiglu: [{ rows: 13, n: 1021 }],
};

const interpreter = "CPU by Triton's interpreter";

process.env.TRITON_INTERPRET = '1';
const { devices, looked } = await pythonBackend.find();
const index = devices.indexOf(interpreter);
if (index < 0) {
  console.log(`SKIPPED: sources in Triton need python3 with PyTorch and Triton\n  ${looked.join('\n  ')}`);
}

const kernels = suite('kernels in Triton, by its interpreter');

const device = index < 0 ? undefined : await pythonBackend.open(index);
const test = device ? kernels : kernels.skip;

for (const source of sourcesOf(tasks, 'triton')) {
  test(`${source.file} answers as its reference does, however its knobs are turned`, async () => {
    const operator = source.task.operator as OperatorName;
    const shapes = [...smallShapes[operator]!, ...(moreShapes[operator] ?? [])];
    assert.equal(await wrongOn(device!, 'triton', casesOf(source, shapes, 4)), []);
  });
}

kernels.after(() => device?.close());
kernels.run();
