import type { EmbeddingTable } from './model.ts';

type Stored = Pick<EmbeddingTable, 'numEmbeddings' | 'rowBytes' | 'pruning'>;

/** Bytes of a table: its rows, and the remap vector of a pruned one. */
export function tableBytes(table: Stored): number {
  return table.numEmbeddings * table.rowBytes + remapVectorBytes(table);
}

/** Bytes of a table's remap vector, which has an entry for every row that there was; 0 where nothing was pruned. */
export function remapVectorBytes({ pruning }: Pick<EmbeddingTable, 'pruning'>): number {
  return pruning ? pruning.originalRows * pruning.remapBytes : 0;
}
