import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import {
  decodeBf16,
  decodeF8,
  decodeF16,
  elementReader,
  encodeBf16,
  encodeF16,
  roundHalfToEven,
} from '../../harness/encoding.ts';
import { fillWords, patternWords } from '../../harness/pattern-words.ts';
import { type Element, hashedValue, hashedValues, hashWord, tensorBytes } from '../../harness/patterns.ts';

const elements: Element[] = ['f32', 'f16', 'bf16', 'f8', 'i8', 'i32', 'rows-int8', 'rows-int4'];

const words = suite('patterns: words');

words('are murmur3 of an empty key, seeded', () => {
  // Published test vectors of MurmurHash3_x86_32.
  assert.is(hashWord(0, 0), 0);
  assert.is(hashWord(0, 1), 0x514e28b7);
  assert.is(hashWord(0, 0xffffffff), 0x81f16f39);
});

words('follow position and seed in whole-number arithmetic modulo 2³²', () => {
  const m = 1n << 32n;
  const byHand = (position: bigint, seed: bigint) => {
    let h = (position * 0x9e3779b1n + seed) % m;
    h = ((h ^ (h >> 16n)) * 0x85ebca6bn) % m;
    h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) % m;
    return Number(h ^ (h >> 16n));
  };
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.nat(7), fc.nat(2 ** 31 - 1), (low, high, seed) => {
      const position = high * 2 ** 32 + low;
      assert.is(hashWord(position, seed), byHand(BigInt(position), BigInt(seed)));
    }),
  );
});

words('hold the values of the table, worked out by hand', () => {
  // The word at position 0, seed 1, is 0x514E28B7.
  assert.is(hashedValue('f32', 0, 1), 0x514e28 / 2 ** 23 - 1);
  assert.is(hashedValue('f16', 0, 1), (0xb7 - 128) / 128);
  assert.is(hashedValue('f16', 1, 1), (0x4e - 128) / 128);
  assert.is(hashedValue('bf16', 1, 1), (0x4e - 128) / 128);
  assert.equal(
    [0, 1, 2, 3].map((i) => hashedValue('f8', i, 1)),
    [-1 / 8, 0, 6 / 8, -7 / 8],
  );
  assert.equal(
    [0, 1, 2, 3].map((i) => hashedValue('i8', i, 1)),
    [0xb7 - 256, 0x28, 0x4e, 0x51],
  );
  assert.is(hashedValue('i32', 0, 1), 0x28a7145b);
  assert.is(patternWords({ kind: 'hashed', element: 'f8', seed: 1, rowLength: 1 })(0), 0xb6_34_00_a0);
});

words('of a row-wise type hold codes, then scale and bias', () => {
  const seed = 7;
  const scale = (1 + (hashWord(4 + 2, seed) & 127)) / 2 ** 14;
  const bias = ((hashWord(4 + 3, seed) & 255) - 128) / 128;
  const code = (hashWord(4 + 1, seed) >>> 16) & 255;
  assert.is(hashedValue('rows-int8', 8 + 6, seed, 8), scale * code + bias);

  const last = hashWord(1, seed);
  const nibble = (hashWord(0, seed) >>> 20) & 15;
  const value = ((1 + (last & 63)) / 1024) * nibble + (((last >>> 16) & 255) - 128) / 128;
  assert.is(hashedValue('rows-int4', 5, seed, 8), value);
});

words.run();

const storage = suite('patterns: storage');

for (const element of elements) {
  storage(`of ${element} decodes to the very values`, () => {
    const rowLength = 24;
    const length = 40 * rowLength;
    for (const seed of [1, 0xdeadbeef]) {
      const stored = new Uint32Array(tensorBytes(element, length, rowLength) / 4);
      fillWords(stored, { kind: 'hashed', element, seed, rowLength });
      const read = elementReader(element, new Uint8Array(stored.buffer), rowLength);
      for (let i = 0; i < length; i++) assert.is(read(i), hashedValue(element, i, seed, rowLength));
    }
  });

  storage(`of ${element} is the same far out, where positions pass 2³²`, () => {
    const rowLength = 16;
    const rowBytes = tensorBytes(element, rowLength, rowLength);
    for (const row of [2 ** 28 + 3, 2 ** 30 + 1, 2 ** 32 + 5]) {
      const stored = new Uint32Array(rowBytes / 4);
      fillWords(stored, { kind: 'hashed', element, seed: 9, rowLength }, (row * rowBytes) / 4);
      const read = elementReader(element, new Uint8Array(stored.buffer), rowLength);
      for (let i = 0; i < rowLength; i++) {
        assert.is(read(i), hashedValue(element, row * rowLength + i, 9, rowLength), `${row} ${i}`);
      }
    }
  });
}

