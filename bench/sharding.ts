import { RandomStream } from '../foundation/random.ts';
import type { EmbeddingTable, Model } from '../models/model.ts';
import { tablesOf } from '../sim/sharding/placement.ts';
import { shardTables } from '../sim/sharding/shard-tables.ts';

/** One instance solved by strategy `best`. */
export interface ShardingBenchRow {
  case: string;
  seconds: number;
  /** (objective − lower bound) / lower bound. */
  gap: number;
}

const cases = [
  { tables: 500, shards: 64, nets: 1, headroom: 0.1 },
  { tables: 500, shards: 64, nets: 2, headroom: 0.1 },
  { tables: 500, shards: 64, nets: 2, headroom: 1 },
  { tables: 1000, shards: 8, nets: 1, headroom: 0.1 },
  { tables: 1000, shards: 8, nets: 2, headroom: 0.1 },
  { tables: 5000, shards: 128, nets: 2, headroom: 0.1 },
  { tables: 26, shards: 8, nets: 1, headroom: 0.1 },
];

/** Costs of a piece: the default estimate, and one unrelated to it that no single table dominates. */
const costs = {
  'gathered bytes': undefined,
  'even times': ({ table }: { table: number }) => 1e-6 * (0.5 + new RandomStream(2, table).uniform()),
};

/** Times `best` on log-normal tables (σ = 1) with pooling 1 to 200, tight and loose memory. */
export async function benchSharding(): Promise<ShardingBenchRow[]> {
  const rows: ShardingBenchRow[] = [];
  for (const { tables, shards, nets, headroom } of cases) {
    for (const [cost, pieceCostS] of Object.entries(costs)) {
      const model = drawModel(tables, nets);
      const totalBytes = tablesOf(model).reduce((sum, { table }) => sum + table.sizeBytes, 0);
      const start = performance.now();
      const { quality } = await shardTables(model, {
        strategy: 'best',
        shards,
        capacityBytesPerShard: (totalBytes / shards) * (1 + headroom),
        ...(pieceCostS ? { pieceCostS } : {}),
      });
      rows.push({
        case: `${tables} tables x ${shards} shards, nets ${nets}, headroom ${100 * headroom} %, ${cost}`,
        seconds: (performance.now() - start) / 1000,
        gap: quality!.gap,
      });
    }
  }
  return rows;
}

function drawModel(count: number, nets: number): Model {
  const stream = new RandomStream(1, count, nets);
  const tables = Array.from({ length: count }, (_, index): EmbeddingTable => {
    const numEmbeddings = Math.ceil(1e6 * Math.exp(stream.normal()));
    const embeddingDim = [16, 32, 64, 128][stream.below(4)];
    return {
      name: `table_${index}`,
      numEmbeddings,
      embeddingDim,
      dataType: 'fp32',
      rowBytes: 4 * embeddingDim,
      sizeBytes: 4 * embeddingDim * numEmbeddings,
      poolingFactor: 200 ** stream.uniform(),
      poolingDistribution: { kind: 'fixed' },
      presence: 0.2 + 0.8 * stream.uniform(),
      level: stream.uniform() < 0.5 ? 'user' : 'candidate',
      skew: { kind: 'uniform' },
    };
  });
  return {
    name: 'bench',
    description: 'log-normal tables',
    evidence: 'assumed',
    source: 'synthetic',
    nets: Array.from({ length: nets }, (_, net) => ({
      name: `net_${net}`,
      denseFeatures: 0,
      tables: tables.filter((_table, index) => index % nets === net),
      operators: [],
    })),
  };
}
