import { type DataTable, dataTable, textColumn } from '../../../foundation/data-table.ts';
import type { DistillationComparison } from '../../../sim/training/comparison/distillation-comparison-result.ts';
import type { Makers } from '../makers.ts';
import { armColumns, figureColumns, itemsOf } from '../pair-items.ts';
import { estimateColumns } from './columns.ts';

/** Tables of a comparison of two answers about distillation. Every difference is B − A. */
export const distillationComparisonTables: Makers<DistillationComparison> = {
  figures: figuresTable,
  inputs: inputsTable,
};

function figuresTable(comparison: DistillationComparison): DataTable {
  return dataTable(
    itemsOf(comparison, ({ figures }) => figures),
    figureColumns(comparison, [
      estimateColumns('gain_range_a', '', ({ pair }) => pair.a.gain),
      estimateColumns('gain_range_b', '', ({ pair }) => pair.b.gain),
    ]),
  );
}

function inputsTable(comparison: DistillationComparison): DataTable {
  return dataTable(
    itemsOf(comparison, ({ inputs }) => inputs),
    [
      armColumns(),
      textColumn('field', ({ path }) => path),
      textColumn('value_a', ({ a }) => a),
      textColumn('value_b', ({ b }) => b),
    ],
  );
}
