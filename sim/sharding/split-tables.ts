import { pieceBytes, type SizedPiece, sizedPiece } from './pieces.ts';
import type { Piece, PlacedTable } from './placement.ts';
import type { ShardingRequest } from './request.ts';

/** Cuts tables into the pieces that a request asks for, in table order. */
export function splitTables(tables: readonly PlacedTable[], request: ShardingRequest): SizedPiece[] {
  return tables.flatMap((placed) => splitTable(placed, request).map((piece) => sizedPiece(piece, placed)));
}

function splitTable(placed: PlacedTable, request: ShardingRequest): Piece[] {
  const slices = request.columnWise?.[placed.table.name];
  if (slices !== undefined) return columnPieces(placed, slices);
  return rowPieces(placed, rowParts(placed, request));
}

/** Whether a table is split row-wise: the request names it, or it is larger than a shard. */
export function isRowSplit(placed: PlacedTable, request: ShardingRequest): boolean {
  const { columnWise = {}, capacityBytesPerShard } = request;
  if (Object.hasOwn(columnWise, placed.table.name)) return false;
  return isNamedByRows(placed, request) || placed.table.sizeBytes > capacityBytesPerShard;
}

/** Whether the request names a table to be split, either way. */
export function isNamed(placed: PlacedTable, request: ShardingRequest): boolean {
  return isNamedByRows(placed, request) || Object.hasOwn(request.columnWise ?? {}, placed.table.name);
}

function isNamedByRows({ table }: PlacedTable, { rowWise = 'auto' }: ShardingRequest): boolean {
  return rowWise !== 'auto' && rowWise.includes(table.name);
}

/** Parts of a table: all shards when asked for by name, else the fewest that fit; 1 when none would do. */
function rowParts(placed: PlacedTable, request: ShardingRequest): number {
  const { shards, capacityBytesPerShard } = request;
  const { numEmbeddings, rowBytes } = placed.table;
  if (!isRowSplit(placed, request)) return 1;
  if (isNamedByRows(placed, request)) return Math.min(shards, numEmbeddings);
  if (placed.table.pruning)
    return prunedParts(placed, Math.min(shards, numEmbeddings), capacityBytesPerShard);
  const rowsThatFit = Math.floor(capacityBytesPerShard / rowBytes);
  const parts = Math.ceil(numEmbeddings / rowsThatFit);
  return parts <= shards ? parts : 1;
}

/** The same for a pruned table, whose parts hold rows and remap entries: the first part is the largest. */
function prunedParts({ index, table }: PlacedTable, most: number, capacityBytes: number): number {
  let parts = Math.ceil(table.sizeBytes / capacityBytes);
  const bytes = () => pieceBytes({ table: index, split: 'rows', part: 0, parts }, table);
  while (parts <= most && bytes() > capacityBytes) parts++;
  return parts <= most ? parts : 1;
}

/** A table cut by row index modulo `parts`, or whole for one part. */
export function rowPieces({ index }: PlacedTable, parts: number): Piece[] {
  if (parts === 1) return [{ table: index, split: 'table' }];
  return Array.from({ length: parts }, (_, part) => ({ table: index, split: 'rows', part, parts }));
}

/** A table cut into column slices whose widths differ by at most one, or whole for one slice. */
export function columnPieces({ index, table }: PlacedTable, slices: number): Piece[] {
  if (slices === 1) return [{ table: index, split: 'table' }];
  const edge = (slice: number) => Math.floor((slice * table.embeddingDim) / slices);
  return Array.from({ length: slices }, (_, slice) => ({
    table: index,
    split: 'columns',
    firstColumn: edge(slice),
    columns: edge(slice + 1) - edge(slice),
  }));
}
