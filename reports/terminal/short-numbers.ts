import { significant, withPrefix } from '../../foundation/units.ts';

/** Columns that a figure of the list may take. */
const most = 6;

/** `45.90`, `1234`, `12.3 M`: a figure in few columns. */
export function short(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const text = significant(value, digits);
  return text.length <= most ? text : withPrefix(value).trim();
}

/** `0.53`: use of a resource. */
export function shareOfOne(value: number | undefined): string {
  return value !== undefined && value < 9.995 ? value.toFixed(2) : short(value);
}

/** What the title of a column means that has no room for it. */
export const perMillion = 'USD/M: for a million requests';

/** `95 %`: how sure an interval is. */
export function levelText(confidence: number): string {
  return `${Number(significant(confidence * 100, 4))} %`;
}
