import { unroundedBytes } from '../foundation/units.ts';
import type { EmbeddingTable, Model } from './model.ts';
import { hottestShare } from './popularity.ts';
import { tableBytes } from './table-bytes.ts';

/** What to prune of which tables. */
export interface PruningPlan {
  /** Share of a table's rows that goes, between 0 and 1: those read least often. */
  share: number;
  /** Smaller tables (bytes, as the model has them) stay whole. */
  atLeastBytes: number;
  /** Bytes of one entry of the remap vector. */
  remapBytes: number;
}

/**
 * The same model without the rows of its large tables that are read least often. A pruned table keeps one remap entry
 * for each row that there was: it says where the row is, or that it is gone. A table stays whole where the remap vector
 * would take more than the rows that go.
 * @param original the model before its tables were stored in other types: its sizes decide what is large
 */
export function withPruning(model: Model, plan: PruningPlan, original: Model = model): Model {
  const from = plan.atLeastBytes > 0 ? `, tables from ${unroundedBytes(plan.atLeastBytes)}` : '';
  const share = Number((plan.share * 100).toPrecision(12));
  return {
    ...model,
    name: `${model.name} (${share} % of rows pruned${from}, remap ${plan.remapBytes} B)`,
    nets: model.nets.map((net, n) => ({
      ...net,
      tables: net.tables.map((table, t) =>
        original.nets[n].tables[t].sizeBytes >= plan.atLeastBytes ? prunedIfSmaller(table, plan) : table,
      ),
    })),
  };
}

function prunedIfSmaller(table: EmbeddingTable, { share, remapBytes }: PruningPlan): EmbeddingTable {
  const numEmbeddings = rowsLeft(table.numEmbeddings, share);
  const pruning = {
    originalRows: table.numEmbeddings,
    remapBytes,
    keptLookups: hottestShare(table.skew, table.numEmbeddings, numEmbeddings),
  };
  const pruned = { ...table, numEmbeddings, pruning };
  const sizeBytes = tableBytes(pruned);
  return sizeBytes < table.sizeBytes ? { ...pruned, sizeBytes } : table;
}

/** Rows that pruning a share leaves: at least one. */
export function rowsLeft(rows: number, share: number): number {
  return Math.max(1, rows - Math.round(share * rows));
}
