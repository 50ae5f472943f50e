import { amountOf, inUnit } from '../foundation/amount.ts';
import type { FieldColumn, FieldValue } from '../sim/sweep-result.ts';
import type { SweptAxis } from './swept-fields.ts';

/** The column of a field: numbers with the unit in its name where all values have one, else as they are written. */
export function fieldColumn({ field, axis, isList }: SweptAxis): FieldColumn {
  const plain = field.replace(/[^A-Za-z0-9]+/g, '_');
  const values = isList
    ? Array.from({ length: axis.size ?? 0 }, (_, index) => axis.nth(index))
    : [axis.at(0), axis.at(0.999999)];
  if (values.every((value) => typeof value === 'boolean')) return { field, column: plain, type: 'BOOLEAN' };
  if (values.every((value) => typeof value === 'number')) {
    const isWhole = (isList || axis.size !== undefined) && values.every(Number.isInteger);
    return { field, column: plain, type: isWhole && values.every(isSmall) ? 'INTEGER' : 'DOUBLE' };
  }
  const unit = values.map((value) => amountOf(value)?.unit).find((one) => one !== '');
  if (unit === undefined || !values.every((value) => inUnit(value, unit) !== undefined)) {
    return { field, column: plain, type: 'VARCHAR' };
  }
  return { field, column: `${plain}_${unitInName(unit)}`, type: 'DOUBLE', unit };
}

function isSmall(value: FieldValue): boolean {
  return Math.abs(Number(value)) < 2 ** 31;
}

function unitInName(unit: string): string {
  return unit
    .replace('%', 'percent')
    .replace(/[µμ]/, 'u')
    .replace(/^\//, 'per_')
    .replace('/', '_per_')
    .toLowerCase();
}
