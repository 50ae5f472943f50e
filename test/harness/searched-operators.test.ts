import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import {
  type OperatorName,
  operatorAxes,
  type Shape,
  searchedOperators,
} from '../../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import { eventTotals } from '../../harness/operators/event-truncate.ts';
import { erf, gelu } from '../../harness/operators/gelu.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { targetsOf } from '../../harness/targets.ts';
import { operatorWork } from '../../sim/cost/work.ts';
import { answer, given, near, some } from './operator-answers.ts';
import { everyCase, smallShapes } from './operator-cases.ts';

const ids = suite('searched operators: ids and events');

/** The words that the host makes for a tensor. */
function made(operator: OperatorName, dataType: 'fp32' | 'int32', shape: Shape, tensor: string): Int32Array {
  const spec = operatorSpecs[operator].tensors(dataType, shape).find(({ name }) => name === tensor)!;
  return spec.make!(new RandomStream(7));
}

ids('map-id numbers known ids from 1 and gives 0 to others', () => {
  const inputs = { values: [100, 300, 500, 200, 999], table: [100, 200, 300, 400, 500] };
  for (const dataType of ['int32', 'fp32'] as const) {
    const got = answer('map-id', { values: 5, ids: 5 }, given(inputs), { dataType });
    assert.equal(got, [1, 3, 5, 2, 0]);
  }
  // Below the first, between two, and none but one.
  const others = given({ values: [1, 150, 400], table: [100, 200, 300, 400] });
  assert.equal(answer('map-id', { values: 3, ids: 4 }, others, { dataType: 'int32' }), [0, 0, 4]);
});

ids('map-id is asked for ids of a rising table about half of the time', () => {
  const shape = { values: 2000, ids: 500 };
  const table = made('map-id', 'int32', shape, 'table');
  assert.ok(table.every((id, i) => i === 0 || id > table[i - 1]));
  const known = new Set(table);
  const hits = made('map-id', 'int32', shape, 'values').filter((value) => known.has(value)).length;
  assert.ok(hits > 800 && hits < 1200, `${hits} of 2000`);
});

ids('merge-bucketised numbers buckets on from feature to feature, each closed on its left', () => {
  const shape = { batch: 3, features: 2, borders: 2 };
  const two = given({
    x: [0.1, 0.4, 0.8, 0.2, 0.5, 0.9],
    borders: [0.3, 0.6, 0.4, 0.7],
    firstBuckets: [0, 3],
  });
  assert.equal(answer('merge-bucketised', shape, two), [0, 1, 2, 3, 4, 5]);
  const onBorders = given({
    x: [0.3, 0.6, 0.7, -1, 0.4, 0.41],
    borders: [0.3, 0.6, 0.4, Number.POSITIVE_INFINITY],
    firstBuckets: [0, 3],
  });
  assert.equal(answer('merge-bucketised', shape, onBorders), [1, 2, 2, 3, 4, 4]);
});

ids('merge-bucketised has borders that rise, infinity behind them, and values on them', () => {
  const shape = { batch: 400, features: 6, borders: 5 };
  const numbers = (tensor: string) =>
    new Float32Array(made('merge-bucketised', 'fp32', shape, tensor).buffer);
  const [borders, x] = [numbers('borders'), numbers('x')];
  const first = made('merge-bucketised', 'fp32', shape, 'firstBuckets');
  let next = 0;
  for (let f = 0; f < 6; f++) {
    const own = borders.subarray(5 * f, 5 * f + 5);
    assert.ok(own.every((border, i) => i === 0 || border >= own[i - 1]));
    assert.is(first[f], next);
    next += own.filter(Number.isFinite).length + 1;
  }
  assert.ok(borders.includes(Number.POSITIVE_INFINITY));
  const onBorder = x.filter((value) => borders.includes(value)).length;
  assert.ok(onBorder > 200 && onBorder < 400, `${onBorder} of 2400`);
});

