import { type DataTable, dataTable, textColumn } from '../../foundation/data-table.ts';
import { resultColumns, rowsOf } from '../../sim/columns-of-result.ts';
import { summaryOf } from '../../sim/summary-of-sweep-result.ts';
import type { SweepResult } from '../../sim/sweep-result.ts';
import type { Makers } from './makers.ts';

/** Tables of a sweep; the first is what results.csv holds. */
export const sweepTables: Makers<SweepResult> = {
  points: ({ fields, points }) => dataTable(rowsOf(points), resultColumns(fields)),
  frontier: frontierTable,
  fields: ({ fields }) =>
    dataTable(fields, [
      textColumn('field', ({ field }) => field),
      textColumn('column', ({ column }) => column),
      textColumn('type', ({ type }) => type),
      textColumn('unit', ({ unit }) => unit),
    ]),
};

/** Rows that none is both cheaper and faster than, from the cheapest to the fastest. */
function frontierTable(sweep: SweepResult): DataTable {
  const byIndex = new Map(sweep.points.map((point) => [point.index, point]));
  return dataTable(
    summaryOf(sweep).frontier.map(({ point, row }) => ({ point: byIndex.get(point)!, row })),
    resultColumns(sweep.fields),
  );
}
