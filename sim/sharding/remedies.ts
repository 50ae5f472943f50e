import type { EmbeddingTable, Model, TableDataType } from '../../models/model.ts';
import { CapacityError, type Remedy } from './capacity-error.ts';
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
  ];
  return remedies.filter((remedy) => remedy !== undefined);
}

function fits(model: Model, request: ShardingRequest): boolean {
  return plan(model, request).unplaced.length === 0;
}

function splitByRows(model: Model, request: ShardingRequest, tables: string[]): Remedy | undefined {
  const { rowWise = 'auto', columnWise = {} } = request;
  const alreadyAutomatic = rowWise === 'auto' && !tables.some((table) => Object.hasOwn(columnWise, table));
  if (tables.length === 0 || alreadyAutomatic) return undefined;
  const kept = Object.fromEntries(Object.entries(columnWise).filter(([name]) => !tables.includes(name)));
  const split = {
    ...request,
    columnWise: kept,
    rowWise: rowWise === 'auto' ? rowWise : [...new Set([...rowWise, ...tables])],
  };
  return fits(model, split) ? { kind: 'row-wise', tables } : undefined;
}

/** Fewest shards that would do, counting up from what the bytes alone need. */
function moreShards(model: Model, request: ShardingRequest): Remedy | undefined {
  const strategy = request.strategy === 'one-shard' ? 'capacity-balanced' : request.strategy;
  const needed = Math.ceil(totalBytes(model) / request.capacityBytesPerShard);
  const first = Math.max(request.shards + 1, needed);
  const last = 2 * first + model.nets.length;
  for (let shards = first; shards <= last; shards++) {
    if (fits(model, { ...request, strategy, shards })) return { kind: 'more-shards', shards, strategy };
  }
  return undefined;
}

/** The smallest memory per shard that would do, to 1 %, in three significant digits. */
function biggerHost(model: Model, request: ShardingRequest): Remedy | undefined {
  const total = totalBytes(model);
  const least = Math.max(total / request.shards, request.capacityBytesPerShard);
  for (let capacity = roundUp(least); ; capacity = roundUp(capacity * 1.01)) {
    if (fits(model, { ...request, capacityBytesPerShard: capacity })) {
      return { kind: 'bigger-host', capacityBytesPerShard: capacity };
    }
    // Column slices of quantised tables repeat scale and bias, hence more than the tables themselves.
    if (capacity > 4 * total) return undefined;
  }
}

function quantised(model: Model, request: ShardingRequest, dataType: 'int8' | 'int4'): Remedy | undefined {
  const smaller = quantiseTables(model, dataType);
  const bytes = totalBytes(smaller);
  if (bytes >= totalBytes(model) || !fits(smaller, request)) return undefined;
  return { kind: dataType, totalBytes: bytes };
}

const widths: Record<TableDataType, number> = { fp32: 32, fp16: 16, bf16: 16, int8: 8, int4: 4 };

/**
 * The model with every wider table row-wise quantised.
 * Row bytes as in Caffe2: int8 dim + 8 (fp32 scale and bias), int4 ⌈dim/2⌉ + 4 (fp16 scale and bias).
 */
export function quantiseTables(model: Model, dataType: 'int8' | 'int4'): Model {
  const quantise = (table: EmbeddingTable): EmbeddingTable => {
    const { embeddingDim, numEmbeddings } = table;
    const rowBytes = dataType === 'int8' ? embeddingDim + 8 : Math.ceil(embeddingDim / 2) + 4;
    if (widths[table.dataType] <= widths[dataType] || rowBytes >= table.rowBytes) return table;
    return { ...table, dataType, rowBytes, sizeBytes: rowBytes * numEmbeddings };
  };
  return { ...model, nets: model.nets.map((net) => ({ ...net, tables: net.tables.map(quantise) })) };
}

function totalBytes(model: Model): number {
  return tablesOf(model).reduce((sum, { table }) => sum + table.sizeBytes, 0);
}

/** The next number of at most three significant digits. */
function roundUp(bytes: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(bytes)) - 2);
  return Math.ceil(bytes / unit) * unit;
}