ids('event-truncate keeps the first events of each sample with their values', () => {
  // Events of 1, 0, 2 | 1, 2, 1, 1 | 1 values.
  const inputs = given({
    outerLengths: [3, 4, 1],
    innerLengths: [1, 0, 2, 1, 2, 1, 1, 1],
    values: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  });
  const at = operatorSpecs['event-truncate'].reference(
    'fp32',
    { batch: 3, events: 4, kept: 2, features: 1, length: 1 },
    inputs,
  );
  const first = (tensor: string, count: number) => Array.from({ length: count }, (_, i) => at(tensor, i));
  assert.equal(first('keptOuterLengths', 3), [2, 2, 1]);
  assert.equal(first('keptInnerLengths', 5), [1, 0, 1, 2, 1]);
  assert.equal(first('keptValues', 5), [1, 4, 5, 6, 9]);
});

ids('event-truncate leaves all as it is where no sample has more events than stay', () => {
  const shape = { batch: 9, events: 6, kept: 6, features: 2, length: 3 };
  const outerLengths = made('event-truncate', 'int32', shape, 'outerLengths');
  const innerLengths = made('event-truncate', 'int32', shape, 'innerLengths');
  const values = some(innerLengths.length * 3);
  const inputs = given({ outerLengths, innerLengths, values });
  const got = (tensor: string) => answer('event-truncate', shape, inputs, { dataType: 'int32', tensor });
  assert.equal(got('keptOuterLengths'), [...outerLengths]);
  assert.equal(got('keptInnerLengths'), [...innerLengths]);
  assert.equal(got('keptValues'), values);
});

ids('event-truncate has as many events and values as its shape says, whatever is drawn', () => {
  const shape = { batch: 10, events: 7, kept: 3, features: 4, length: 5 };
  const totals = eventTotals(shape);
  const outer = made('event-truncate', 'int32', shape, 'outerLengths');
  const inner = made('event-truncate', 'int32', shape, 'innerLengths');
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, each) => total + each, 0);
  assert.is(sum(outer), totals.events);
  assert.is(Math.max(...outer), 7);
  assert.is(sum(outer.map((own) => Math.min(own, 3))), totals.kept);
  assert.ok(inner.includes(0) && inner.every((values) => values >= 0 && values <= 10));
  for (let f = 0; f < 4; f++) {
    const own = inner.subarray(f * totals.events, (f + 1) * totals.events);
    assert.is(sum(own), 5 * totals.events);
    let event = 0;
    let staying = 0;
    for (const events of outer) {
      staying += sum(own.subarray(event, event + Math.min(3, events)));
      event += events;
    }
    assert.is(staying, 5 * totals.kept);
  }
});

ids('jagged-to-padded fills up with zeros and drops what is too long', () => {
  const inputs = given({ values: [1, 2, 3, 4, 5, 6, 7, 8], offsets: [0, 1, 4] });
  const shape = { batch: 2, length: 2, padded: 2, dim: 2 };
  assert.equal(answer('jagged-to-padded', shape, inputs), [1, 2, 0, 0, 3, 4, 5, 6]);
});

ids.run();

const floats = suite('searched operators: arithmetic');

floats('optimised-fm is X·(XᵀY) by its definition', () => {
  const shape = { batch: 2, vectors: 3, dim: 4, rank: 5 };
  const [x, y] = [some(24), some(30, 2)];
  const wanted: number[] = [];
  for (let b = 0; b < 2; b++) {
    const inner = (d: number, k: number) =>
      [0, 1, 2].reduce((sum, i) => sum + x[(b * 3 + i) * 4 + d] * y[(b * 3 + i) * 5 + k], 0);
    for (let i = 0; i < 3; i++) {
      for (let k = 0; k < 5; k++) {
        wanted.push([0, 1, 2, 3].reduce((sum, d) => sum + x[(b * 3 + i) * 4 + d] * inner(d, k), 0));
      }
    }
  }
  near(answer('optimised-fm', shape, given({ x, y })), wanted);
});

floats('the error function and GELU have their known values', () => {
  near(
    [erf(0), erf(0.5), erf(1), erf(2), erf(3), erf(-1), erf(7)],
    [
      0, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, -0.8427007929497149,
      1,
    ],
    1e-15,
  );
  near([gelu(0), gelu(1), gelu(-1), gelu(10)], [0, 0.8413447460685429, -0.15865525393145707, 10], 1e-14);
});

