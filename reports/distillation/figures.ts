import { grouped } from '../../foundation/counted.ts';
import { formatPercent, formatTime, significant, withPrefix } from '../../foundation/units.ts';
import type { Estimate, PriceOfGain } from '../../sim/training/distillation/figure-result.ts';

/** Relative NE from which on a gain counts: 0.02 %, as reported of the field's internal data. */
export const countingGain = 0.0002;

/** `4.20 h`, `−13.0 h`: a teacher may have trained past the example that it labels. */
export function ageInWords(seconds: number): string {
  return minus(formatTime(seconds));
}

/** `12.0 %`; nobody asks for digits of what is next to nothing. */
export function shareText(value: number): string {
  return value > 0 && value < 1e-4 ? '< 0.01 %' : formatPercent(value);
}

/** What a range of an estimate is, for the titles of tables. */
export const rangeInWords = 'range: 95 % of the draws of the uncertain constants';

/** `0.214`: a share in percent, for a column whose title has the unit. */
export function inPercent(value: number): string {
  const percent = value * 100;
  const text = Math.abs(percent) < 10 ? percent.toFixed(3) : significant(percent, 4);
  return Number(text) === 0 ? '0' : minus(text);
}

/** `+0.214`: the same of a difference. */
export function signedInPercent(value: number): string {
  const text = inPercent(value);
  return value > 0 && text !== '0' ? `+${text}` : text;
}

/** `0.090 to 0.351`: where an estimate may lie, in percent. */
export function rangeInPercent({ low, high }: Estimate, format = inPercent): string {
  if (low === 0 && high === 0) return '–';
  return `${format(low)} to ${format(high)}`;
}

/** `+0.031 (0.010 to 0.052)`: a difference with its range, in percent; `0` where there is none. */
export function differenceInPercent(difference: Estimate): string {
  const { value, low, high } = difference;
  if (value === 0 && low === 0 && high === 0) return '0';
  return `${signedInPercent(value)} (${rangeInPercent(difference)})`;
}

/** `0.214 % (0.090 to 0.351 %)`, for running text. */
export function gainInWords(gain: Estimate): string {
  return `${inPercent(gain.value)} % (${rangeInPercent(gain)} %)`;
}

/** `12 300`, `86.4`: money, for a column whose title has the unit. */
export function money(usd: number): string {
  if (Math.abs(usd) < 1e-6) return '0';
  return minus(roundMoney(usd));
}

function roundMoney(usd: number): string {
  const size = Math.abs(usd);
  if (size >= 1e7) return withPrefix(usd).trim();
  if (size < 1e4) return significant(usd);
  return `${usd < 0 ? '-' : ''}${grouped(Number(size.toPrecision(4)))}`;
}

/** `+12 300`: the same of a difference. */
export function signedMoney(usd: number): string {
  const text = money(usd);
  return usd > 0 && text !== '0' ? `+${text}` : text;
}

/** Money for a gain: ∞ where nothing is gained for it. */
export function priceText(usd: number | null): string {
  return usd === null ? '∞' : money(usd);
}

/** `350 to 1 370`, `350 to ∞`; a dash where there is no price at all. */
export function priceRange({ low, high }: PriceOfGain): string {
  if (low === null) return '–';
  return `${priceText(low)} to ${priceText(high)}`;
}

/** What ∞ means in a column of such prices. */
export const infinityInWords = '∞: nothing is gained for the money';

/** Three digits with a prefix, without a space at the end: `1.20 G`; `2.00e-12` of what is very small. */
export function amountOf(value: number): string {
  const size = Math.abs(value);
  return size > 0 && size < 1e-4 ? minus(value.toExponential(2)) : minus(withPrefix(value).trim());
}

/** FLOPs of a day, which outgrow the usual prefixes: `2.56 Z`. */
export function flopText(flop: number): string {
  const size = Math.abs(flop);
  const [prefix, factor] =
    size >= 1e24 ? ['Y', 1e24] : size >= 1e21 ? ['Z', 1e21] : size >= 1e18 ? ['E', 1e18] : ['', 1];
  return prefix === '' ? withPrefix(flop) : `${significant(flop / factor)} ${prefix}`;
}

/** Whether a gain counts, by where its range lies. */
export const significanceWords = { significant: 'yes', uncertain: 'uncertain', insignificant: 'no' } as const;

function minus(text: string): string {
  return text.replace('-', '−');
}
