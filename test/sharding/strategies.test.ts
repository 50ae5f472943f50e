import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../foundation/problem.ts';
import type { Model } from '../../models/model.ts';
import { CapacityError } from '../../sim/sharding/capacity-error.ts';
import { divideShards } from '../../sim/sharding/net-specific.ts';
import { pieceBytes, pieceLookups } from '../../sim/sharding/pieces.ts';
import { type Placement, tablesOf } from '../../sim/sharding/placement.ts';
import { directStrategies, type ShardingRequest } from '../../sim/sharding/request.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { placementStatistics } from '../../sim/sharding/statistics.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { modelBytes, modelOf, syntheticModel, tableOf } from './test-models.ts';

const properties = suite('sharding: every strategy');

const anyCase = fc.record({
  model: fc
    .record({
      tables: fc.integer({ min: 2, max: 40 }),
      nets: fc.integer({ min: 1, max: 2 }),
      sizeSigma: fc.constantFrom(0, 1, 2),
      seed: fc.nat(1000),
    })
    .map(syntheticModel),
  strategy: fc.constantFrom(...directStrategies),
  shards: fc.integer({ min: 2, max: 12 }),
  headroom: fc.constantFrom(1.1, 1.5, 4),
  seed: fc.nat(10),
});

type Case = Pick<ShardingRequest, 'strategy' | 'shards' | 'seed'> & { model: Model; headroom: number };

function requestOf({ model, strategy, shards, headroom, seed }: Case) {
  const capacityBytesPerShard =
    strategy === 'one-shard' ? modelBytes(model) : (modelBytes(model) / shards) * headroom;
  return { strategy, shards, capacityBytesPerShard, seed } as ShardingRequest & {
    strategy: (typeof directStrategies)[number];
  };
}

/** The placement, or undefined where the case does not fit, which is for other tests to judge. */
function placementFor(given: Case): Placement | undefined {
  try {
    return shardTables(given.model, requestOf(given));
  } catch (error) {
    if (error instanceof CapacityError) return undefined;
    throw error;
  }
}

properties('places every table once, keeps its bytes and lookups, and stays within memory', () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const placement = placementFor(given);
      if (!placement) return;
      validatePlacement(placement, given.model);
      if (given.strategy === 'singular') return;
      const tables = tablesOf(given.model);
      const pieces = placement.shards.flat();
      const bytes = pieces.reduce((sum, piece) => sum + pieceBytes(piece, tables[piece.table].table), 0);
      assert.is(bytes, modelBytes(given.model));
      for (const { index, table } of tables) {
        const own = pieces.filter((piece) => piece.table === index);
        const lookups = own.reduce((sum, piece) => {
          const { perCandidate, perUser } = pieceLookups(piece, table);
          return sum + perCandidate + perUser;
        }, 0);
        assert.ok(Math.abs(lookups / (table.presence * table.poolingFactor) - 1) < 1e-9);
      }
      const { sizeBytes } = placementStatistics(placement, given.model);
      assert.ok(sizeBytes.max <= requestOf(given).capacityBytesPerShard);
    }),
  );
});

properties('gives the same answer every time', () => {
  fc.assert(fc.property(anyCase, (given) => assert.equal(placementFor(given), placementFor(given))));
});

properties('nsbp never mixes nets', () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const placement = placementFor({ ...given, strategy: 'nsbp' });
      const tables = tablesOf(given.model);
      for (const pieces of placement?.shards ?? []) {
        assert.ok(new Set(pieces.map(({ table }) => tables[table].net)).size <= 1);
      }
    }),
  );
});

properties('splits that are asked for are made', () => {
  fc.assert(
    fc.property(anyCase, fc.integer({ min: 2, max: 16 }), (given, slices) => {
      const [first, second] = tablesOf(given.model);
      if (hasOneHost(given.strategy)) return;
      const share = shardsOfNet(given, first.net);
      if (share === 1) return;
      const placement = shardTables(given.model, {
        ...requestOf({ ...given, headroom: 100 }),
        rowWise: [first.table.name],
        ...(second.net === first.net && { columnWise: { [second.table.name]: slices } }),
      });
      validatePlacement(placement, given.model);
      const piecesOf = (table: number) => placement.shards.flat().filter((piece) => piece.table === table);
      assert.is(piecesOf(0).length, share);
      assert.ok(piecesOf(0).every(({ split }) => split === 'rows'));
      if (second.net !== first.net) return;
      assert.is(piecesOf(1).length, slices);
      assert.ok(piecesOf(1).every(({ split }) => split === 'columns'));
    }),
  );
});

