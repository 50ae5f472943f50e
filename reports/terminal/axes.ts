import { formatTime, significant } from '../../foundation/units.ts';
import type { Axis } from './plot.ts';

/** An axis from one value to another, with round values beside it. */
export function linearAxis(from: number, to: number, text: (value: number) => string, ticks = 4): Axis {
  const span = to > from ? to - from : 1;
  const step = roundStep(span / ticks);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor((from + span) / step + 1e-9) - first + 1;
  return {
    place: (value) => (value - from) / span,
    ticks: Array.from({ length: Math.max(0, count) }, (_, index) => {
      const value = (first + index) * step;
      return { value, text: text(value) };
    }),
  };
}

/** An axis of values above zero on which equal distances are equal ratios. */
export function logAxis(from: number, to: number, text: (value: number) => string): Axis {
  const span = Math.log(to / from) || 1;
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    for (const digit of [1, 2, 5]) ticks.push(Number(`${digit}e${power}`));
  }
  return {
    place: (value) => Math.log(value / from) / span,
    ticks: ticks.map((value) => ({ value, text: text(value) })),
  };
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9)) ?? least;
}

/** Nines that the axis of shares reaches to. */
const mostNines = 4;

/** An axis of shares that gives every further nine as much room as the one before: 90 %, 99 %, 99.9 %. */
export function shareAxis(): Axis {
  const nines = (share: number) => Math.min(mostNines, -Math.log10(Math.max(1 - share, 10 ** -mostNines)));
  return {
    place: (share) => nines(share) / mostNines,
    ticks: [0, 0.5, 0.9, 0.99, 0.999, 0.9999].map((value) => ({ value, text: shareText(value) })),
  };
}

function shareText(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

/** A time beside an axis, without digits that say nothing. */
export function timeText(seconds: number): string {
  const [digits, unit] = formatTime(seconds).split(' ');
  return `${Number(digits)} ${unit}`;
}

export function plainText(value: number): string {
  return `${Number(significant(value))}`;
}
