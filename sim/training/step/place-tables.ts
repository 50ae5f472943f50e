import { handedOnBytes } from '../../serving/grouped-lookups.ts';
import { packGreedily } from '../../sharding/pack.ts';
import {
  lookupBytes,
  type PieceCost,
  pieceBytes,
  pieceDim,
  pieceLookups,
  pieceRows,
  piecesInOrder,
  type SizedPiece,
  sizedPiece,
} from '../../sharding/pieces.ts';
import { type Piece, type PlacedTable, tablesOf } from '../../sharding/placement.ts';
import { columnPieces, rowPieces } from '../../sharding/split-tables.ts';
import { momentBytes } from './table-shares.ts';
import { devicesOf, type TrainingJob } from './training-job.ts';

/** Fewest columns of a slice: narrower rows waste the sectors that they are read in. [model choice] */
const leastColumns = 32;

/** Largest piece, as a part of an accelerator's room: larger ones leave gaps that nothing fills. [model choice] */
const largestPiece = 1 / 4;

/** A table passes memory three times in a step: read forward, read and written by its update. */
const passes = 3;

/**
 * The tables of each accelerator. Those with more than an accelerator's share of the work, or too large, are cut by
 * columns, at least 32 to a slice; those too large even so by rows. Pieces go, the costliest first, to the accelerator
 * with least to do that has room.
 * @param capacityBytes of each accelerator for rows and their moments
 * @returns undefined where they do not fit
 */
export function placeTables(job: TrainingJob, capacityBytes: number): Piece[][] | undefined {
  const devices = devicesOf(job.fleet);
  const tables = tablesOf(job.model);
  if (tables.length === 0) return Array.from({ length: devices }, () => []);
  if (capacityBytes <= 0) return undefined;
  const cost = pieceCost(job);
  const pieces = cutTables(tables, devices, capacityBytes, cost);
  const costs = Float64Array.from(pieces, ({ piece }) => cost(piece));
  const { shards, unplaced } = packGreedily(pieces, costs, { count: devices, capacityBytes });
  return unplaced.length === 0 ? shards.map(piecesInOrder) : undefined;
}

/** Seconds of a piece in a step: its bytes at memory bandwidth, its vectors and their gradients over the peer link. */
function pieceCost({ model, fleet, examplesPerDevice }: TrainingJob): PieceCost {
  const tables = tablesOf(model);
  const { device, peerLinkBytesPerS } = fleet.host.accelerators!;
  const examples = examplesPerDevice * devicesOf(fleet);
  return (piece) => {
    const { table } = tables[piece.table];
    const { perCandidate, perUser } = pieceLookups(piece, table);
    const lookups = perCandidate + perUser;
    const bags = table.pooling === 'none' ? lookups : 1;
    const read = passes * lookups * lookupBytes(piece, table);
    const vectors = 2 * bags * pieceDim(piece, table) * handedOnBytes(table);
    return examples * (read / device.memory.bandwidthBytesPerS.value + vectors / peerLinkBytesPerS.value);
  };
}

function cutTables(
  tables: readonly PlacedTable[],
  devices: number,
  capacityBytes: number,
  cost: PieceCost,
): SizedPiece[] {
  const costs = tables.map(({ index }) => cost({ table: index, split: 'table' }));
  const share = costs.reduce((sum, each) => sum + each, 0) / devices;
  return tables.flatMap((placed) => {
    const { index, table } = placed;
    const most = Math.max(1, Math.min(devices, Math.floor(table.embeddingDim / leastColumns)));
    const byWork = share > 0 ? Math.min(most, Math.ceil(costs[index] / share)) : 1;
    const stored = storedBytes({ table: index, split: 'table' }, placed);
    const bySize = devices > 1 ? Math.min(devices, Math.ceil(stored / (largestPiece * capacityBytes))) : 1;
    const pieces =
      bySize <= most ? columnPieces(placed, Math.max(byWork, bySize)) : rowPieces(placed, bySize);
    return pieces.map((piece) => ({
      ...sizedPiece(piece, placed),
      sizeBytes: storedBytes(piece, placed),
    }));
  });
}

/** Rows of a piece and their moments. */
function storedBytes(piece: Piece, { table }: PlacedTable): number {
  return pieceBytes(piece, table) + pieceRows(piece, table) * momentBytes;
}
