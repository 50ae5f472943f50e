import { dimensions, parseQuantity } from './units.ts';

/** A number with its unit as it was written, empty where there is none. */
export interface Amount {
  value: number;
  unit: string;
}

/** What a field of a scenario may say in a word: `'10 GB'`, `4`, `true`. */
type Written = string | number | boolean;

/** A number with its unit; nothing for what is no number. */
export function amountOf(value: Written): Amount | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { value, unit: '' } : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*$/.exec(value);
  return match && Number.isFinite(Number(match[1])) ? { value: Number(match[1]), unit: match[2] } : undefined;
}

/** A quantity as a number of some unit; nothing where it is none of that dimension. A bare 0 is one of any. */
export function inUnit(value: Written, unit: string): number | undefined {
  const amount = amountOf(value);
  if (!amount) return undefined;
  if (value === 0) return 0;
  for (const dimension of dimensions) {
    try {
      const one = parseQuantity(`1 ${unit}`, dimension);
      const all = parseQuantity(String(value), dimension);
      return amount.unit === unit ? amount.value : Number((all / one).toPrecision(12));
    } catch {
      // Another dimension may know both.
    }
  }
  return undefined;
}
