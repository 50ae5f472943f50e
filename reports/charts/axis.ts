import { max, min, scaleLinear, scaleLog, ticks as tickValues } from 'd3';
import type { Quantity } from './quantity.ts';
import { number, withoutNoise, withoutZeros } from './quantity.ts';
import { textWidth } from './text-size.ts';

/** Size of the font of tick labels, and the least room between two of them. */
export const tickSize = 11;
const gapX = 12;
const gapY = 16;

export interface Tick {
  position: number;
  text: string;
}

/** A scale with labels that do not overlap. */
export interface Axis {
  /** Pixel of a value; of values beyond the ends, those ends. */
  at: (value: number) => number;
  domain: readonly [low: number, high: number];
  ticks: Tick[];
  /** Name and, where tick labels have none, unit. */
  title: string;
}

export interface AxisRequest {
  /** What the scale has to hold, in SI base units. */
  values: Iterable<number>;
  /** Pixels of the ends. */
  range: readonly [from: number, to: number];
  quantity: Quantity;
  name: string;
}

/** A scale from zero, or from below it: for bars, whose lengths are compared. */
export function zeroBasedAxis(request: AxisRequest): Axis {
  const values = [0, ...drawable(request.values)];
  return linearAxis(request, min(values)!, max(values)!);
}

/**
 * A scale for positions: logarithmic where the values are spread over more than a decade, without zero where they are
 * close together.
 */
export function positionAxis(request: AxisRequest): Axis {
  const values = drawable(request.values);
  const [low, high] = [min(values) ?? 0, max(values) ?? 1];
  if (low > 0 && high > 10 * low) return logAxis(request);
  const isClose = low > 0 && low > 0.4 * high && low < high;
  const margin = isClose ? (high - low) / 12 : 0;
  return isClose ? linearAxis(request, low - margin, high + margin) : zeroBasedAxis(request);
}

/** A logarithmic scale of what is above zero. */
export function logAxis({ values, range, quantity, name }: AxisRequest): Axis {
  const positive = drawable(values).filter((value) => value > 0);
  const [low, high] = [min(positive) ?? 1, max(positive) ?? 10];
  const ends = low === high ? ([low / 2, high * 2] as const) : ([low / 1.1, high * 1.1] as const);
  const scale = scaleLog(ends, range).clamp(true);
  const { unit, format, tick = format } = quantity;
  const ticksOf = (chosen: readonly number[]) =>
    chosen.map((value) => ({
      position: scale(value),
      text: withoutZeros(tick(value).replace(` ${unit}`, '')),
    }));
  const choices = [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]].map((digits) => decades(ends, digits, 1));
  const sparse = [2, 3, 4, 6, 10].map((step) => decades(ends, [1], step));
  const middle = [Number(Math.sqrt(ends[0] * ends[1]).toPrecision(2))];
  const ticks = firstApart([...choices, ...sparse, middle].map(ticksOf), range);
  return {
    at: (value) => scale(Math.max(value, ends[0])),
    domain: ends,
    ticks,
    title: unit ? `${name}, ${unit}` : name,
  };
}

/** From this change on up, or this share down, changes are drawn by their ratio. */
const [largeRise, largeFall] = [1, -0.6];

/** A scale for relative changes around zero: by ratio where some are large, so that twice and half are as far. */
export function changeAxis(request: AxisRequest): Axis {
  const values = drawable(request.values);
  const [low, high] = [min([0, ...values])!, max([0, ...values])!];
  if (low >= largeFall && high <= largeRise) return linearAxis(request, low, high);
  const ends = [Math.max(0.01, (1 + low) / 1.2), (1 + high) * 1.2] as const;
  const scale = scaleLog(ends, request.range).clamp(true);
  const at = (value: number) => scale(Math.max(ends[0], 1 + value));
  const choices = [[1, 2, 5], [1, 3], [1]].map((digits) => decades(ends, digits, 1));
  const ticks = choices.map((ratios) =>
    ratios.map((ratio) => ({ position: scale(ratio), text: ratio === 1 ? '0' : signedChange(ratio - 1) })),
  );
  return {
    at,
    domain: [ends[0] - 1, ends[1] - 1],
    ticks: firstApart(ticks, request.range),
    title: `${request.name}, by ratio`,
  };
}

function signedChange(value: number): string {
  return `${value > 0 ? '+' : ''}${withoutZeros(number(value * 100))} %`;
}

function linearAxis({ range, quantity, name }: AxisRequest, low: number, high: number): Axis {
  const top = low === high ? low + (Math.abs(low) || 1) : high;
  const { name: unit, per } = quantity.unitFor(Math.max(Math.abs(low), Math.abs(top)));
  const scale = scaleLinear([low, top], range).nice(5).clamp(true);
  const domain = scale.domain() as [number, number];
  const choices = [10, 8, 6, 5, 4, 3, 2, 1].map((count) => {
    const all = tickValues(domain[0] * per, domain[1] * per, count);
    const chosen = quantity.isWhole && per === 1 ? all.filter(Number.isInteger) : all;
    const decimals = decimalsOf(chosen);
    return chosen.map((value) => ({
      position: scale(value / per),
      text: plainNumber(value, decimals),
    }));
  });
  const title = unit === '' ? name : `${name}, ${unit}`;
  return { at: (value) => scale(value), domain, ticks: firstApart(choices, range), title };
}

/** The first list of several labels that are apart, in a line or above each other; else a single one. */
function firstApart(choices: readonly Tick[][], [from, to]: readonly [number, number]): Tick[] {
  const isHorizontal = to > from;
  const areApart = (ticks: readonly Tick[]) =>
    ticks.every((tick, index) => {
      if (index === 0) return true;
      const before = ticks[index - 1];
      const distance = Math.abs(tick.position - before.position);
      if (!isHorizontal) return distance >= gapY;
      return distance >= (textWidth(tick.text, tickSize) + textWidth(before.text, tickSize)) / 2 + gapX;
    });
  const [single = []] = choices.filter((ticks) => ticks.length > 0);
  return choices.find((ticks) => ticks.length > 1 && areApart(ticks)) ?? single.slice(0, 1);
}

/** Multiples of powers of ten within two ends, of every power or of every so many. */
function decades([low, high]: readonly [number, number], digits: readonly number[], step: number): number[] {
  const found: number[] = [];
  const first = Math.floor(Math.log10(low));
  for (let power = Math.ceil(first / step) * step - step; power <= Math.log10(high); power += step) {
    for (const digit of digits) {
      const value = Number(`${digit}e${power}`);
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found;
}

function decimalsOf(values: readonly number[]): number {
  const step = values.length > 1 ? values[1] - values[0] : Math.abs(values[0] ?? 1) || 1;
  return Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
}

function plainNumber(value: number, decimals: number): string {
  const size = Math.abs(value);
  const digits = size >= 1e6 ? number(size) : size.toFixed(decimals);
  const spaced = size >= 1e4 && size < 1e6 ? digits.replace(/\B(?=(\d{3})+(\.|$))/g, ' ') : digits;
  return value < 0 && Number(digits) !== 0 ? `−${spaced}` : spaced;
}

/** Values that can be drawn. */
function drawable(values: Iterable<number>): number[] {
  return [...values].filter((value) => Number.isFinite(value)).map(withoutNoise);
}
