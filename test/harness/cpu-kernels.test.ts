import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type MeasuredDataType,
  type OperatorName,
  operatorNames,
  type Shape,
} from '../../hardware-profiles/operators-measured.ts';
import type { ComputeDevice } from '../../harness/device.ts';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { cpuBackend } from '../../harness/devices/cpu/cpu-backend.ts';
import { elementReader } from '../../harness/encoding.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { type Element, hashedValue, tensorBytes } from '../../harness/patterns.ts';
import { verify } from '../../harness/verify.ts';
import { smallShapes } from './operator-cases.ts';

// Compiling takes a while where the cache is empty.
// time-limit: 240 s

const compiler = await findCompiler([]);

/** Sizes that reach over the blocks in which kernels work, with a rest in each. */
const largerShapes: Partial<Record<OperatorName, Shape[]>> = {
  'embedding-bag': [{ rows: 300, dim: 136, pooling: 3, bags: 300, skew: 0.6 }],
  'embedding-bag-backward': [{ rows: 200, dim: 40, pooling: 7, bags: 90, skew: 0.6 }],
  gemm: [
    { m: 45, n: 67, k: 1600 },
    { m: 130, n: 75, k: 83 },
    { m: 37, n: 3, k: 300 },
    { m: 700, n: 600, k: 9 },
  ],
  'bias-activation': [{ rows: 300, n: 130 }],
  elementwise: [{ rows: 300, n: 131, inputs: 3 }],
  'dot-interaction': [{ batch: 70, vectors: 9, dim: 40 }],
  'cross-low-rank': [{ batch: 70, width: 330, rank: 45 }],
  'factorisation-machine': [{ batch: 70, vectors: 9, dim: 150 }],
  'layer-norm': [{ rows: 70, n: 330 }],
  'rms-norm': [{ rows: 70, n: 330 }],
  attention: [{ batch: 1, heads: 2, length: 150, dim: 70 }],
  'attention-jagged': [{ batch: 9, heads: 2, length: 21, dim: 24 }],
  concat: [{ rows: 300, inputs: 3, width: 130 }],
  split: [{ rows: 300, inputs: 3, width: 130 }],
  quantise: [{ rows: 300, dim: 72 }],
  dequantise: [{ rows: 300, dim: 72 }],
  bucketise: [{ values: 9000, boundaries: 600 }],
  hash: [{ values: 30_000, rows: 2 ** 31 - 1 }],
  'jagged-to-padded': [{ batch: 300, length: 20, padded: 25, dim: 24 }],
  'map-id': [{ values: 9000, ids: 600 }],
  'merge-bucketised': [{ batch: 9001, features: 5, borders: 12 }],
  'event-truncate': [{ batch: 300, events: 20, kept: 11, features: 5, length: 3 }],
  'optimised-fm': [{ batch: 20, vectors: 24, dim: 70, rank: 150 }],
  pffn: [{ batch: 9, length: 40, dim: 50, width: 70, gelu: 1 }],
  conv1d: [{ batch: 5, inChannels: 20, outChannels: 30, length: 150, taps: 5 }],
  'rms-norm-backward': [{ rows: 300, n: 330 }],
  softmax: [{ rows: 70, n: 330 }],
  swiglu: [{ rows: 300, n: 131 }],
  'cross-entropy': [{ rows: 300, classes: 330 }],
  'top-k': [{ rows: 70, n: 900, k: 60 }],
};

const withoutTensors: Partial<Record<OperatorName, Shape[]>> = {
  'kernel-launch': [{ graph: 0 }],
  'rpc-serialise': [0, 7, 64, 1001, 100_000].map((bytes) => ({ bytes })),
  'rpc-round-trip': [0, 64, 1001, 3_000_000].map((bytes) => ({ bytes })),
  'rpc-deserialise': [0, 64, 1001, 100_000].map((bytes) => ({ bytes })),
  'memory-stream': [
    { bytes: 8, busy: 1 },
    { bytes: 1_000_000, busy: 1 },
  ],
  'memory-gather': [
    { bytes: 100_000, rowBytes: 72, busy: 1 },
    { bytes: 1_000_000, rowBytes: 512, busy: 1 },
  ],
};

/** What a CPU has no arithmetic or no copies for. */
const lacking: Partial<Record<OperatorName, MeasuredDataType[]>> = {
  gemm: ['tf32', 'fp8'],
  'cross-low-rank': ['tf32'],
  'optimised-fm': ['tf32'],
  pffn: ['tf32'],
  conv1d: ['tf32'],
  'copy-to-device': ['bytes'],
  'copy-from-device': ['bytes'],
  'all-to-all': ['fp32'],
  'all-reduce': ['fp32'],
};

