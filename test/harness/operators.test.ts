import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { operatorAxes, operatorNames } from '../../hardware-profiles/operators-measured.ts';
import { jaggedOffsets } from '../../harness/operators/attention.ts';
import { int8Scale } from '../../harness/operators/gemm.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { pairAt } from '../../harness/operators/interaction.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { verify } from '../../harness/verify.ts';
import { answer, given, near, some } from './operator-answers.ts';
import { everyCase, operatorsWithTensors, smallShapes } from './operator-cases.ts';

const specs = suite('operators: specs');

specs('stand under their own names, one for every operator', () => {
  assert.equal(Object.keys(operatorSpecs).sort(), [...operatorNames].sort());
  for (const name of operatorNames) assert.is(operatorSpecs[name].name, name);
});

specs('read no axis of a shape but their own', () => {
  for (const name of operatorsWithTensors) {
    const axes: readonly string[] = operatorAxes[name];
    for (const shape of smallShapes[name]!) assert.equal(Object.keys(shape).sort(), [...axes].sort(), name);
  }
});

specs('have an output or a state wherever they have tensors, and whole lengths', () => {
  for (const { operator, dataType, shape } of everyCase()) {
    const tensors = operatorSpecs[operator].tensors(dataType, shape);
    assert.ok(tensors.some(({ role }) => role !== 'input'));
    for (const { length } of tensors) assert.ok(Number.isInteger(length) && length > 0, operator);
    for (const { name, length, make } of tensors) {
      if (make) assert.is(make(new RandomStream(1)).length, length, `${operator} ${name}`);
    }
  }
});

specs('allow more error to coarser types, none to whole numbers', () => {
  for (const { operator, dataType, shape } of everyCase()) {
    const tolerance = operatorSpecs[operator].tolerance(dataType, shape);
    assert.ok(tolerance >= 0 && tolerance <= 0.05, operator);
    if (dataType === 'int32' || dataType === 'bytes') assert.is(tolerance, 0);
    if (dataType === 'fp32') assert.ok(tolerance <= 2e-5, operator);
  }
});

specs.run();

const device = new ReferenceDevice();
const kernels = suite('operators: plain TypeScript kernels');

for (const name of operatorsWithTensors) {
  kernels(`of ${name} are right in every data type`, async () => {
    for (const program of everyCase().filter(({ operator }) => operator === name)) {
      for (const seed of [1, 77]) {
        const verdict = await verify(device, await device.compile(program), { seed });
        assert.ok(verdict.ok, `${program.dataType} ${JSON.stringify(program.shape)}: ${verdict.reason}`);
        assert.ok(verdict.error <= verdict.tolerance);
      }
    }
  });
}

kernels('leave no memory behind', () => assert.is(device.allocatedBytes, 0));

kernels.run();

const closed = suite('operators: closed forms');

closed('a sum of one row is the row, of a row twice is its double', () => {
  const shape = { rows: 3, dim: 2, pooling: 2, bags: 2, skew: 0 };
  const table = [1, 2, 3, 4, 5, 6];
  near(answer('embedding-bag', shape, given({ table, indices: [0, 2, 1, 1] })), [6, 8, 6, 8]);
});

closed('one lookup moves its row by Adagrad, and no other', () => {
  const shape = { rows: 3, dim: 2, pooling: 1, bags: 1, skew: 0 };
  const inputs = given({
    table: [1, 1, 1, 1, 1, 1],
    momentum: [0.25, 0.25, 0.25],
    rowIds: [1],
    rowStarts: [0, 1],
    bagOf: [0],
    grad: [3, 4],
  });
  // Mean square of (3, 4) is 12.5.
  near(answer('embedding-bag-backward', shape, inputs, { tensor: 'momentum' }), [0.25, 12.75, 0.25]);
  const step = 0.01 / (Math.sqrt(12.75) + 1e-8);
  near(answer('embedding-bag-backward', shape, inputs, { tensor: 'table' }), [
    1,
    1,
    1 - 3 * step,
    1 - 4 * step,
    1,
    1,
  ]);
});

closed('lookups sorted by row are the lookups', () => {
  const shape = { rows: 50, dim: 8, pooling: 4, bags: 30, skew: 1 };
  const tensors = operatorSpecs['embedding-bag-backward'].tensors('fp32', shape);
  const made = (name: string) => tensors.find((each) => each.name === name)!.make!(new RandomStream(5));
  const [rowIds, rowStarts, bagOf] = ['rowIds', 'rowStarts', 'bagOf'].map(made);
  const used = rowIds.indexOf(-1);
  assert.ok(used > 5 && used < 50);
  assert.is(rowIds.slice(used).filter((id) => id !== -1).length, 0);
  for (let u = 0; u < used; u++) {
    assert.ok(u === 0 || rowIds[u] > rowIds[u - 1]);
    assert.ok(rowStarts[u + 1] > rowStarts[u]);
  }
  assert.ok(rowStarts.slice(used).every((start) => start === 120));
  const perBag = new Array<number>(30).fill(0);
  for (const bag of bagOf) perBag[bag]++;
  assert.equal(perBag, new Array(30).fill(4));
  assert.not.equal([...rowIds], [...tensors[2].make!(new RandomStream(6))], 'another stream, other rows');
});

