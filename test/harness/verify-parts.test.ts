import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { firstNotFinite, readElements, readWhole } from '../../harness/answers.ts';
import type { Memory, Program } from '../../harness/device.ts';
import { elementReader } from '../../harness/encoding.ts';
import { changedInput } from '../../harness/input-check.ts';
import { freeInputSet, makeInputSet, memoryBytes } from '../../harness/input-set.ts';
import type { TensorSpec } from '../../harness/operators/operator.ts';
import { type Element, hashedValue } from '../../harness/patterns.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { sampledElements } from '../../harness/samples.ts';
import { verifyOn } from '../../harness/verify.ts';

const tensor = (element: Element, length: number, more: Partial<TensorSpec> = {}): TensorSpec => ({
  name: 'out',
  role: 'output',
  element,
  length,
  ...more,
});

const samples = suite('verify: samples');

samples('are all of a small tensor, rising', () => {
  for (const more of [{}, { rowLength: 5 }]) {
    const got = sampledElements(tensor('f32', 35, more), new RandomStream(1));
    assert.equal(
      got,
      Array.from({ length: 35 }, (_, i) => i),
    );
  }
});

samples('of a large one are about 512, with both ends', () => {
  const flat = sampledElements(tensor('i32', 1e9), new RandomStream(1));
  assert.is(flat.length, 512);
  assert.equal(
    flat.slice(0, 64),
    Array.from({ length: 64 }, (_, i) => i),
  );
  assert.equal(
    flat.slice(-64),
    Array.from({ length: 64 }, (_, i) => 1e9 - 64 + i),
  );
  assert.ok(flat.some((index) => index > 4e8 && index < 6e8));
});

samples('of rows are whole columns of few rows, first and last among them, and some elsewhere', () => {
  const got = sampledElements(tensor('f32', 1e8, { rowLength: 1000 }), new RandomStream(2));
  const perRow = new Map<number, number>();
  for (const index of got)
    perRow.set(Math.floor(index / 1000), (perRow.get(Math.floor(index / 1000)) ?? 0) + 1);
  const rows = [...perRow].filter(([, count]) => count >= 32).map(([row]) => row);
  assert.is(rows.length, 16);
  assert.is(rows[0], 0);
  assert.is(rows.at(-1), 99_999);
  assert.ok(got.includes(0) && got.includes(999) && got.includes(1e8 - 1000) && got.includes(1e8 - 1));
  assert.ok(perRow.size > 40, 'some in other rows');
});

samples('keep to the rows that a costly reference allows', () => {
  const got = sampledElements(tensor('f32', 1e8, { rowLength: 1000, checkedRows: 3 }), new RandomStream(2));
  assert.is(new Set(got.map((index) => Math.floor(index / 1000))).size, 3);
});

samples('take half of their rows from those that change', () => {
  const changed = Int32Array.from({ length: 100 }, (_, i) => 7 * i + 5000);
  const state = tensor('f32', 8e6, { role: 'state', rowLength: 8, checkedRows: 40 });
  const rows = new Set(
    sampledElements(state, new RandomStream(3), changed).map((index) => Math.floor(index / 8)),
  );
  const hit = [...rows].filter((row) => changed.includes(row)).length;
  assert.ok(hit >= 12 && hit <= 20, `${hit} of ${rows.size}`);
  assert.ok(rows.size - hit >= 18 && rows.size - hit <= 20);
});

samples('follow from their stream', () => {
  const draw = (seed: number) =>
    sampledElements(tensor('f32', 1e7, { rowLength: 100 }), new RandomStream(seed));
  assert.equal(draw(1), draw(1));
  assert.not.equal(draw(1), draw(2));
});

samples.run();

const reading = suite('verify: reading back');

/** Counts its reads. */
class Counting extends ReferenceDevice {
  reads = 0;
  override async read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    this.reads++;
    assert.is(offset % 4, 0);
    assert.is(bytes % 4, 0);
    assert.ok(offset + bytes <= memory.bytes);
    return super.read(memory, offset, bytes);
  }
}

for (const [element, length, rowLength] of [
  ['f32', 2_500_001, 1],
  ['f16', 5_000_001, 1],
  ['i8', 9_000_003, 1],
  ['rows-int8', 8 * 1_000_000, 8],
  ['rows-int4', 24 * 400_000, 24],
] as const) {
  reading(`a whole ${element} tensor comes in pieces that fit together`, async () => {
    const device = new Counting();
    const spec = tensor(element, length, { rowLength });
    const memory = await device.allocate(memoryBytes(spec));
    await device.fill(memory, { kind: 'hashed', element, seed: 3, rowLength });
    let next = 0;
    await readWhole(device, memory, spec, (bytes, first, count) => {
      assert.is(first, next);
      next += count;
      const at = elementReader(element, bytes, rowLength);
      for (const i of [0, 1, Math.floor(count / 2), count - 1]) {
        assert.is(at(i), hashedValue(element, first + i, 3, rowLength), `${first} + ${i}`);
      }
    });
    assert.is(next, length);
    assert.ok(device.reads > 1);
  });
}

