import { formatPercent, formatTime, significant, withPrefix } from '../../foundation/units.ts';
import type { Interval } from '../../sim/result.ts';
import { plusMinus } from '../numbers.ts';

/** What a number counts, and how it is written. Values are in the SI base unit, shares as fractions. */
export interface Quantity {
  /** One value with its unit, three significant digits: `12.3 ms`. */
  format: (value: number) => string;
  /** The unit for a scale that ends at `most`, and how many of it make one base unit. */
  unitFor: (most: number) => { name: string; per: number };
  /** Its unit without a prefix, where labels of a scale need not repeat it: `USD/h`. */
  unit?: string;
  /** How a label of a logarithmic scale is written, where not as any other value. */
  tick?: (value: number) => string;
  /** Whether there are no parts of one. */
  isWhole?: boolean;
}

const largeToSmall: [prefix: string, factor: number][] = [
  ['P', 1e15],
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
];

const times: [unit: string, seconds: number][] = [
  ['h', 3600],
  ['min', 60],
  ['s', 1],
  ['ms', 1e-3],
  ['µs', 1e-6],
];

export const time: Quantity = {
  ...quantity(formatTime, (most) => {
    const found = times.find(([unit, size]) => most >= (unit === 's' ? size : 2 * size));
    const [name, seconds] = found ?? ['ns', 1e-9];
    return { name, per: 1 / seconds };
  }),
  // Powers of ten of seconds are no round minutes.
  tick: (value) => (value >= 60 && value < 1e5 ? `${value} s` : formatTime(value)),
};
export const bytes = joined('B');
export const bytesPerS = joined('B/s');
export const flops = joined('FLOP');
export const flopPerS = joined('FLOP/s');
export const watts = joined('W');
export const plain = quantity(
  (value) => withPrefix(value).trim(),
  (most) => prefixed(most, (prefix) => prefix),
);
export const intensity = counted('FLOP/B');
export const rate = counted('requests/s');
export const usdPerHour = counted('USD/h');
export const usd = counted('USD');
export const usdPerDay = counted('USD/day');
export const deviceHours = counted('device hours');
export const examples = counted('examples');
export const examplesPerS = counted('examples/s');
export const usdPerMillion = counted('USD per million requests');
export const hosts: Quantity = { ...counted('hosts'), isWhole: true };
export const share = quantity(
  (value) => formatPercent(Math.abs(value) < leastShare ? 0 : value),
  () => ({ name: '%', per: 100 }),
);

/** Shares that are smaller read as none. */
const leastShare = 5e-7;

/** A quantity that says so where there is no number, writes a true minus, and takes noise for zero. */
function quantity(format: Quantity['format'], unitFor: Quantity['unitFor']): Quantity {
  const said = (value: number) => format(withoutNoise(value)).replace('-', '−');
  return { format: (value) => (Number.isFinite(value) ? said(value) : 'unknown'), unitFor };
}

/** What is smaller, in any unit, is what rounding leaves of zero. */
const noise = 1e-12;

export function withoutNoise(value: number): number {
  return Math.abs(value) < noise ? 0 : value;
}

/** A unit that takes prefixes: `12.3 kW`. */
function joined(unit: string): Quantity {
  return quantity(
    (value) => `${withPrefix(value)}${unit}`,
    (most) => prefixed(most, (prefix) => `${prefix}${unit}`),
  );
}

/** What is counted in a unit that takes no prefix: `12.3 k USD/h`. */
function counted(unit: string): Quantity {
  const written = quantity(
    (value) => `${withPrefix(value).trim()} ${unit}`,
    (most) => prefixed(most, (prefix) => (prefix === '' ? unit : `${prefix} ${unit}`)),
  );
  return { ...written, unit };
}

function prefixed(most: number, name: (prefix: string) => string) {
  const [prefix, factor] = largeToSmall.find(([, size]) => most >= 2 * size) ?? ['', 1];
  return { name: name(prefix), per: 1 / factor };
}

/** A mean with its interval in one unit: `44.5 ±1.2 ms`. */
export function withInterval(value: Interval, quantity: Quantity): string {
  const { low, high, mean } = finite(value);
  if (low === undefined || high === undefined || withoutNoise(high - low) === 0) return quantity.format(mean);
  const { name, per } = quantity.unitFor(Math.max(Math.abs(mean), Math.abs(high)));
  return `${plusMinus({ mean, low, high }, per).replace('-', '−')}${name === '' ? '' : ` ${name}`}`;
}

/** The same of a difference: `+1.2 ±0.3 ms`. */
export function signedInterval(value: Interval, quantity: Quantity): string {
  return `${withoutNoise(value.mean) > 0 ? '+' : ''}${withInterval(value, quantity)}`;
}

/** What the error of measured costs has in an interval, as a line of its own where there is any. */
export function costLine({ cost }: Interval, quantity: Quantity): string[] {
  return cost === undefined || !Number.isFinite(cost)
    ? []
    : [`±${quantity.format(cost)} of it from measured costs`];
}

/** An interval without bounds that cannot be drawn. */
export function finite({ mean, low, high }: Interval): Interval {
  const isWhole = Number.isFinite(low) && Number.isFinite(high);
  return isWhole ? { mean, low, high } : { mean };
}

/** A plain number to `digits` significant ones, a true minus before negative ones. */
export function number(value: number, digits = 3): string {
  return significant(value, digits).replace('-', '−');
}

/** `1.00 ms` is `1 ms`. */
export function withoutZeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\s|$)/, '$1').replace(/\.(?=\s|$)/, '');
}

/** `20 %`. */
export function percent(fraction: number): string {
  return withoutZeros(share.format(fraction));
}
