import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SweptField } from '../../scenarios/sweep-schema.ts';
import { axisOf } from '../../sweep/axis.ts';
import { fieldColumn } from '../../sweep/columns.ts';

const axes = suite('axes of a sweep');

function refuse(key: string, message: string): never {
  throw new Error(`${key}: ${message}`);
}

const axis = (field: SweptField) => axisOf(field, refuse);

function all(field: SweptField): unknown[] {
  const { size = 0, nth } = axis(field);
  return Array.from({ length: size }, (_, index) => nth(index));
}

axes('a list has its values, each with the same share', () => {
  assert.equal(all(['a', 2, true]), ['a', 2, true]);
  assert.is(axis(['a', 'b']).at(0.49), 'a');
  assert.is(axis(['a', 'b']).at(0.51), 'b');
});

axes('steps, counts and whole numbers make finite ranges with their ends', () => {
  assert.equal(all({ from: '10 GB', to: '30 GB', step: '10 GB' }), ['10 GB', '20 GB', '30 GB']);
  assert.equal(all({ from: 0, to: 1, step: 0.1 }).length, 11);
  assert.is(all({ from: 0, to: 1, step: 0.1 })[3], 0.3);
  assert.equal(all({ from: 1, to: 2, step: 0.4 }), [1, 1.4, 1.8]);
  assert.equal(all({ from: '1 QPS', to: '100 QPS', count: 3, scale: 'log' }), ['1 QPS', '10 QPS', '100 QPS']);
  assert.equal(all({ from: 1, to: 5, integer: true }), [1, 2, 3, 4, 5]);
  assert.equal(all({ from: 1, to: 8, count: 4, scale: 'log', integer: true }), [1, 2, 4, 8]);
  assert.equal(all({ from: 1, to: 3, count: 9, integer: true }), [1, 2, 3]);
});

axes('a range without steps is a continuum that stays inside', () => {
  const inside = fc.property(fc.double({ min: 0, max: 0.9999999, noNaN: true }), (coordinate) => {
    for (const scale of ['linear', 'log'] as const) {
      const value = Number.parseFloat(String(axis({ from: '0.3 ms', to: '7 ms', scale }).at(coordinate)));
      if (!(value >= 0.3 && value <= 7)) return false;
      const whole = axis({ from: 2, to: 9, scale, integer: true }).at(coordinate) as number;
      if (!(Number.isInteger(whole) && whole >= 2 && whole <= 9)) return false;
    }
    return true;
  });
  fc.assert(inside);
  assert.is(axis({ from: 1, to: 100, scale: 'log' }).at(0.5), 10);
  assert.is(axis({ from: 1, to: 100 }).size, undefined);
});

axes('what makes no range is refused where it stands', () => {
  const bad: [SweptField, RegExp][] = [
    [{ from: 8, to: 1 }, /^to: the range is empty/],
    [{ from: 8, to: 8 }, /^to: holds no more than one value/],
    [{ from: '1 GB', to: '8 GiB' }, /^to: has another unit/],
    [{ from: 'few', to: 8 }, /^from: expected a number/],
    [{ from: 0, to: 8, scale: 'log' }, /^from: .*above zero/],
    [{ from: 0.5, to: 8, integer: true }, /^from: expected a whole number/],
    [{ from: 1, to: 8, step: 2, count: 3 }, /^count: state step or count/],
    [{ from: 1, to: 8, step: 9 }, /^step: is larger than the range/],
    [{ from: 1, to: 8, step: -1 }, /^step: expected a number above zero/],
    [{ from: '1 s', to: '8 s', step: 1 }, /^step: expected a number with the unit of from, s/],
    [{ from: 1, to: 8, step: 2, scale: 'log' }, /^step: with scale log/],
  ];
  for (const [field, message] of bad) assert.throws(() => axis(field), message, JSON.stringify(field));
});

axes('columns are numbers in one unit where the values are', () => {
  const column = (field: SweptField) => {
    const { column, type } = fieldColumn({ field: 'a.b', axis: axis(field), isList: Array.isArray(field) });
    return `${column} ${type}`;
  };
  assert.is(column([1, 2]), 'a_b INTEGER');
  assert.is(column([1, 2.5]), 'a_b DOUBLE');
  assert.is(column({ from: 1, to: 2 }), 'a_b DOUBLE');
  assert.is(column({ from: 1, to: 4, integer: true }), 'a_b INTEGER');
  assert.is(column([true, false]), 'a_b BOOLEAN');
  assert.is(column(['fast', 'slow']), 'a_b VARCHAR');
  assert.is(column([16, 'whole-request']), 'a_b VARCHAR');
  assert.is(column(['500 ms', '1 s']), 'a_b_ms DOUBLE');
  assert.is(column({ from: '1 Gbit/s', to: '2 Gbit/s' }), 'a_b_gbit_per_s DOUBLE');
  assert.is(column(['5 %', '10 %']), 'a_b_percent DOUBLE');
  assert.is(column(['5 %', '10 ms']), 'a_b VARCHAR');
});

axes.run();
