import { significant, withPrefix } from '../../foundation/units.ts';

/** Columns that a figure of the list may take. */
const most = 6;

/** `45.90`, `1234`, `12.3 M`: a figure in few columns. */
export function short(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  // Below one, the zero before the point takes the column of a digit.
  const text = significant(value, Math.abs(value) < 1 ? Math.min(digits, 3) : digits);
  return text.length <= most ? text : withPrefix(value).trim();
}

/** `0.53`: use of a resource. */
export function shareOfOne(value: number | undefined): string {
  return value !== undefined && value < 9.995 ? value.toFixed(2) : short(value);
}

/** What the title of a column means that has no room for it. */
export const perMillion = 'USD/M: for a million requests';

/** `95 %`: a share that somebody chose, without digits that say nothing. */
export function plainPercent(share: number): string {
  return `${Number(significant(share * 100, 4))} %`;
}
