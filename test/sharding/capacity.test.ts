import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../models/model.ts';
import { CapacityError, formatRemedy, type Remedy } from '../../sim/sharding/capacity-error.ts';
import { pieceBytes } from '../../sim/sharding/pieces.ts';
import { tablesOf } from '../../sim/sharding/placement.ts';
import { pruneTables, quantiseTables } from '../../sim/sharding/remedies.ts';
import type { ShardingRequest } from '../../sim/sharding/request.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { modelBytes, modelOf, syntheticModel, tableOf } from './test-models.ts';

const capacity = suite('sharding: does not fit');

/** The request with a remedy applied, and the model it is for. */
function apply(remedy: Remedy, model: Model, request: ShardingRequest): [Model, ShardingRequest] {
  switch (remedy.kind) {
    case 'more-shards':
      return [model, { ...request, shards: remedy.shards, strategy: remedy.strategy }];
    case 'bigger-host':
      return [model, { ...request, capacityBytesPerShard: remedy.capacityBytesPerShard }];
    case 'row-wise':
      return [model, { ...request, columnWise: {}, rowWise: 'auto' }];
    case 'pruning':
      return [pruneTables(model, remedy.share), request];
    default:
      return [quantiseTables(model, remedy.kind), request];
  }
}

async function shortageOf(model: Model, request: ShardingRequest): Promise<CapacityError> {
  try {
    await shardTables(model, request);
  } catch (error) {
    if (error instanceof CapacityError) return error;
    throw error;
  }
  throw new Error('it fits');
}

/** Applies every remedy and checks that the result fits. */
async function checkRemedies(error: CapacityError, model: Model, request: ShardingRequest) {
  for (const remedy of error.remedies) {
    const [helped, changed] = apply(remedy, model, request);
    const placement = await shardTables(helped, { ...changed, effort: { highsVariables: 0 } });
    validatePlacement(placement, helped);
    const tables = tablesOf(helped);
    for (const pieces of placement.shards) {
      const bytes = pieces.reduce((sum, piece) => sum + pieceBytes(piece, tables[piece.table].table), 0);
      assert.ok(bytes <= changed.capacityBytesPerShard, formatRemedy(remedy, error.shortage));
    }
  }
}

const remedyOf = <Kind extends Remedy['kind']>({ remedies }: CapacityError, kind: Kind) =>
  remedies.find((remedy): remedy is Extract<Remedy, { kind: Kind }> => remedy.kind === kind);

capacity('says by how much, and what would help', async () => {
  // Four tables of 1.28 MB on two shards of 2 MB: 1.12 MB short, and each shard holds one table.
  const model = modelOf([0, 1, 2, 3].map((i) => tableOf({ name: `t${i}`, numEmbeddings: 10_000 })));
  const request = { strategy: 'capacity-balanced', shards: 2, capacityBytesPerShard: 2e6 } as const;
  const error = await shortageOf(model, request);
  assert.is(error.missingBytes, 4 * 1.28e6 - 4e6);
  assert.is(error.missingBytesPerShard, 0.56e6);
  assert.is(remedyOf(error, 'more-shards')?.shards, 4);
  assert.is(remedyOf(error, 'bigger-host')?.capacityBytesPerShard, 2.56e6);
  assert.is(remedyOf(error, 'int8')?.totalBytes, 4 * 400_000);
  assert.is(remedyOf(error, 'int4')?.totalBytes, 4 * 200_000);
  assert.match(error.message, /1\.12 MB missing \(560 kB per shard\)/);
  assert.match(error.message, /1\. more shards: 4 instead of 2/);
  await checkRemedies(error, model, request);
});

capacity('lists int8 only where int8 is enough', async () => {
  const model = modelOf([0, 1].map((i) => tableOf({ name: `t${i}`, numEmbeddings: 10_000 })));
  const request = { strategy: 'one-shard', shards: 1, capacityBytesPerShard: 500_000 } as const;
  const error = await shortageOf(model, request);
  assert.is(remedyOf(error, 'int8'), undefined);
  assert.is(remedyOf(error, 'int4')?.totalBytes, 400_000);
  assert.is(remedyOf(error, 'more-shards')?.strategy, 'capacity-balanced');
  await checkRemedies(error, model, request);
});