for (const element of ['f32', 'f16'] as const) {
  reading(`single ${element} elements come from where they lie, near ones together`, async () => {
    const device = new Counting();
    const spec = tensor(element, 1_000_001);
    const memory = await device.allocate(memoryBytes(spec));
    await device.fill(memory, { kind: 'hashed', element, seed: 4, rowLength: 1 });
    const indices = [0, 1, 7, 400_001, 400_003, 777_777, 1_000_000];
    const values = await readElements(device, memory, spec, indices);
    assert.equal(
      values,
      indices.map((index) => hashedValue(element, index, 4)),
    );
    assert.is(device.reads, 4);
  });
}

reading('tells finite numbers from others at the edge of each format', () => {
  const bytes = (words: Uint32Array | Uint16Array) => new Uint8Array(words.buffer);
  const f32 = bytes(Uint32Array.of(0x7f7fffff, 0xff7fffff, 0x7f800000));
  assert.is(firstNotFinite('f32', f32, 2), -1);
  assert.is(firstNotFinite('f32', f32, 3), 2);
  const f16 = bytes(Uint16Array.of(0x7bff, 0xfbff, 0xfe00));
  assert.is(firstNotFinite('f16', f16, 2), -1);
  assert.is(firstNotFinite('f16', f16, 3), 2);
  const bf16 = bytes(Uint16Array.of(0x7f7f, 0xff7f, 0xff80));
  assert.is(firstNotFinite('bf16', bf16, 2), -1);
  assert.is(firstNotFinite('bf16', bf16, 3), 2);
  const f8 = Uint8Array.of(0x7e, 0xfe, 0xff);
  assert.is(firstNotFinite('f8', f8, 2), -1);
  assert.is(firstNotFinite('f8', f8, 3), 2);
  const odd = new Uint8Array(13);
  odd.set(f32, 1);
  assert.is(firstNotFinite('f32', odd.subarray(1), 3), 2, 'bytes that start anywhere');
  for (const [element, size, bad] of [
    ['f32', 4, [0, 0, 0x80, 0x7f]],
    ['f16', 2, [0, 0xfc]],
    ['bf16', 2, [0x80, 0xff]],
    ['f8', 1, [0x7f]],
  ] as const) {
    // Beyond one block, at each place of a word and in the last words, which are not whole.
    const count = 40_003;
    for (const at of [0, 1, 2, 3, 20_001, 39_999, 40_001, 40_002]) {
      const bytes = new Uint8Array(count * size).fill(0x3b);
      assert.is(firstNotFinite(element, bytes, count), -1, element);
      bytes.set(bad, at * size);
      assert.is(firstNotFinite(element, bytes, count), at, `${element} at ${at}`);
      assert.is(firstNotFinite(element, bytes, at), -1, `${element} before ${at}`);
    }
  }
});

reading.run();

const sets = suite('verify: sets of inputs');

const backward: Program = {
  operator: 'embedding-bag-backward',
  dataType: 'fp32',
  shape: { rows: 40, dim: 8, pooling: 3, bags: 20, skew: 0 },
  implementation: 'reference',
};

sets('are verified again and again: states start anew each time', async () => {
  const device = new ReferenceDevice();
  const kernel = await device.compile(backward);
  const set = await makeInputSet(device, backward, 5);
  const first = await verifyOn(device, kernel, set);
  assert.ok(first.ok, first.reason);
  for (let i = 0; i < 3; i++) await device.run({ kernel, tensors: set.memories });
  const again = await verifyOn(device, kernel, set);
  assert.ok(again.ok, again.reason);
  await freeInputSet(device, set);
  assert.is(device.allocatedBytes, 0);
});

sets('have values of their own in each tensor and for each seed', async () => {
  const device = new ReferenceDevice();
  const program = {
    ...backward,
    operator: 'attention',
    shape: { batch: 1, heads: 1, length: 8, dim: 8 },
  } as const;
  const contents: string[] = [];
  for (const seed of [1, 2]) {
    const { memories } = await makeInputSet(device, program, seed);
    for (const memory of memories.slice(0, 3)) contents.push((await device.read(memory, 0, 256)).join());
  }
  assert.is(new Set(contents).size, 6);
});

const large: Program = {
  ...backward,
  operator: 'bias-activation',
  shape: { rows: 1000, n: 300 },
};

sets('show a change at either end of a large input', async () => {
  const device = new ReferenceDevice();
  const set = await makeInputSet(device, large, 1);
  assert.is(await changedInput(device, set, new RandomStream(1)), undefined);
  for (const word of [0, 299_999]) {
    const before = await device.read(set.memories[0], 4 * word, 4);
    await device.write(set.memories[0], Uint8Array.of(1, 2, 3, 4), 4 * word);
    const changed = await changedInput(device, set, new RandomStream(1));
    assert.is(changed?.tensor, 'x');
    assert.is(changed?.index, word);
    assert.is(changed?.got, new Float32Array(Uint8Array.of(1, 2, 3, 4).buffer)[0]);
    await device.write(set.memories[0], before, 4 * word);
  }
});

sets.run();