closed('a product with the unit matrix is the matrix', () => {
  const a = some(12);
  const w = Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
  near(answer('gemm', { m: 3, n: 4, k: 4 }, given({ a, w })), a);
});

closed('int8 products are scaled by a power of two and cut to eight bits', () => {
  assert.is(int8Scale(1), 2 ** -7);
  assert.is(int8Scale(4096), 2 ** -13);
  const shape = { m: 1, n: 2, k: 2 };
  const inputs = given({ a: [-128, -128], w: [-128, -128, 1, 1] });
  near(answer('gemm', shape, inputs, { dataType: 'int8' }), [127, -256 * int8Scale(2)]);
});

closed('negative sums are cut at zero', () => {
  const inputs = given({ x: [1, -2, 3, 0.5], bias: [0.5, -1] });
  near(answer('bias-activation', { rows: 2, n: 2 }, inputs), [1.5, 0, 3.5, 0]);
});

closed('a product over three inputs', () => {
  const inputs = given({ x: [1, 2, 3, 4, 5, 6] });
  near(answer('elementwise', { rows: 1, n: 2, inputs: 3 }, inputs), [15, 48]);
});

closed('pairs lie in rows of a triangle', () => {
  assert.equal([0, 1, 2, 3, 4, 5].map(pairAt), [
    { i: 1, j: 0 },
    { i: 2, j: 0 },
    { i: 2, j: 1 },
    { i: 3, j: 0 },
    { i: 3, j: 1 },
    { i: 3, j: 2 },
  ]);
  for (const i of [1000, 65_536, 3_000_001]) {
    assert.equal(pairAt((i * (i - 1)) / 2), { i, j: 0 });
    assert.equal(pairAt((i * (i - 1)) / 2 - 1), { i: i - 1, j: i - 2 });
  }
});

closed('dot products of orthogonal vectors vanish', () => {
  const x = [1, 0, 0, 0, 2, 0, 0, 3, 4];
  near(answer('dot-interaction', { batch: 1, vectors: 3, dim: 3 }, given({ x })), [0, 0, 6]);
});

closed('a factorisation machine is the sum of all dot products', () => {
  const shape = { batch: 4, vectors: 6, dim: 5 };
  const inputs = given({ x: some(120) });
  const dots = answer('dot-interaction', shape, inputs);
  const sums = [0, 1, 2, 3].map((b) => dots.slice(15 * b, 15 * b + 15).reduce((a, c) => a + c, 0));
  near(answer('factorisation-machine', shape, inputs), sums);
});

closed('a cross layer without weights is x0 ⊙ bias + x; with one of rank 1 it is written out', () => {
  const shape = { batch: 1, width: 2, rank: 1 };
  const base = { x0: [2, 3], x: [5, 7], bias: [0.5, -1] };
  near(answer('cross-low-rank', shape, given({ ...base, v: [0, 0], w: [9, 9] }), { tensor: 'y' }), [6, 4]);
  const inputs = given({ ...base, v: [1, -1], w: [3, 4] });
  near(answer('cross-low-rank', shape, inputs, { tensor: 'hidden' }), [-2]);
  near(answer('cross-low-rank', shape, inputs, { tensor: 'y' }), [2 * -5.5 + 5, 3 * -9 + 7]);
});

closed('layer norm has mean 0 and variance 1, RMS norm mean square 1, whatever the scale', () => {
  const n = 64;
  const x = some(n).map((value) => 1000 * value + 300);
  const one = { x, gain: new Array(n).fill(1), bias: new Array(n).fill(0) };
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const normal = answer('layer-norm', { rows: 1, n }, given(one));
  near([mean(normal), mean(normal.map((value) => value ** 2))], [0, 1], 1e-9);
  near([mean(answer('rms-norm', { rows: 1, n }, given(one)).map((value) => value ** 2))], [1], 1e-9);
  const moved = answer(
    'layer-norm',
    { rows: 1, n },
    given({ ...one, gain: new Array(n).fill(2), bias: new Array(n).fill(3) }),
  );
  near(
    moved,
    normal.map((value) => 2 * value + 3),
  );
});

closed('a constant row has no variance: epsilon keeps it finite', () => {
  const inputs = given({ x: [5, 5], gain: [1, 1], bias: [2, 3] });
  near(answer('layer-norm', { rows: 1, n: 2 }, inputs), [2, 3]);
});