capacity('quantised tables are not quantised again', () => {
  const model = modelOf([
    tableOf({ name: 'a', dataType: 'int4' }),
    tableOf({ name: 'b', dataType: 'int8' }),
    tableOf({ name: 'c', dataType: 'fp16' }),
  ]);
  const types = (given: Model) => tablesOf(given).map(({ table }) => table.dataType);
  assert.equal(types(quantiseTables(model, 'int8')), ['int4', 'int8', 'int8']);
  assert.equal(types(quantiseTables(model, 'int4')), ['int4', 'int4', 'int4']);
});

capacity('column slices larger than a shard are better split row-wise', async () => {
  const model = modelOf([tableOf({ name: 'big', numEmbeddings: 100_000 }), tableOf({ name: 'small' })]);
  const request = {
    strategy: 'load-balanced',
    shards: 8,
    capacityBytesPerShard: 2e6,
    columnWise: { big: 2 },
  } as const;
  const error = await shortageOf(model, request);
  assert.equal(remedyOf(error, 'row-wise'), { kind: 'row-wise', tables: ['big'] });
  assert.equal(error.shortage.tooLarge, [{ table: 'big', sizeBytes: 6.4e6 }]);
  assert.is(remedyOf(error, 'more-shards'), undefined);
  await checkRemedies(error, model, request);
});

capacity('every remedy works, and one shard less than proposed does not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ tables: fc.integer({ min: 1, max: 30 }), nets: fc.constantFrom(1, 2), seed: fc.nat(100) }),
      fc.constantFrom<ShardingRequest['strategy'][]>(
        'one-shard',
        'capacity-balanced',
        'load-balanced',
        'nsbp',
        'dim-greedy',
        'random',
        'best',
      ),
      fc.integer({ min: 2, max: 6 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      async (shape, strategy, shards, share) => {
        const model = syntheticModel(shape);
        const capacityBytesPerShard = (modelBytes(model) / (strategy === 'one-shard' ? 1 : shards)) * share;
        const request = { strategy, shards, capacityBytesPerShard };
        const error = await shortageOf(model, request);
        assert.ok(error.missingBytes > 0);
        assert.ok(remedyOf(error, 'bigger-host'));
        await checkRemedies(error, model, request);
        const more = remedyOf(error, 'more-shards');
        if (!more || more.shards === error.shortage.shards + 1) return;
        await shortageOf(model, { ...request, shards: more.shards - 1, strategy: more.strategy });
      },
    ),
    { numRuns: 60 },
  );
});

capacity('one host is spoken of as one', async () => {
  const model = modelOf([0, 1].map((i) => tableOf({ name: `t${i}`, numEmbeddings: 10_000 })));
  const request = { strategy: 'one-shard', shards: 4, capacityBytesPerShard: 1e6 } as const;
  const { message, shortage } = await shortageOf(model, request);
  assert.match(message, /2\.56 MB of tables, one-shard over 1 shard of 1\.00 MB; 1\.56 MB missing$/m);
  const singular = new CapacityError({ ...shortage, strategy: 'singular' });
  assert.match(singular.message, /singular on one host with 1\.00 MB for tables; 1\.56 MB missing$/m);
  assert.match(singular.message, /'t0' \(1\.28 MB\) is 280 kB larger than the host has for tables$/m);
  assert.match(singular.message, /1\. sparse shards: 4 of 1\.00 MB, capacity-balanced$/m);
  assert.match(singular.message, /2\. a bigger host: 2\.56 MB for tables$/m);
});

capacity('proposes no more shards than a scenario may have', async () => {
  const model = modelOf(Array.from({ length: 4000 }, (_, i) => tableOf({ name: `t${i}` })));
  const capacityBytesPerShard = modelBytes(model) / 2000;
  const request = { strategy: 'capacity-balanced', shards: 2, capacityBytesPerShard } as const;
  const error = await shortageOf(model, request);
  assert.not.ok(error.remedies.some(({ kind }) => kind === 'more-shards'));
});

capacity.run();