const hasOneHost = (strategy: string) => strategy === 'singular' || strategy === 'one-shard';

function shardsOfNet({ model, strategy, shards }: Case, net: number): number {
  if (strategy !== 'nsbp') return shards;
  if (shards < model.nets.length) return 1;
  return divideShards(tablesOf(model), shards).find((share) => share.net === net)!.shards;
}

properties.run();

const named = suite('sharding: named strategies');

const nets = modelOf(
  [
    tableOf({ name: 'a', numEmbeddings: 4000, poolingFactor: 1 }),
    tableOf({ name: 'b', numEmbeddings: 3000, poolingFactor: 10 }),
    tableOf({ name: 'c', numEmbeddings: 2000, poolingFactor: 4, level: 'user' }),
  ],
  [tableOf({ name: 'd', numEmbeddings: 1000, poolingFactor: 5 })],
);
const roomy = { capacityBytesPerShard: 1e9 };
const tablesPerShard = ({ shards }: Placement) => shards.map((pieces) => pieces.map(({ table }) => table));

named('singular has no shards and one-shard has one', () => {
  assert.equal(shardTables(nets, { strategy: 'singular', shards: 4, ...roomy }).shards, []);
  const { shards } = shardTables(nets, { strategy: 'one-shard', shards: 4, ...roomy });
  assert.equal(
    shards.map((pieces) => pieces.length),
    [4],
  );
});

named('capacity-balanced evens bytes, load-balanced evens pooling', () => {
  const bySize = shardTables(nets, { strategy: 'capacity-balanced', shards: 2, ...roomy });
  assert.equal(tablesPerShard(bySize), [
    [0, 3],
    [1, 2],
  ]);
  const byPooling = shardTables(nets, { strategy: 'load-balanced', shards: 2, ...roomy });
  assert.equal(tablesPerShard(byPooling), [[1], [0, 2, 3]]);
});

named('greedy baselines weigh what their name says', () => {
  const model = modelOf([
    tableOf({ name: 'wide', embeddingDim: 128, numEmbeddings: 10, poolingFactor: 1 }),
    tableOf({ name: 'busy', embeddingDim: 32, numEmbeddings: 10, poolingFactor: 100 }),
    tableOf({ name: 'tall', embeddingDim: 32, numEmbeddings: 1_000_000, poolingFactor: 30 }),
  ]);
  const alone = (strategy: 'dim-greedy' | 'lookup-greedy' | 'size-lookup-greedy' | 'size-greedy') =>
    tablesPerShard(shardTables(model, { strategy, shards: 2, ...roomy })).find(({ length }) => length === 1);
  assert.equal(alone('dim-greedy'), [0]);
  assert.equal(alone('lookup-greedy'), [1]);
  assert.equal(alone('size-lookup-greedy'), [2]);
  assert.equal(alone('size-greedy'), [2]);
});

named('nsbp gives each net shards by its bytes', () => {
  const placement = shardTables(nets, { strategy: 'nsbp', shards: 3, ...roomy });
  assert.equal(tablesPerShard(placement), [[0], [1, 2], [3]]);
});

named('nsbp splits a named table over all shards of its net, dominant or not', () => {
  const tables = ['x', 'y', 'z'].map((name) => tableOf({ name, numEmbeddings: 10_000 }));
  const model = modelOf([tableOf({ name: 'big', numEmbeddings: 900_000 }), ...tables]);
  for (const shards of [2, 3, 4, 8]) {
    for (const name of ['big', 'x']) {
      const placement = shardTables(model, { strategy: 'nsbp', shards, ...roomy, rowWise: [name] });
      const index = tablesOf(model).find(({ table }) => table.name === name)!.index;
      for (const pieces of placement.shards) {
        const own = pieces.filter(({ table }) => table === index);
        assert.equal(
          own.map((piece) => piece.split === 'rows' && piece.parts),
          [shards],
        );
      }
    }
    // The unnamed dominant table still keeps off the last shard.
    const { shards: placed } = shardTables(model, {
      strategy: 'nsbp',
      shards,
      ...roomy,
      columnWise: { x: shards },
    });
    assert.ok(placed.at(-1)!.every(({ table }) => table !== 0));
    assert.ok(placed.every((pieces) => pieces.filter(({ table }) => table === 1).length === 1));
  }
});

