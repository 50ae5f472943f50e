import { InputError } from '../../../foundation/problem.ts';
import { show } from '../../../foundation/wording.ts';
import { noLabel } from '../stream.ts';

/** Where a record stands in its file. */
export interface Place {
  file: string;
  line: number;
}

/** The column is that of the table, counted from 1: rows are too long for positions of characters to help. */
export function cellProblem(at: Place, column: number, message: string): InputError {
  return new InputError([{ ...at, column: column + 1, message }]);
}

/** End of the year 9999. */
const latestS = 253_402_300_800;

const perSecond = { s: 1, ms: 1e3, us: 1e6 };

/** Seconds since 1970. @param unit of a number, or `iso` for text such as 2017-05-06T08:55:10Z */
export function timeCell(text: string, unit: 's' | 'ms' | 'us' | 'iso', at: Place, column: number): number {
  // Text that names no zone is taken as UTC, not as wherever this runs.
  const isZoned = /(Z|[+-]\d\d:?\d\d)$/.test(text);
  const seconds =
    unit === 'iso'
      ? Date.parse(isZoned || !/\d:\d/.test(text) ? text : `${text.replace(' ', 'T')}Z`) / 1000
      : text === ''
        ? Number.NaN
        : Number(text) / perSecond[unit];
  if (seconds > latestS)
    throw cellProblem(at, column, `${show(text)} is past the year 9999: is ${unit} the unit of times?`);
  if (Number.isFinite(seconds)) return seconds;
  const what = unit === 'iso' ? 'a date and time' : `a time in ${unit}`;
  throw cellProblem(at, column, `expected ${what}, got ${show(text)}`);
}

export function labelCell(text: string, at: Place, column: number): number {
  switch (text) {
    case '1':
    case '1.0':
      return 1;
    case '0':
    case '0.0':
      return 0;
    case '':
      return noLabel;
    default:
      throw cellProblem(at, column, `expected a label, 0 or 1 or nothing, got ${show(text)}`);
  }
}

/** Bucket of a count: 0 for an empty cell, 1 below zero, then ⌊ln²(x + 1)⌋ from 2 on. */
export function bucketCell(text: string, at: Place, column: number): number {
  if (text === '') return 0;
  const value = Number(text);
  if (!Number.isFinite(value)) throw cellProblem(at, column, `expected a number, got ${show(text)}`);
  return value < 0 ? 1 : 2 + Math.floor(Math.log(value + 1) ** 2);
}
