import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { timeUnit } from '../../reports/numbers.ts';

test('a column takes the unit of its median, so that one slow arm rounds no other to zero', () => {
  assert.is(timeUnit([300e-6, 270e-6, 3.3]).name, 'µs');
  assert.is(timeUnit([0.3e-3, 3.3]).name, 'µs');
  assert.is(timeUnit([12e-3, 13e-3, 0.2e-3]).name, 'ms');
  assert.is(timeUnit([4, 5, 0.2]).name, 's');
});

test('arms without a time do not count', () => {
  assert.is(timeUnit([0, 0, 0, 3]).name, 's');
  assert.is(timeUnit([0]).name, timeUnit([]).name);
});

test.run();
