import { InvalidArgumentError } from 'commander';
import { type Dimension, parseQuantity } from '../foundation/units.ts';
import type { Percentile } from '../sim/result.ts';

/** What a number of an option must be. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** A number as it stands; not a number for no text, which would be 0. */
export function plainNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

export function oneOfWords(...words: string[]): (text: string) => string {
  return (text) => {
    if (!words.includes(text))
      throw new InvalidArgumentError(`expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`);
    return text;
  };
}

/** `2/8` as the third of eight. */
export function shard(text: string): { index: number; of: number } {
  const [, index, of] = (/^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (!(of >= 1 && index < of))
    throw new InvalidArgumentError(
      'expected i/n with i from 0 to n − 1, such as 0/8 for the first of eight.',
    );
  return { index, of };
}

/** An option that may be repeated. */
export function collect(value: string, values: string[]): string[] {
  return [...values, value];
}

/** `20000 QPS`, above zero. */
export function rate(text: string): number {
  const value = parsed(text, 'rate');
  if (!(value > 0)) throw new InvalidArgumentError('expected a rate above zero.');
  return value;
}

/** `20 %` as 0.2. */
export function percentUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = parsed(text, 'percent');
    if (!(value >= 0 && value <= most)) throw new InvalidArgumentError(`expected 0 % to ${most * 100} %.`);
    return value;
  };
}

/** `p99 50 ms`. */
export function slaOption(text: string): { percentile: Percentile; limitS: number } {
  const [, percentile, latency] = /^\s*(p50|p90|p95|p99|p99\.9)\s*(?:<=|≤|,)?\s*(\S.*)$/.exec(text) ?? [];
  if (percentile === undefined) {
    throw new InvalidArgumentError("expected a percentile and a latency, as 'p99 50 ms'.");
  }
  const limitS = parsed(latency, 'time');
  if (!(limitS > 0)) throw new InvalidArgumentError('expected a latency above zero.');
  return { percentile: percentile as Percentile, limitS };
}

function parsed(text: string, dimension: Dimension): number {
  try {
    return parseQuantity(text, dimension);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}
