import type { ArmRow, PointResult } from '../../../sim/sweep-result.ts';

/** One arm of one point. */
export interface SweepRow {
  point: PointResult;
  row: ArmRow;
}

/** `#12 int8 tables · 4 MB, sc-large`. */
export function rowName({ point: { index, values }, row }: SweepRow): string {
  const arm = row.arm === '' ? '' : ` ${row.arm}`;
  return `#${index}${arm} · ${values.join(', ')}`;
}