closed('attention to identical keys is the mean of the values; one far larger key takes all', () => {
  const shape = { batch: 1, heads: 1, length: 4, dim: 2 };
  const v = some(8);
  const means = [0, 1].map((d) => (v[d] + v[d + 2] + v[d + 4] + v[d + 6]) / 4);
  const k = [1, 2, 1, 2, 1, 2, 1, 2];
  near(
    answer('attention', shape, given({ q: some(8, 2), k, v })),
    [0, 1, 2, 3].flatMap(() => means),
  );
  const q = [1, 0, 1, 0, 1, 0, 1, 0];
  const sharp = given({ q, k: [0, 0, 1000, 0, 0, 0, 0, 0], v });
  near(
    answer('attention', shape, sharp),
    [0, 1, 2, 3].flatMap(() => v.slice(2, 4)),
  );
});

closed('jagged attention with one head is attention, sequence by sequence', () => {
  const [q, k, v] = [1, 2, 3].map((seed) => some(10 * 4, seed));
  const jagged = given({ q, k, v, offsets: [0, 3, 10] });
  const got = answer('attention-jagged', { batch: 2, heads: 1, length: 5, dim: 4 }, jagged);
  const part = (from: number, to: number) =>
    answer(
      'attention',
      { batch: 1, heads: 1, length: to - from, dim: 4 },
      given(Object.fromEntries(Object.entries({ q, k, v }).map(([n, x]) => [n, x.slice(4 * from, 4 * to)]))),
    );
  near(got, [...part(0, 3), ...part(3, 10)]);
});

closed('jagged attention keeps heads apart', () => {
  const shape = { batch: 1, heads: 2, length: 3, dim: 2 };
  const [q, k, v] = [1, 2, 3].map((seed) => some(12, seed));
  const head = (x: number[], h: number) =>
    [0, 1, 2].flatMap((token) => x.slice(4 * token + 2 * h).slice(0, 2));
  const got = answer('attention-jagged', shape, given({ q, k, v, offsets: [0, 3] }));
  for (const h of [0, 1]) {
    const alone = given({ q: head(q, h), k: head(k, h), v: head(v, h) });
    near(head(got, h), answer('attention', { ...shape, heads: 1 }, alone));
  }
});

closed('jagged lengths are 1 … 2·length − 1 and always add up', () => {
  const seen = new Set<number>();
  for (const [batch, length] of [
    [1, 5],
    [2, 1],
    [101, 8],
    [500, 4],
  ]) {
    const offsets = jaggedOffsets(new RandomStream(batch), batch, length);
    assert.is(offsets[0], 0);
    assert.is(offsets[batch], batch * length);
    for (let i = 0; i < batch; i++) {
      const tokens = offsets[i + 1] - offsets[i];
      assert.ok(tokens >= 1 && tokens <= 2 * length - 1);
      if (length === 4) seen.add(tokens);
    }
  }
  assert.equal([...seen].sort(), [1, 2, 3, 4, 5, 6, 7]);
});

closed('split takes apart what concat put together', () => {
  const shape = { rows: 3, inputs: 2, width: 4 };
  const x = some(24);
  const joined = answer('concat', shape, given({ x }));
  assert.equal(joined.slice(0, 8), [...x.slice(0, 4), ...x.slice(12, 16)]);
  assert.equal(answer('split', shape, given({ x: joined })), x);
});

closed('quantising keeps the ends of a row, and the rest to half a step', () => {
  const dim = 16;
  const x = some(dim);
  const least = Math.min(...x);
  const most = Math.max(...x);
  for (const [dataType, levels, ends] of [
    ['int8', 255, 1e-6],
    ['int4', 15, 2e-3],
  ] as const) {
    const got = answer('quantise', { rows: 1, dim }, given({ x }), { dataType });
    near([Math.min(...got), Math.max(...got)], [least, most], ends);
    near(got, x, (most - least) / levels / 2 + ends);
  }
});

closed('buckets count the boundaries that a value has reached', () => {
  const boundaries = [...new Int32Array(Float32Array.of(-0.5, 0, 0.5).buffer)];
  const inputs = given({ values: [-1, -0.5, -0.1, 0, 0.49, 0.5, 0.9], boundaries });
  assert.equal(answer('bucketise', { values: 7, boundaries: 3 }, inputs), [0, 1, 1, 2, 2, 3, 3]);
});

closed('boundaries rise evenly', () => {
  const [, boundaries] = operatorSpecs.bucketise.tensors('fp32', { values: 1, boundaries: 3 });
  const words = boundaries.make!(new RandomStream(1));
  assert.equal([...new Float32Array(words.buffer)], [-0.5, 0, 0.5]);
});

closed("ids hash by murmur3's finaliser", () => {
  const inputs = given({ ids: [0, 1, -1] });
  assert.equal(
    answer('hash', { values: 3, rows: 2 ** 32 }, inputs, { dataType: 'int32' }),
    [0, 0x514e28b7, 0x81f16f39],
  );
  assert.equal(answer('hash', { values: 3, rows: 10 }, inputs, { dataType: 'int32' }), [
    0,
    0x514e28b7 % 10,
    0x81f16f39 % 10,
  ]);
});

closed.run();
