import type { EmbeddingTable } from '../../../models/model.ts';
import { rowBytes } from '../../../models/row-bytes.ts';
import { handedOnBytes } from '../../serving/grouped-lookups.ts';
import { bestPlacement } from '../../sharding/best-placement.ts';
import { CapacityError } from '../../sharding/capacity-error.ts';
import { lookupBytes, pieceDim, pieceLookups } from '../../sharding/pieces.ts';
import { type Piece, tablesOf } from '../../sharding/placement.ts';
import { momentBytes } from './table-shares.ts';
import { devicesOf, type TrainingJob } from './training-job.ts';

/** Fewest columns of a slice: narrower rows waste the sectors that they are read in. [model choice] */
const leastColumns = 32;

/** A table passes memory three times in a step: read forward, read and written by its update. */
const passes = 3;

/** How hard the search for a balanced placement tries: accelerators differ little once a greedy has spread tables. */
const effort = { evaluationsPerPiece: 500, highsVariables: 0 };

/**
 * The tables of each accelerator. Those with more than an accelerator's share of the work are cut by columns, at least
 * 32 to a slice, those too large by rows; pieces are spread so that the busiest accelerator has least to do.
 * @param capacityBytes of each accelerator for rows and their moments
 * @returns undefined where they do not fit
 */
export async function placeTables(job: TrainingJob, capacityBytes: number): Promise<Piece[][] | undefined> {
  const { model, fleet } = job;
  const devices = devicesOf(fleet);
  const tables = tablesOf(model);
  if (tables.length === 0) return Array.from({ length: devices }, () => []);
  if (capacityBytes <= 0) return undefined;
  const cost = pieceCost(job);
  const columnWise = slicesOf(job, capacityBytes, cost);
  // Rows are packed without their moments: the room shrinks by the largest share that moments take of any piece.
  const narrowest = Math.min(...tables.map(({ table }) => storedShare(table, columnWise[table.name] ?? 1)));
  try {
    const placement = await bestPlacement(model, {
      strategy: 'best',
      shards: devices,
      capacityBytesPerShard: capacityBytes * narrowest,
      pieceCostS: cost,
      columnWise,
      effort,
    });
    return placement.shards;
  } catch (error) {
    if (error instanceof CapacityError) return undefined;
    throw error;
  }
}

/** Seconds of a piece in a step: its bytes at memory bandwidth, its vectors and their gradients over the peer link. */
function pieceCost({ model, fleet, examplesPerDevice }: TrainingJob): (piece: Piece) => number {
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

/** Column slices of tables that have more work than an accelerator's share, or more bytes than it holds. */
function slicesOf(
  { model, fleet }: TrainingJob,
  capacityBytes: number,
  cost: (piece: Piece) => number,
): Record<string, number> {
  const devices = devicesOf(fleet);
  const tables = tablesOf(model);
  const costs = tables.map(({ index }) => cost({ table: index, split: 'table' }));
  const share = costs.reduce((sum, each) => sum + each, 0) / devices;
  const slices: Record<string, number> = {};
  for (const { index, table } of tables) {
    const most = Math.min(devices, Math.floor(table.embeddingDim / leastColumns));
    const byWork = Math.min(most, Math.ceil(costs[index] / share));
    const bySize = Math.ceil((table.sizeBytes + table.numEmbeddings * momentBytes) / capacityBytes);
    // What is too large for all its slices is cut by rows, of which there are enough.
    if (bySize <= most && Math.max(byWork, bySize) > 1) slices[table.name] = Math.max(byWork, bySize);
  }
  return slices;
}

/** Share of a piece's bytes that its rows take, the rest being their moments. */
function storedShare({ dataType, embeddingDim }: EmbeddingTable, slices: number): number {
  const bytes = rowBytes(dataType, Math.floor(embeddingDim / slices));
  return bytes / (bytes + momentBytes);
}