storage('in bulk is what it is one by one', () => {
  fc.assert(
    fc.property(fc.constantFrom(...elements), fc.nat(2 ** 34), fc.nat(50), (element, start, count) => {
      const values = [...hashedValues(element, start, count, 3, 8)];
      assert.equal(
        values,
        Array.from({ length: count }, (_, i) => hashedValue(element, start + i, 3, 8)),
      );
    }),
  );
});

storage('of floats never holds a bit pattern of poison, and seldom zero', () => {
  for (const element of ['f32', 'f16', 'bf16', 'f8'] as const) {
    const values = hashedValues(element, 0, 4096, 1);
    assert.ok(values.every((value) => value >= -1 && value < 1));
    assert.ok(values.filter((value) => value === 0).length < 4096 / 10, element);
  }
});

storage('of one word repeats it', () => {
  const stored = new Uint32Array(5);
  fillWords(stored, { kind: 'word', word: 0xffffffff });
  assert.equal([...stored], new Array(5).fill(0xffffffff));
});

storage.run();

const encoding = suite('encoding');

encoding('gives every fp16 and bf16 number its own bits back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const half = decodeF16(bits);
    if (!Number.isNaN(half)) assert.is(encodeF16(half), bits);
    const brain = decodeBf16(bits);
    if (!Number.isNaN(brain)) assert.is(encodeBf16(brain), bits);
  }
});

encoding('knows the marks of each format', () => {
  assert.is(decodeF16(0x3c00), 1);
  assert.is(decodeF16(0x7bff), 65504);
  assert.is(decodeF16(0x0001), 2 ** -24);
  assert.is(decodeF16(0x7c00), Number.POSITIVE_INFINITY);
  assert.is(decodeBf16(0xc000), -2);
  assert.is(decodeF8(0x38), 1);
  assert.is(decodeF8(0x7e), 448);
  assert.is(decodeF8(0x01), 2 ** -9);
  for (const [decode, bits] of [
    [decodeF16, 0xffff],
    [decodeBf16, 0xffff],
    [decodeF8, 0xff],
  ] as const) {
    assert.ok(Number.isNaN(decode(bits)), 'poison is no number');
  }
});

encoding('rounds to the nearest, halves to even', () => {
  assert.is(encodeF16(1 + 2 ** -11), 0x3c00);
  assert.is(encodeF16(1 + 3 * 2 ** -11), 0x3c02);
  assert.is(encodeF16(65519), 0x7bff);
  assert.is(encodeF16(65520), 0x7c00);
  assert.is(encodeF16(2 ** -25), 0);
  assert.is(encodeF16(1.5 * 2 ** -24), 2);
  assert.is(encodeF16(Number.NaN) & 0x7c00, 0x7c00);
  assert.is(encodeBf16(1 + 2 ** -8), 0x3f80);
  assert.is(encodeBf16(1 + 3 * 2 ** -8), 0x3f82);
  assert.equal([0.5, 1.5, 2.5, -0.5, -1.5, 2.4].map(roundHalfToEven), [0, 2, 2, -0, -2, 2]);
});

encoding('is never further off than half a step', () => {
  const random = new RandomStream(5);
  for (let i = 0; i < 20_000; i++) {
    const value = (random.uniform() - 0.5) * 2 ** (random.below(28) - 12);
    const step = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(value))) - 10);
    assert.ok(Math.abs(decodeF16(encodeF16(value)) - value) <= step / 2, `${value}`);
  }
});

encoding.run();