const kernels = suite('CPU kernels');
let device: ComputeDevice;
let allCores: number;

if (compiler) {
  kernels.before(async () => {
    device = await cpuBackend.open();
    allCores = (await device.describe()).units;
  });
  kernels.after(() => device.close());
}

/** A test that needs compiled kernels, or a skip that says so. */
function check(name: string, body: () => Promise<void>): void {
  if (compiler) kernels(name, body);
  else kernels.skip(`${name}: no C++ compiler`, body);
}

for (const operator of operatorNames) {
  const shapes = [smallShapes, largerShapes, withoutTensors].flatMap((each) => each[operator] ?? []);
  const types = operatorSpecs[operator].dataTypes.filter((type) => !lacking[operator]?.includes(type));
  if (types.length === 0) continue;
  check(`of ${operator} are right in ${types.join(', ')}, on one core and on all`, async () => {
    for (const dataType of types) {
      const implementations = device.implementations(operator, dataType);
      assert.ok(implementations.includes('rankfleet'), dataType);
      for (const implementation of implementations) {
        for (const shape of shapes) {
          for (const cores of new Set([1, allCores])) {
            const kernel = await device.compile({ operator, dataType, shape, implementation, cores });
            const verdict = await verify(device, kernel);
            const what = `${implementation} in ${dataType} on ${cores} cores, ${JSON.stringify(shape)}`;
            assert.ok(
              verdict.ok,
              `${what}: ${verdict.reason}, error ${verdict.error} of ${verdict.tolerance}`,
            );
          }
        }
      }
    }
  });
}

check('are offered for nothing that a CPU cannot do', async () => {
  for (const [operator, types] of Object.entries(lacking) as [OperatorName, MeasuredDataType[]][]) {
    for (const type of types) assert.equal(device.implementations(operator, type), [], `${operator} ${type}`);
  }
});

check('read memory with every number of busy cores', async () => {
  for (let busy = 1; busy <= allCores; busy++) {
    for (const [operator, shape] of [
      ['memory-stream', { bytes: 4_000_000, busy }],
      ['memory-gather', { bytes: 4_000_000, rowBytes: 64, busy }],
    ] as const) {
      const kernel = await device.compile({
        operator,
        dataType: 'bytes',
        shape,
        implementation: 'rankfleet',
      });
      assert.is(kernel.checkedError, 0);
      const [seconds] = await device.time([{ kernel, tensors: [] }], { warmUp: 1, repeats: 1 });
      // More than any memory gives: a read that was left out would be faster.
      assert.ok(seconds > 0 && 4e6 / seconds < 4e12, `${4e6 / seconds} bytes/s`);
    }
  }
});

check('time a remote call natively: a round trip takes longer than its encoding', async () => {
  const medianOf = async (operator: OperatorName) => {
    const shape = { bytes: 4096 };
    const kernel = await device.compile({ operator, dataType: 'bytes', shape, implementation: 'rankfleet' });
    const launches = Array.from({ length: 16 }, () => ({ kernel, tensors: [] }));
    const times = (await device.time(launches, { warmUp: 2, repeats: 31 })).sort();
    assert.is(times.length, 31);
    assert.ok(times[0] > 0);
    return times[15];
  };
  const roundTrip = await medianOf('rpc-round-trip');
  assert.ok(roundTrip < 1, `${roundTrip} s`);
  assert.ok(roundTrip > (await medianOf('rpc-serialise')));
});

check('fill memories with the words that patterns define', async () => {
  const elements: Element[] = ['f32', 'f16', 'bf16', 'f8', 'i8', 'i32', 'rows-int8', 'rows-int4'];
  const rowLength = 24;
  for (const element of elements) {
    const isRows = element.startsWith('rows');
    const length = isRows ? 50 * rowLength : 4000;
    const memory = await device.allocate(tensorBytes(element, length, rowLength));
    for (const seed of [0, 7, 0xdeadbeef]) {
      await device.fill(memory, { kind: 'hashed', element, seed, rowLength });
      const valueAt = elementReader(element, await device.read(memory, 0, memory.bytes), rowLength);
      for (let i = 0; i < length; i++) {
        // Sums in fp32 round the value of a row that is scaled.
        const wanted = hashedValue(element, i, seed, rowLength);
        assert.ok(Math.abs(valueAt(i) - wanted) <= (isRows ? 1e-6 : 0), `${element}[${i}] of seed ${seed}`);
      }
    }
    await device.free(memory);
  }
});

kernels.run();
