import type { Model } from '../../models/model.ts';
import type { SizedPiece } from './pieces.ts';
import type { Piece, Placement } from './placement.ts';
import { plan } from './plan.ts';
import { capacityError } from './remedies.ts';
import { checkRequest, type DirectStrategy, type ShardingRequest } from './request.ts';

/**
 * Places the embedding tables of a model on sparse shards.
 * @throws InputError for a request that makes no sense, CapacityError for tables that do not fit.
 */
export function shardTables(
  model: Model,
  request: ShardingRequest & { strategy: DirectStrategy },
): Placement {
  checkRequest(model, request);
  const attempt = plan(model, request);
  if (attempt.unplaced.length > 0) throw capacityError(model, request, attempt);
  return { strategy: request.strategy, shards: attempt.shards.map(bare) };
}

/** The pieces alone, in table order. */
function bare(pieces: SizedPiece[]): Piece[] {
  const offset = (piece: Piece) =>
    piece.split === 'rows' ? piece.part : piece.split === 'columns' ? piece.firstColumn : 0;
  return pieces.map(({ piece }) => piece).sort((a, b) => a.table - b.table || offset(a) - offset(b));
}
