import type { Model } from '../../models/model.ts';
import { bestPlacement } from './best-placement.ts';
import { checkRequest } from './check-request.ts';
import { piecesInOrder } from './pieces.ts';
import type { Placement } from './placement.ts';
import { plan } from './plan.ts';
import { capacityError } from './remedies.ts';
import type { DirectStrategy, ShardingRequest } from './request.ts';

/**
 * Places the embedding tables of a model on sparse shards. `best` answers with a promise, every other
 * strategy at once; `await` takes both. The same request has the same answer, on any machine.
 * @throws InputError for a request that makes no sense, CapacityError for tables that do not fit.
 */
export function shardTables(model: Model, request: ShardingRequest & { strategy: DirectStrategy }): Placement;
export function shardTables(
  model: Model,
  request: ShardingRequest & { strategy: 'best' },
): Promise<Placement>;
export function shardTables(model: Model, request: ShardingRequest): Placement | Promise<Placement>;
export function shardTables(model: Model, request: ShardingRequest): Placement | Promise<Placement> {
  const { strategy } = request;
  if (strategy === 'best') return bestPlacement(model, request);
  checkRequest(model, request);
  const packing = plan(model, request);
  if (packing.unplaced.length > 0) throw capacityError(model, request, packing);
  return { strategy, shards: packing.shards.map(piecesInOrder) };
}
