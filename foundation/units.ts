/** Physical quantities as people write them. In code every quantity is a number in the SI base unit. */
export const dimensions = [
  'time',
  'bytes',
  'bandwidth',
  'rate',
  'compute',
  'power',
  'price',
  'frequency',
  'percent',
  'time per byte',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Hours of a month and of a year, as prices count them. */
export const hoursPerMonth = 730;
export const hoursPerYear = 8760;

const decimal = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 };

const byteUnits = scaled('B', { ...decimal, ...binary });
const timeUnits = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 };

/** Accepted units of each dimension, as factors to its SI base unit. */
const unitsOf: Record<Dimension, Record<string, number>> = {
  time: timeUnits,
  bytes: byteUnits,
  bandwidth: {
    ...Object.fromEntries(Object.entries(byteUnits).map(([unit, factor]) => [`${unit}/s`, factor])),
    ...scaled('bit/s', decimal, 1 / 8),
  },
  rate: { '/s': 1, QPS: 1, kQPS: 1e3, MQPS: 1e6, '/min': 1 / 60, '/h': 1 / 3600 },
  compute: scaled('FLOP/s', decimal),
  power: scaled('W', decimal),
  price: { 'USD/h': 1, 'USD/day': 1 / 24, 'USD/month': 1 / hoursPerMonth, 'USD/year': 1 / hoursPerYear },
  frequency: scaled('Hz', decimal),
  percent: { '%': 0.01 },
  'time per byte': Object.fromEntries(
    Object.entries(timeUnits).map(([unit, factor]) => [`${unit}/B`, factor]),
  ),
};

const examples: Record<Dimension, string> = {
  time: '30 ms',
  bytes: '64 GiB',
  bandwidth: '25 Gbit/s',
  rate: '25 QPS',
  compute: '2.5 TFLOP/s',
  power: '350 W',
  price: '3.06 USD/h',
  frequency: '2.4 GHz',
  percent: '10 %',
  'time per byte': '0.4 ns/B',
};

/** Regular expression for `<number> <unit>`; also published in the JSON Schema. */
export const quantityPattern = '^\\s*[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?\\s*\\S+\\s*$';

/**
 * Reads a quantity such as `30 ms` or `25 Gbit/s` into SI base units.
 * A time is in seconds, bytes in bytes, bandwidth in bytes per second, a price in USD per hour.
 * @throws Error that names the expected form when the number or the unit is not understood.
 */
export function parseQuantity(text: string, dimension: Dimension): number {
  const match = /^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*$/.exec(text);
  const expected = `expected ${withArticle(dimension)} with its unit, such as '${examples[dimension]}'`;
  if (!match) throw new Error(`${expected}, got '${text}'`);
  const [, digits, unit] = match;
  const units = unitsOf[dimension];
  if (!Object.hasOwn(units, unit)) {
    const known = Object.keys(units).filter((name) => !name.startsWith('μ'));
    const wrong = unit === '' ? `'${text}' has no unit` : `'${unit}' is not one of ${known.join(', ')}`;
    throw new Error(`${expected}; ${wrong}`);
  }
  const value = scaledExactly(digits, units[unit]);
  if (!Number.isFinite(value)) throw new Error(`${expected}, got '${text}', which is out of range`);
  return value;
}

/**
 * The number that `digits` times the factor stands for, correctly rounded where the factor is a power of ten:
 * `25 us` is 2.5e-5 and `99.9 %` is 0.999, as if they had been written so.
 */
function scaledExactly(digits: string, factor: number): number {
  const power = Math.round(Math.log10(factor));
  if (Number(`1e${power}`) !== factor) return Number(digits) * factor;
  const [mantissa, exponent = '0'] = digits.toLowerCase().split('e');
  return Number(`${mantissa}e${Number(exponent) + power}`);
}

/** An example of how a quantity of this dimension is written. */
export function exampleOf(dimension: Dimension): string {
  return examples[dimension];
}

/** The name of a dimension as the object of a sentence. */
export function withArticle(dimension: Dimension): string {
  if (dimension === 'bytes') return 'a size';
  return dimension === 'percent' ? 'a percentage' : `a ${dimension}`;
}

