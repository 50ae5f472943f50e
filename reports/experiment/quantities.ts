import { type Quantity, share } from '../charts/quantity.ts';
import { signed } from './wording.ts';

/** A relative change, with its sign: `+0.45 %`. */
export const change: Quantity = {
  ...share,
  format: (value) => (Number.isFinite(value) ? `${signed(100 * value, 2)} %` : 'unknown'),
};

/** A figure without a unit, to four decimals. */
export const ratio: Quantity = {
  unitFor: () => ({ name: '', per: 1 }),
  format: (value) => (Number.isFinite(value) ? value.toFixed(4) : 'unknown'),
};

/** A day of the stream, counted from 0. */
export const dayNumber: Quantity = {
  unitFor: () => ({ name: '', per: 1 }),
  format: (value) => `day ${Number(value.toPrecision(4))}`,
};

/** Days of age. */
export const days: Quantity = {
  unitFor: () => ({ name: 'd', per: 1 }),
  format: (value) => `${Number(value.toPrecision(4))} d`,
  unit: 'd',
};