floats('pffn is RMS norm of a product of each batch with its own weights', () => {
  const shape = { batch: 2, length: 1, dim: 2, width: 2, gelu: 0 };
  const tensors = { x: [1, 2, 3, 4], w: [1, 0, 0, 1, 0, 1, 1, 0], bias: [0.5, 0, 0, -1], gain: [1, 2] };
  const norm = (a: number, b: number) => Math.sqrt((a * a + b * b) / 2 + 1e-5);
  near(answer('pffn', shape, given(tensors)), [
    1.5 / norm(1.5, 2),
    4 / norm(1.5, 2),
    4 / norm(4, 2),
    4 / norm(4, 2),
  ]);
  const [a, b] = [gelu(4), gelu(2)];
  near(answer('pffn', { ...shape, gelu: 1 }, given(tensors)).slice(2), [
    a / norm(a, b),
    (2 * b) / norm(a, b),
  ]);
});

floats(
  'conv1d with a single tap of 1 is its input, with three it sees its neighbours, with four one more behind',
  () => {
    const shape = { batch: 1, inChannels: 1, outChannels: 1, length: 4, taps: 1 };
    const x = [1, 2, 3, 4];
    near(answer('conv1d', shape, given({ x, w: [1], bias: [10] })), [11, 12, 13, 14]);
    near(
      answer('conv1d', { ...shape, taps: 3 }, given({ x, w: [100, 10, 1], bias: [0] })),
      [12, 123, 234, 340],
    );
    near(
      answer('conv1d', { ...shape, taps: 4 }, given({ x, w: [1000, 100, 10, 1], bias: [0] })),
      [123, 1234, 2340, 3400],
    );
  },
);

floats('conv1d adds its channels up', () => {
  const shape = { batch: 2, inChannels: 2, outChannels: 2, length: 1, taps: 1 };
  const inputs = given({ x: [1, 2, 3, 4], w: [1, 10, 100, 1000], bias: [0, 5] });
  near(answer('conv1d', shape, inputs), [21, 2105, 43, 4305]);
});

floats('rms-norm-backward is the slope of rms-norm', () => {
  const shape = { rows: 2, n: 3 };
  const [x, gain, dy] = [some(6), some(3, 2), some(6, 3)];
  /** Σ dy · y: its slopes are what is asked for. */
  const value = (moved: { x: number[]; gain: number[] }) =>
    answer('rms-norm', shape, given(moved)).reduce((sum, y, i) => sum + y * dy[i], 0);
  const slope = (numbers: number[], put: (moved: number[]) => { x: number[]; gain: number[] }) =>
    numbers.map((_, i) => {
      const by = (step: number) => value(put(numbers.map((each, j) => (i === j ? each + step : each))));
      return (by(1e-5) - by(-1e-5)) / 2e-5;
    });
  const got = (tensor: string) => answer('rms-norm-backward', shape, given({ x, gain, dy }), { tensor });
  near(
    got('dx'),
    slope(x, (moved) => ({ x: moved, gain })),
    1e-8,
  );
  near(
    got('dgain'),
    slope(gain, (moved) => ({ x, gain: moved })),
    1e-8,
  );
});

floats('softmax adds up to 1 and does not mind a shift', () => {
  const x = some(12);
  const got = answer('softmax', { rows: 3, n: 4 }, given({ x }));
  for (let row = 0; row < 3; row++)
    near([got.slice(4 * row, 4 * row + 4).reduce((sum, each) => sum + each, 0)], [1]);
  near(answer('softmax', { rows: 3, n: 4 }, given({ x: x.map((each) => each + 1000) })), got, 1e-12);
  near(answer('softmax', { rows: 1, n: 2 }, given({ x: [0, Math.log(3)] })), [0.25, 0.75]);
});

floats('cross-entropy is −log of what softmax gives to the target, row by row', () => {
  const logits = some(12);
  const shares = answer('softmax', { rows: 3, n: 4 }, given({ x: logits }));
  const targets = [2, 0, 3];
  near(
    answer('cross-entropy', { rows: 3, classes: 4 }, given({ logits, targets })),
    targets.map((target, row) => -Math.log(shares[4 * row + target])),
  );
});

floats('swiglu gates by the sigmoid', () => {
  const inputs = given({ a: [0, 1, -1, 50], b: [3, 2, 2, 4] });
  const share = 1 / (1 + Math.exp(-1));
  near(answer('swiglu', { rows: 2, n: 2 }, inputs), [0, 2 * share, -2 * (1 - share), 200]);
});