named('nsbp refuses to split a table of a net that has a single shard', () => {
  const request = { strategy: 'nsbp', shards: 3, ...roomy } as const;
  for (const split of [{ rowWise: ['d'] }, { columnWise: { d: 2 } }]) {
    assert.throws(
      () => shardTables(nets, { ...request, ...split }),
      (error: Error) =>
        error instanceof InputError &&
        /^table 'd' cannot be split: nsbp gives its net 'net1' 1 of 3 shards$/.test(error.message),
    );
  }
  const parts = shardTables(nets, { ...request, rowWise: ['a'] }).shards.map(
    (pieces) => pieces.filter(({ table }) => table === 0).length,
  );
  assert.equal(parts, [1, 1, 0]);
  const oneNet = modelOf([tableOf({ name: 'a' })]);
  const { shards } = shardTables(oneNet, { strategy: 'nsbp', shards: 1, ...roomy, rowWise: ['a'] });
  assert.equal(shards, [[{ table: 0, split: 'table' }]]);
});

named('splits are refused where all tables are on one host', () => {
  for (const strategy of ['singular', 'one-shard'] as const) {
    const request = { strategy, shards: 4, ...roomy };
    for (const [split, key] of [
      [{ rowWise: ['a', 'c'] }, 'row_wise \\(a, c\\)'],
      [{ columnWise: { b: 4 } }, 'column_wise \\(b\\)'],
    ] as const) {
      assert.throws(
        () => shardTables(nets, { ...request, ...split }),
        (error: Error) =>
          error instanceof InputError &&
          new RegExp(`^${key} has no effect with singular`).test(error.message),
      );
    }
    shardTables(nets, { ...request, rowWise: [], columnWise: {} });
    shardTables(nets, { ...request, rowWise: 'auto' });
  }
});

named('column-wise means two slices at least', () => {
  const narrow = modelOf([tableOf({ name: 'a' }), tableOf({ name: 'b', embeddingDim: 1 })]);
  const ask = (columnWise: Record<string, number>) => () =>
    shardTables(narrow, { strategy: 'load-balanced', shards: 2, ...roomy, columnWise });
  assert.throws(ask({ a: 1 }), /^column-wise 'a': expected 2 to 32 slices, got 1$/);
  assert.throws(ask({ b: 2 }), /^column-wise 'b': a table of embedding_dim 1 has no columns to split$/);
  assert.throws(ask({ zz: 1 }), /column-wise 'zz': expected at least 2 slices, got 1$/);
});

named('nsbp with fewer shards than nets is a bad request', () => {
  assert.throws(
    () => shardTables(nets, { strategy: 'nsbp', shards: 1, ...roomy }),
    (error: Error) => error instanceof InputError && /a shard for each of the 2 nets/.test(error.message),
  );
});

named('nsbp spreads a table larger than a shard over all shards but one', () => {
  const dominant = tableOf({ name: 'big', numEmbeddings: 900_000, level: 'user' });
  const small = ['x', 'y', 'z'].map((name) => tableOf({ name, numEmbeddings: 10_000 }));
  for (const shards of [4, 8, 16]) {
    const capacityBytesPerShard = 320_000 * 128;
    const placement = shardTables(modelOf([dominant, ...small]), {
      strategy: 'nsbp',
      shards,
      capacityBytesPerShard,
    });
    const last = placement.shards.at(-1)!;
    assert.equal(
      last.map(({ table }) => table),
      [1, 2, 3],
    );
    placement.shards.slice(0, -1).forEach((pieces, part) => {
      assert.equal(pieces, [{ table: 0, split: 'rows', part, parts: shards - 1 }]);
    });
  }
});

named('a table larger than a shard is split into the fewest parts that fit', () => {
  const model = modelOf([tableOf({ name: 'big', numEmbeddings: 2500 }), tableOf({ name: 'small' })]);
  const { shards } = shardTables(model, {
    strategy: 'capacity-balanced',
    shards: 5,
    capacityBytesPerShard: 1000 * 128,
  });
  const parts = shards.flat().filter(({ table }) => table === 0);
  assert.equal(
    parts.map((piece) => piece.split === 'rows' && piece.parts),
    [3, 3, 3],
  );
});

named('wrong requests are refused with everything that is wrong', () => {
  const wrong = {
    strategy: 'random' as const,
    shards: 1.5,
    capacityBytesPerShard: 0,
    rowWise: ['aa', 'b'],
    columnWise: { b: 2, c: 33 },
  };
  assert.throws(
    () => shardTables(nets, wrong),
    (error: Error) => {
      assert.ok(error instanceof InputError);
      const lines = error.message.split('\n');
      assert.is(lines.length, 5);
      assert.match(lines[2], /unknown table 'aa' \(did you mean 'a'\?\)/);
      assert.match(lines[3], /'b' is asked to be split both ways/);
      assert.match(lines[4], /'c': expected 2 to 32 slices, got 33/);
      return true;
    },
  );
});

named.run();
