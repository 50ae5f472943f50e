import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Dimension,
  exampleOf,
  formatBytes,
  formatPercent,
  formatTime,
  inFittingUnit,
  parseQuantity,
  quantityPattern,
  significant,
  withPrefix,
  written,
} from '../../foundation/units.ts';

/** Every unit of every dimension with its size in the SI base unit. */
const units: Record<Dimension, Record<string, number>> = {
  time: { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86_400 },
  bytes: {
    B: 1,
    kB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    PB: 1e15,
    KiB: 1024,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
    PiB: 2 ** 50,
  },
  bandwidth: {
    'B/s': 1,
    'GB/s': 1e9,
    'GiB/s': 2 ** 30,
    'bit/s': 1 / 8,
    'kbit/s': 125,
    'Mbit/s': 125e3,
    'Gbit/s': 125e6,
    'Tbit/s': 125e9,
  },
  rate: { '/s': 1, QPS: 1, kQPS: 1e3, MQPS: 1e6, '/min': 1 / 60, '/h': 1 / 3600 },
  compute: { 'FLOP/s': 1, 'GFLOP/s': 1e9, 'TFLOP/s': 1e12, 'PFLOP/s': 1e15 },
  power: { W: 1, kW: 1e3, MW: 1e6 },
  price: { 'USD/h': 1, 'USD/month': 1 / 730, 'USD/year': 1 / 8760 },
  frequency: { Hz: 1, MHz: 1e6, GHz: 1e9 },
  percent: { '%': 0.01 },
  'time per byte': { 'ns/B': 1e-9, 'us/B': 1e-6, 's/B': 1 },
};

const parsing = suite('units: parsing');

for (const [dimension, table] of Object.entries(units) as [Dimension, Record<string, number>][]) {
  parsing(`every unit of ${dimension}, with and without a space`, () => {
    for (const [unit, factor] of Object.entries(table)) {
      for (const text of [`3 ${unit}`, `3${unit}`, `  3  ${unit} `]) {
        const value = parseQuantity(text, dimension);
        assert.ok(Math.abs(value / (3 * factor) - 1) < 1e-15, `${text} is ${value}`);
      }
    }
  });
  parsing(`the example of ${dimension} is itself understood`, () => {
    const example = exampleOf(dimension);
    const value = parseQuantity(example, dimension);
    assert.is(inFittingUnit(value, dimension), example);
    assert.match(example, new RegExp(quantityPattern));
  });
}

parsing('values are the doubles that a person would write', () => {
  assert.is(parseQuantity('25 us', 'time'), 2.5e-5);
  assert.is(parseQuantity('30 us', 'time'), 3e-5);
  assert.is(parseQuantity('0.1 ms', 'time'), 1e-4);
  assert.is(parseQuantity('7 ns', 'time'), 7e-9);
  assert.is(parseQuantity('25 Gbit/s', 'bandwidth'), 3.125e9);
  assert.is(parseQuantity('10 %', 'percent'), 0.1);
  assert.is(parseQuantity('99.9 %', 'percent'), 0.999);
  assert.is(parseQuantity('64 GiB', 'bytes'), 68_719_476_736);
  assert.is(parseQuantity('194.05 GB', 'bytes'), 194.05e9);
  assert.is(parseQuantity('60 /h', 'rate'), 1 / 60);
});

parsing('signs, leading points and exponents', () => {
  assert.is(parseQuantity('-3 ms', 'time'), -0.003);
  assert.is(parseQuantity('+.5 s', 'time'), 0.5);
  assert.is(parseQuantity('5. s', 'time'), 5);
  assert.is(parseQuantity('1e3 us', 'time'), 1e-3);
  assert.is(parseQuantity('2E-3 s', 'time'), 2e-3);
});

/** What cannot be read, and what the answer must name. */
const refused: [text: string, dimension: Dimension, message: RegExp][] = [
  ['30 msec', 'time', /expected a time with its unit, such as '30 ms'; 'msec' is not one of ns, us, µs, ms/],
  ['30', 'time', /expected a time with its unit, such as '30 ms'; '30' has no unit/],
  ['ms 30', 'time', /expected a time with its unit, such as '30 ms', got 'ms 30'/],
  ['', 'time', /expected a time/],
  ['1,5 ms', 'time', /expected a time/],
  ['1 000 ms', 'time', /expected a time/],
  ['nan ms', 'time', /expected a time/],
  ['Infinity ms', 'time', /expected a time/],
  ['1e309 s', 'time', /out of range/],
  ['3 GB', 'bandwidth', /'GB' is not one of .*GB\/s/],
  ['3 gb', 'bytes', /expected a size with its unit, such as '64 GiB'; 'gb' is not one of/],
  ['3 constructor', 'bytes', /'constructor' is not one of/],
  ['5', 'percent', /expected a percentage with its unit, such as '10 %'; '5' has no unit/],
  ['--3 s', 'time', /expected a time/],
];

