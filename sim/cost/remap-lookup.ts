import type { EmbeddingTable } from '../../models/model.ts';
import { remapEntries } from '../sharding/pieces.ts';
import type { Piece } from '../sharding/placement.ts';
import type { TableLookup } from './cost-errors.ts';

/** Bytes of the elements that stand for remap entries: the index that a kernel writes has as many. */
const elementBytes = 4;

/**
 * The remap vector of a pruned piece as a table of its own, whose rows are entries that nobody sums; undefined where
 * nothing was pruned. The caller says how many are read.
 */
export function remapLookup(piece: Piece, table: EmbeddingTable): TableLookup | undefined {
  if (!table.pruning) return undefined;
  const { remapBytes } = table.pruning;
  return {
    rows: remapEntries(piece, table),
    dim: Math.ceil(remapBytes / elementBytes),
    dataType: 'fp32',
    rowBytes: remapBytes,
    skew: table.skew,
    bags: 0,
    lookups: 0,
    valueBytes: elementBytes,
  };
}