floats('top-k falls, and of equals takes the one further left', () => {
  const shape = { rows: 2, n: 4, k: 3 };
  const inputs = given({ x: [1, 3, 3, 2, -0, 0, -1, 0] });
  assert.equal(answer('top-k', shape, inputs, { tensor: 'indices' }), [1, 2, 3, 0, 1, 3]);
  near(answer('top-k', shape, inputs, { tensor: 'values' }), [3, 3, 2, 0, 0, 0]);
  assert.throws(
    () => operatorSpecs['top-k'].tensors('fp32', { rows: 1, n: 4, k: 5 }),
    /k is 5, but a row has n = 4/,
  );
});

floats.run();

const work = suite('searched operators: work and budget');

work('of the cheaper order of products counts for optimised-fm', () => {
  // Published production shape: many more columns than vectors.
  const wide = { batch: 1024, vectors: 24, dim: 224, rank: 2198 };
  const { flops, bytes } = operatorWork('optimised-fm', 'fp16', wide);
  assert.is(flops, 1024 * 2 * 24 * 24 * (224 + 2198));
  assert.is(bytes, 1024 * 24 * (224 + 2 * 2198) * 2);
  assert.ok((1024 * 4 * 24 * 224 * 2198) / flops > 16.8);
  const narrow = { batch: 1, vectors: 100, dim: 8, rank: 4 };
  assert.is(operatorWork('optimised-fm', 'fp16', narrow).flops, 4 * 100 * 8 * 4);
});

work('of a convolution leaves out the zeros around it', () => {
  const shape = { batch: 2, inChannels: 3, outChannels: 5, length: 10, taps: 3 };
  assert.is(operatorWork('conv1d', 'fp32', shape).flops, 2 * 5 * (2 * 3 * (9 + 10 + 9) + 10));
});

work('is no more than what kernels touch, and all of it where nothing is left out', () => {
  const partly: OperatorName[] = ['jagged-to-padded', 'event-truncate', 'map-id'];
  const bytesOf = { f32: 4, i32: 4, f16: 2, bf16: 2 } as Record<string, number>;
  for (const { operator, dataType, shape } of everyCase()) {
    if (!searchedOperators.includes(operator)) continue;
    const held = operatorSpecs[operator]
      .tensors(dataType, shape)
      .reduce((sum, { element, length }) => sum + length * bytesOf[element], 0);
    const { bytes, flops } = operatorWork(operator, dataType, shape);
    const what = `${operator} ${dataType} ${JSON.stringify(shape)}: ${bytes} of ${held}`;
    if (partly.includes(operator)) assert.ok(bytes <= held + 1e-9 && bytes > 0.3 * held, what);
    else assert.is(bytes, held, what);
    assert.ok(operator === 'jagged-to-padded' ? flops === 0 : flops > 0, what);
  }
});

work('of truncating and of leaving all differ by what is copied', () => {
  const shape = { batch: 10, events: 10, kept: 10, features: 2, length: 3 };
  const all = operatorWork('event-truncate', 'fp32', shape);
  const less = operatorWork('event-truncate', 'fp32', { ...shape, kept: 4 });
  const dropped = 55 - 34;
  assert.is(all.bytes - less.bytes, 4 * 2 * dropped * (1 + 2 * 3));
});

const about: DeviceDescription = {
  name: 'a device',
  kind: 'cpu',
  memoryBytes: 2 ** 34,
  cacheBytes: 2 ** 25,
  units: 2,
  versions: {},
  details: {},
};

work('takes nothing from a budget unless it is named', () => {
  const device = new ReferenceDevice();
  const usual = new Set(targetsOf(device, about, {}).map(({ operator }) => operator));
  for (const operator of searchedOperators) {
    assert.not.ok(usual.has(operator), operator);
    const named = targetsOf(device, about, { operators: [operator] });
    assert.ok(named.length > 0, operator);
    for (const { shapes } of named) {
      assert.ok(shapes.length > 3, operator);
      for (const shape of shapes) assert.equal(Object.keys(shape).sort(), [...operatorAxes[operator]].sort());
    }
  }
  assert.ok(usual.has('gemm') && usual.has('rms-norm'));
});

work('is there for each of them: small shapes, axes, a spec', () => {
  assert.is(searchedOperators.length, 12);
  for (const operator of searchedOperators) assert.ok(smallShapes[operator]!.length >= 2, operator);
});

work.run();