for (const [text, dimension, message] of refused) {
  parsing(`'${text}' as ${dimension} is refused with the expected form`, () => {
    assert.throws(() => parseQuantity(text, dimension), message);
  });
}

parsing('any number with any unit is read, whatever its size', () => {
  const anyUnit = fc.constantFrom(...Object.entries(units.time));
  const anyNumber = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(anyNumber, anyUnit, (number, [unit, factor]) => {
      const value = parseQuantity(`${number} ${unit}`, 'time');
      assert.ok(Math.abs(value - number * factor) <= Math.abs(number * factor) * 1e-15 + Number.MIN_VALUE);
    }),
    { seed: 1, numRuns: 500 },
  );
});

parsing.run();

const formatting = suite('units: formatting');

/** A formatted value and how it must read. */
const formatted: [string, string][] = [
  [formatTime(0), '0 s'],
  [formatTime(2.5e-9), '2.50 ns'],
  [formatTime(1.5e-6), '1.50 µs'],
  [formatTime(0.0123), '12.3 ms'],
  [formatTime(1), '1.00 s'],
  [formatTime(119), '119 s'],
  [formatTime(120), '2.00 min'],
  [formatTime(7200), '2.00 h'],
  [formatTime(-0.002), '-2.00 ms'],
  [formatBytes(0), '0 B'],
  [formatBytes(512), '512 B'],
  [formatBytes(194.05e9), '194 GB'],
  [formatBytes(-1500), '-1.50 kB'],
  [withPrefix(1_234_567), '1.23 M'],
  [withPrefix(0), '0 '],
  [withPrefix(999.4), '999 '],
  [withPrefix(999.95), '1.00 k'],
  [withPrefix(999_950), '1.00 M'],
  [withPrefix(-999_950), '-1.00 M'],
  [withPrefix(0.25), '0.250 '],
  [withPrefix(2e18), '2000 P'],
  [formatPercent(0.1234), '12.3 %'],
  [formatPercent(0.1234, { signed: true }), '+12.3 %'],
  [formatPercent(-0.05, { signed: true }), '-5.00 %'],
  [formatPercent(0), '0 %'],
  [significant(0), '0'],
  [significant(123.456), '123'],
  [significant(0.00123456), '0.00123'],
  [significant(12_345.6), '12346'],
  [significant(Number.NaN), 'NaN'],
  [significant(1, 4), '1.000'],
];

formatting('three digits, a prefix that suits, and its unit', () => {
  for (const [text, expected] of formatted) assert.is(text, expected);
});

formatting('a value that rounds up to the next unit is given in that unit', () => {
  assert.is(formatTime(0.9999), '1.00 s');
  assert.is(formatTime(999.9e-6), '1.00 ms');
  assert.is(formatTime(999.9e-9), '1.00 µs');
});

formatting('what rounds up to a further digit keeps three', () => {
  assert.is(significant(9.999), '10.0');
  assert.is(significant(99.99), '100');
  assert.is(significant(0.09999), '0.100');
});

formatting('a prefix leaves one to three digits before the point', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 9e17, noNaN: true }), (value) => {
      const [digits] = withPrefix(value).split(' ');
      assert.ok(Number(digits) >= 1 && Number(digits) < 1000, `${value} is '${withPrefix(value)}'`);
    }),
    { seed: 2, numRuns: 2000 },
  );
});

formatting('a formatted size reads back within its rounding', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 9e17, noNaN: true }), (value) => {
      const back = parseQuantity(formatBytes(value), 'bytes');
      assert.ok(Math.abs(back / value - 1) < 5.1e-3, `${value} reads back as ${back}`);
    }),
    { seed: 3, numRuns: 2000 },
  );
});

formatting('limits are told in the unit that is shortest, without long rows of zeros', () => {
  const told: [number, Dimension, string][] = [
    [1e9, 'time', '1e9 s'],
    [86_400, 'time', '1 d'],
    [60, 'time', '60 s'],
    [0, 'time', '0 s'],
    [1e18, 'bytes', '1e18 B'],
    [1e9, 'price', '1e9 USD/h'],
    [1, 'percent', '100 %'],
  ];
  for (const [value, dimension, text] of told) assert.is(inFittingUnit(value, dimension), text);
  for (const value of [0, 2500, 99_999_999, 1.25e15, 1e-7, -1e30]) assert.is(Number(written(value)), value);
  assert.is(written(1e15), '1e15');
});

formatting.run();
