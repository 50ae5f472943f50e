import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evenSample } from '../../sim/rooflines/even-sample.ts';

const sampling = suite('rooflines: an even sample');

interface Item {
  at: number;
  level: number;
}

const items = fc.array(
  fc.record({ at: fc.double({ min: 1e-3, max: 1e6, noNaN: true }), level: fc.integer({ min: 0, max: 99 }) }),
  { maxLength: 300 },
);

const sampleOf = (of: readonly Item[], most: number) =>
  evenSample(
    of,
    most,
    ({ at }) => at,
    ({ level }) => level,
  );

sampling('holds so many of the items, each once, in order; all where they are few', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 12, max: 80 }), (all, most) => {
      const before = [...all];
      const sample = sampleOf(all, most);
      assert.equal(all, before, 'the items stay as they are');
      assert.is(sample.length, Math.min(most, all.length));
      assert.is(new Set(sample).size, sample.length);
      assert.ok(sample.every((item) => all.includes(item)));
      assert.ok(sample.every(({ at }, index) => index === 0 || sample[index - 1].at <= at));
    }),
  );
});

sampling('covers sparse ranges as well as crowded ones', () => {
  const crowd = Array.from({ length: 1000 }, (_, index) => ({ at: 1 + index / 1000, level: index % 17 }));
  const sparse = Array.from({ length: 12 }, (_, index) => ({ at: 4 * 2 ** index, level: index }));
  const sample = sampleOf([...crowd, ...sparse], 60);
  assert.is(sample.filter(({ at }) => at > 2).length, 12, 'each of the few');
  assert.is(sample.length, 60);
});

sampling('takes all levels of a crowd', () => {
  const crowd = Array.from({ length: 1200 }, (_, index) => ({ at: 1, level: index % 100 }));
  const levels = sampleOf(crowd, 20).map(({ level }) => level);
  assert.equal(
    levels,
    Array.from({ length: 20 }, (_, place) => 5 * place + 2),
  );
});

sampling.run();
