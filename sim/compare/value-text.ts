import { formatBytes, formatTime, significant, withPrefix } from '../../foundation/units.ts';

type Format = (value: number, digits: number) => string;

const inUnit =
  (unit: string, scale = 1): Format =>
  (value, digits) =>
    `${significant(value * scale, digits)} ${unit}`;

const prefixed =
  (unit: string): Format =>
  (value, digits) =>
    digits > 3 ? inUnit(unit)(value, digits) : `${withPrefix(value)}${unit}`;

const time: Format = (value, digits) => (digits > 3 ? inUnit('s')(value, digits) : formatTime(value));
const bytes: Format = (value, digits) => (digits > 3 ? inUnit('B')(value, digits) : formatBytes(value));

/** The unit of a number by the last words of its path: scenario fields first, then figures of profiles. */
const formats: [path: RegExp, format: Format][] = [
  [/(^|\.)(rate|mean_rate)$/, inUnit('QPS')],
  [/(gap|think_time|period|start|mean_duration|max_wait|rpc_service|net_overhead)$/, time],
  [/(warm_up|_reserved|evictedShare)$/, inUnit('%', 100)],
  [/accelerator_cache$/, bytes],
  [/BytesPerS$/, prefixed('B/s')],
  [/(FlopPerS|peakFlopPerS\.\w+)$/, prefixed('FLOP/s')],
  [/SPerByte$/, (value, digits) => `${time(value, digits)}/B`],
  [/Bytes$/, bytes],
  [/PerHourUsd$/, inUnit('USD/h')],
  [/Hz$/, prefixed('Hz')],
  [/flops$/, prefixed('FLOP')],
  [/[a-z]W$/, inUnit('W')],
  [/[a-z0-9]S$/, time],
];

/** Most characters of a value that is told as it is written. */
const maxCharacters = 200;

/**
 * A value of a field as people write it, with its unit.
 * @param path of the field: its last words say what it counts
 * @param digits significant ones
 */
export function valueText(path: string, value: unknown, digits = 3): string {
  if (value === undefined || value === null) return 'not set';
  if (typeof value === 'number') {
    const [, format] = formats.find(([pattern]) => pattern.test(path)) ?? [];
    if (format) return format(value, digits);
    return Number.isInteger(value) ? String(value) : significant(value, digits);
  }
  if (typeof value !== 'object') return brief(String(value));
  if (Array.isArray(value)) {
    return value.length === 0 ? 'none' : brief(value.map((item) => valueText(path, item, digits)).join(', '));
  }
  const { name } = value as { name?: unknown };
  if (typeof name === 'string') return brief(name);
  const entries = Object.entries(value).filter(([key]) => key !== 'trace');
  if (entries.length === 0) return 'none';
  const words = entries.map(([key, inner]) =>
    key === 'kind' ? String(inner) : `${key} ${valueText(`${path}.${key}`, inner, digits)}`,
  );
  return brief(words.join(' '));
}

/** Both values with as many digits as it takes to tell them apart. */
export function differingTexts(path: string, a: unknown, b: unknown): { a: string; b: string } {
  for (const digits of [3, 6, 9]) {
    const texts = { a: valueText(path, a, digits), b: valueText(path, b, digits) };
    if (texts.a !== texts.b) return texts;
  }
  return { a: valueText(path, a), b: `${valueText(path, b)}, of other content` };
}

function brief(text: string): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text;
}
