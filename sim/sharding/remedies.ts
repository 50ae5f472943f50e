import type { Model } from '../../models/model.ts';
import { withPruning } from '../../models/prune.ts';
import { narrowed } from '../../models/retype.ts';
import { mostShards } from '../../scenarios/schema.ts';
import { CapacityError, type Remedy } from './capacity-error.ts';
import { requestProblems } from './check-request.ts';
import { bytesOf, type Packing } from './pack.ts';
import { tablesOf } from './placement.ts';
import { plan } from './plan.ts';
import type { ShardingRequest } from './request.ts';

/** The error for a plan that left pieces over, with the remedies that were found to work. */
export function capacityError(model: Model, request: ShardingRequest, { unplaced }: Packing): CapacityError {
  const { strategy, capacityBytesPerShard } = request;
  const shards = strategy === 'one-shard' ? 1 : request.shards;
  const sizes = new Map(unplaced.map(({ table, sizeBytes }) => [table.name, sizeBytes]));
  const tooLarge = [...sizes]
    .filter(([, sizeBytes]) => sizeBytes > capacityBytesPerShard)
    .map(([table, sizeBytes]) => ({ table, sizeBytes }));
  const overall = totalBytes(model) - shards * capacityBytesPerShard;
  const excess = tooLarge.reduce((sum, { sizeBytes }) => sum + sizeBytes - capacityBytesPerShard, 0);
  const missing = overall > 0 ? overall : excess > 0 ? excess : bytesOf(unplaced);
  return new CapacityError({
    strategy,
    shards,
    capacityBytesPerShard,
    totalBytes: totalBytes(model),
    missingBytes: missing,
    tooLarge,
    remedies: findRemedies(
      model,
      { ...request, shards },
      tooLarge.map(({ table }) => table),
    ),
  });
}

/** Remedies that make the request fit, each tried by planning with it. */
function findRemedies(model: Model, request: ShardingRequest, tooLarge: string[]): Remedy[] {
  const remedies = [
    splitByRows(model, request, tooLarge),
    moreShards(model, request),
    biggerHost(model, request),
    quantised(model, request, 'int8'),
    quantised(model, request, 'int4'),
    pruned(model, request),
  ];
  return remedies.filter((remedy) => remedy !== undefined);
}

function fits(model: Model, request: ShardingRequest): boolean {
  return requestProblems(model, request).length === 0 && plan(model, request).unplaced.length === 0;
}

/** Row-wise instead of column-wise, for tables whose slices are too large: other tables are split anyway. */
function splitByRows(model: Model, request: ShardingRequest, tooLarge: string[]): Remedy | undefined {
  const columnWise = { ...request.columnWise };
  const tables = tooLarge.filter((table) => Object.hasOwn(columnWise, table));
  if (tables.length === 0) return undefined;
  for (const table of tables) delete columnWise[table];
  return fits(model, { ...request, columnWise }) ? { kind: 'row-wise', tables } : undefined;
}

/** A number of shards that would do where one less would not. */
function moreShards(model: Model, request: ShardingRequest): Remedy | undefined {
  const strategy = request.strategy === 'one-shard' ? 'capacity-balanced' : request.strategy;
  const fitsOn = (shards: number) => fits(model, { ...request, strategy, shards });
  const needed = Math.ceil(totalBytes(model) / request.capacityBytesPerShard);
  let fewest = Math.max(request.shards + 1, needed);
  let enough = Math.min(2 * fewest + model.nets.length, mostShards);
  if (fewest > enough || !fitsOn(enough)) return undefined;
  while (fewest < enough) {
    const middle = Math.floor((fewest + enough) / 2);
    if (fitsOn(middle)) enough = middle;
    else fewest = middle + 1;
  }
  return { kind: 'more-shards', shards: enough, strategy };
}

/** Memory per shard that would do where 0.1 % less would not, rounded up to three digits if those do too. */
function biggerHost(model: Model, request: ShardingRequest): Remedy | undefined {
  const fitsIn = (capacityBytesPerShard: number) => fits(model, { ...request, capacityBytesPerShard });
  const total = totalBytes(model);
  const least = Math.max(total / request.shards, request.capacityBytesPerShard);
  if (fitsIn(roundUp(least))) return { kind: 'bigger-host', capacityBytesPerShard: roundUp(least) };
  let tooLittle = least;
  // Column slices of quantised tables repeat scale and bias, hence need more than the tables themselves.
  let enough = 10 * total;
  if (!fitsIn(enough)) return undefined;
  while (enough > 1.001 * tooLittle) {
    const middle = Math.ceil(Math.sqrt(tooLittle * enough));
    if (middle >= enough) break;
    if (fitsIn(middle)) enough = middle;
    else tooLittle = middle;
  }
  const rounded = roundUp(enough);
  return { kind: 'bigger-host', capacityBytesPerShard: fitsIn(rounded) ? rounded : enough };
}

function quantised(model: Model, request: ShardingRequest, dataType: 'int8' | 'int4'): Remedy | undefined {
  const smaller = quantiseTables(model, dataType);
  const bytes = totalBytes(smaller);
  if (bytes >= totalBytes(model) || !fits(smaller, request)) return undefined;
  return { kind: dataType, totalBytes: bytes };
}

/** The model with the rows of every table quantised for which that saves bytes. */
export function quantiseTables(model: Model, dataType: 'int8' | 'int4'): Model {
  const quantise = (net: Model['nets'][number]) => net.tables.map((table) => narrowed(table, dataType));
  return { ...model, nets: model.nets.map((net) => ({ ...net, tables: quantise(net) })) };
}

/** Most rows that pruning is proposed for: beyond half of them it is hardly the same model. Assumed. */
const mostPercent = 50;

/** The least percentage of every table's rows whose pruning makes the rest fit. */
function pruned(model: Model, request: ShardingRequest): Remedy | undefined {
  if (tablesOf(model).some(({ table }) => table.pruning)) return undefined;
  const without = (percent: number) => pruneTables(model, percent / 100);
  if (!fits(without(mostPercent), request)) return undefined;
  let tooFew = 0;
  let percent = mostPercent;
  while (percent > tooFew + 1) {
    const middle = Math.floor((tooFew + percent) / 2);
    if (fits(without(middle), request)) percent = middle;
    else tooFew = middle;
  }
  return { kind: 'pruning', share: percent / 100, totalBytes: totalBytes(without(percent)) };
}

/** The model without a share of the rows of every table for which that saves bytes. */
export function pruneTables(model: Model, share: number): Model {
  return withPruning(model, { share, atLeastBytes: 0, remapBytes: 4 });
}

function totalBytes(model: Model): number {
  return tablesOf(model).reduce((sum, { table }) => sum + table.sizeBytes, 0);
}

/** The next number of at most three significant digits. */
function roundUp(bytes: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(bytes)) - 2);
  return Math.ceil(bytes / unit) * unit;
}
