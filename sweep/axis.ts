import { type Amount, amountOf } from '../foundation/amount.ts';
import type { RangeSpec, SweptField } from '../scenarios/sweep-schema.ts';
import type { FieldValue } from '../sim/sweep-result.ts';

/** The values that one field takes in a sweep. */
export interface Axis {
  /** Number of values; absent where a range holds a continuum of them. */
  size?: number;
  /** One of finitely many values. */
  nth(index: number): FieldValue;
  /** The value at a coordinate in [0, 1): every value of finitely many has the same share. */
  at(coordinate: number): FieldValue;
}

/** Digits of values from a continuum: enough to tell any two points apart, few enough to be read. */
const digits = 6;

/** What is wrong with a range, at which of its fields. */
export type RefuseRange = (key: keyof RangeSpec, message: string) => never;

/** The axis of a field. @param refuse throws for a range that makes no sense */
export function axisOf(field: SweptField, refuse: RefuseRange): Axis {
  if (Array.isArray(field)) return finite(field.length, (index) => field[index]);
  const { low, high, unit, written } = boundsOf(field, refuse);
  const { scale = 'linear', integer = false, step, count } = field;
  if (scale === 'log' && low <= 0) refuse('from', 'a range with scale log starts above zero');
  if (integer) {
    for (const key of ['from', 'to'] as const) {
      if (!Number.isInteger(key === 'from' ? low : high))
        refuse(key, `expected a whole number with integer: true`);
    }
  }
  if (step !== undefined) return steps(field, { low, high, unit, written }, refuse);
  if (count !== undefined) {
    const share = (index: number) => index / (count - 1);
    const values = Array.from({ length: count }, (_, index) =>
      between(low, high, share(index), scale, integer),
    );
    const distinct = [...new Set(values)];
    return finite(distinct.length, (index) => written(distinct[index]));
  }
  if (!integer) {
    const at = (coordinate: number) => written(between(low, high, coordinate, scale, false));
    return { nth: () => refuse('from', 'has no finite number of values'), at };
  }
  if (scale === 'linear') return finite(high - low + 1, (index) => written(low + index));
  // Each whole number has the share of the logarithms up to the next.
  const at = (coordinate: number) =>
    written(Math.min(high, Math.floor(between(low, high + 1, coordinate, 'log', false, 15))));
  return { nth: () => refuse('from', 'has no finite number of values'), at };
}

function finite(size: number, nth: (index: number) => FieldValue): Axis {
  return { size, nth, at: (coordinate) => nth(Math.min(size - 1, Math.floor(coordinate * size))) };
}

interface Bounds {
  low: number;
  high: number;
  unit: string;
  /** A number as the scenario would write it. */
  written: (value: number) => FieldValue;
}

function boundsOf({ from, to }: RangeSpec, refuse: RefuseRange): Bounds {
  const first = amountOf(from) ?? refuse('from', 'expected a number, with its unit if it has one');
  const last = amountOf(to) ?? refuse('to', 'expected a number, with its unit if it has one');
  if (first.unit !== last.unit) refuse('to', `has another unit than from, '${from}': state both in one`);
  if (first.value > last.value) refuse('to', `the range is empty: ${to} is below ${from}`);
  if (first.value === last.value) refuse('to', `holds no more than one value: list it, [${from}]`);
  const { unit } = first;
  const isText = typeof from === 'string' || typeof to === 'string';
  return {
    low: first.value,
    high: last.value,
    unit,
    written: (value) => (isText ? `${value} ${unit}`.trim() : value),
  };
}

function steps(
  { step, count, scale, integer }: RangeSpec,
  { low, high, unit, written }: Bounds,
  refuse: RefuseRange,
): Axis {
  if (count !== undefined) refuse('count', 'state step or count, not both');
  if (scale === 'log') refuse('step', 'with scale log, state count instead of step');
  const amount = amountOf(step as string | number);
  if (!amount || amount.unit !== unit)
    refuse('step', `expected a number with the unit of from${unit && `, ${unit}`}`);
  const { value } = amount as Amount;
  if (!(value > 0)) refuse('step', 'expected a number above zero');
  if (integer && !Number.isInteger(value)) refuse('step', 'expected a whole number with integer: true');
  if (value > high - low) refuse('step', 'is larger than the range: there is no second value');
  // A sum of steps that misses the end by rounding has reached it.
  const size = Math.floor((high - low) / value + 1e-9) + 1;
  return finite(size, (index) => written(Number((low + index * value).toPrecision(12))));
}

/** The value at a share of the way, rounded to few digits but never outside. */
function between(
  low: number,
  high: number,
  share: number,
  scale: 'linear' | 'log',
  integer: boolean,
  precision = digits,
): number {
  const exact = scale === 'log' ? low * (high / low) ** share : low + share * (high - low);
  const rounded = integer ? Math.round(exact) : Number(exact.toPrecision(precision));
  return Math.min(high, Math.max(low, rounded));
}