/** A value as people write it, 0.5 as `50 %`: times and sizes in the unit that is shortest, others in that of the example. */
export function inFittingUnit(value: number, dimension: Dimension): string {
  const [, exampleUnit] = examples[dimension].split(' ');
  const isFree = dimension === 'time' || dimension === 'bytes';
  const units = isFree ? Object.keys(unitsOf[dimension]) : [exampleUnit];
  const texts = units.map(
    (unit) => `${written(Number((value / unitsOf[dimension][unit]).toPrecision(12)))} ${unit}`,
  );
  return texts.reduce((shortest, text) => (text.length < shortest.length ? text : shortest));
}

/** A number as a person writes it, `2500`, `1e15`: what is long with an exponent, no digit lost. */
export function written(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) < 1e8) return String(value);
  return value.toExponential().replace('e+', 'e');
}

function scaled(unit: string, prefixes: Record<string, number>, base = 1): Record<string, number> {
  return Object.fromEntries(
    Object.entries(prefixes).map(([prefix, factor]) => [`${prefix}${unit}`, factor * base]),
  );
}

/** From this share of a unit on, three digits round up to the whole unit. */
const roundsUp = 0.9995;

/** Seconds as `1.23 ms`, three significant digits in the unit that suits. */
export function formatTime(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-6 * roundsUp) return `${significant(seconds * 1e9)} ns`;
  if (size < 1e-3 * roundsUp) return `${significant(seconds * 1e6)} µs`;
  if (size < roundsUp) return `${significant(seconds * 1e3)} ms`;
  if (size < 120) return `${significant(seconds)} s`;
  return size < 7200 ? `${significant(seconds / 60)} min` : `${significant(seconds / 3600)} h`;
}

/** Two times in words, with as many digits as tell them apart. */
export function toldApart(oneS: number, otherS: number): [string, string] {
  const [one, other] = [formatTime(oneS), formatTime(otherS)];
  if (one !== other || oneS === otherS) return [one, other];
  const [, unit] = one.split(' ');
  const perS = 1 / timeUnits[unit as keyof typeof timeUnits];
  for (let digits = 4; digits < 12; digits++) {
    const texts = [oneS, otherS].map((timeS) => `${significant(timeS * perS, digits)} ${unit}`);
    if (texts[0] !== texts[1]) return [texts[0], texts[1]];
  }
  return [one, other];
}

/** Bytes in decimal units: `194.05 GB` is 194.05 × 10⁹ bytes. */
export function formatBytes(bytes: number): string {
  return `${withPrefix(bytes)}B`;
}

/** Bytes with all their digits, `1.25 GB`: different sizes read differently. */
export function unroundedBytes(bytes: number): string {
  const [prefix, factor] = Object.entries(decimal).findLast(([, each]) => bytes >= each) ?? ['', 1];
  return `${bytes / factor} ${prefix}B`;
}

/** A count or a rate with a decimal prefix: `1.2 M`. Append the unit. */
export function withPrefix(value: number): string {
  const size = Math.abs(value);
  const prefixes = Object.entries(decimal).reverse();
  for (const [prefix, factor] of prefixes) {
    if (size >= factor * roundsUp || prefix === '') {
      const exact = Number.isInteger(value) && prefix === '' ? String(value) : significant(value / factor);
      return `${exact} ${prefix}`;
    }
  }
  return String(value);
}

/** `1 host`, `2 hosts`. */
export function hostsInWords(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`;
}

/** A fraction as a percentage with a sign when it is a difference: `+12.3 %`. */
export function formatPercent(fraction: number, { signed = false } = {}): string {
  const text = significant(fraction * 100, 3);
  return `${signed && fraction >= 0 ? '+' : ''}${text} %`;
}

/** A positive value as `significant` shows it, but never less than it is: what is enough still is enough when it is read. */
export function roundedUp(value: number, digits = 3): number {
  const step = 10 ** Math.min(0, Math.floor(Math.log10(value)) + 1 - digits);
  const up = Math.ceil(value / step - 1e-9) * step;
  return Number(up.toPrecision(12));
}

/** `value` with `digits` significant digits and no exponent for ordinary sizes. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const rounded = Math.abs(Number(value.toPrecision(digits)));
  const magnitude = Math.floor(Math.log10(rounded));
  const decimals = Math.min(12, Math.max(0, digits - 1 - magnitude));
  return value.toFixed(decimals);
}
