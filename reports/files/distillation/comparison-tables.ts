import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  textColumn,
} from '../../../foundation/data-table.ts';
import type { DistillationComparison } from '../../../sim/training/comparison/distillation-comparison-result.ts';
import type { Makers } from '../makers.ts';
import { armColumns, itemsOf } from '../pair-items.ts';
import { estimateColumns } from './columns.ts';

/** Tables of a comparison of two answers about distillation. Every difference is B − A. */
export const distillationComparisonTables: Makers<DistillationComparison> = {
  figures: figuresTable,
  inputs: inputsTable,
};

function figuresTable(comparison: DistillationComparison): DataTable {
  const { a: sideA, b: sideB, product } = comparison;
  return dataTable(
    itemsOf(comparison, ({ figures }) => figures),
    [
      armColumns(),
      textColumn('figure', ({ key }) => key),
      textColumn('title', ({ title }) => title),
      textColumn('unit', ({ unit }) => unit),
      textColumn('about', ({ group }) => group),
      intervalColumns('a', '', ({ a }) => a),
      intervalColumns('b', '', ({ b }) => b),
      intervalColumns('difference', '', ({ difference }) => difference),
      intervalColumns('relative', '', ({ relative }) => relative),
      flagColumn('is_significant', ({ significant }) => significant),
      flagColumn('is_sampled', ({ sampled }) => sampled),
      flagColumn('is_paired', ({ pair }) => pair.paired),
      estimateColumns('gain_range_a', '', ({ pair }) => pair.a.gain),
      estimateColumns('gain_range_b', '', ({ pair }) => pair.b.gain),
      textColumn('verdict_a', ({ pair }) => pair.a.verdict.state),
      textColumn('verdict_b', ({ pair }) => pair.b.verdict.state),
      textColumn('source_a', () => sideA.source),
      textColumn('source_b', () => sideB.source),
      textColumn('input_hash_a', () => sideA.inputHash),
      textColumn('input_hash_b', () => sideB.inputHash),
      textColumn('product', () => product),
    ],
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
