import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withTableDataType } from '../../models/retype.ts';
import { at } from '../../sim/serving/components.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { answer, near, scenarioOf, simulate, sum, tiny, tinyModel } from './scenarios.ts';

const fixed = (candidates: number, batch: number | string, strategy: string, shards = 1) =>
  tiny(`
load: {candidates: {kind: fixed, value: ${candidates}}, requests: 20}
serving: {batch_size: ${batch}}
sharding: {strategy: ${strategy}, shards: ${shards}}
`);

const rpcs = suite('serving: RPCs');

rpcs('per batch of a two-net model: none, 2, 2S for net-blind shards, S for net-specific ones', async () => {
  const count = async (strategy: string, shards: number) =>
    (await simulate(fixed(64, 64, strategy, shards))).outcome.rpcs;
  assert.is(await count('singular', 1), 0);
  assert.is(await count('one-shard', 1), 2);
  for (const shards of [2, 4]) {
    assert.is(await count('nsbp', shards), shards);
    // With four tables a net, two shards hold tables of both nets.
    if (shards === 2) assert.is(await count('capacity-balanced', shards), 2 * shards);
  }
});

rpcs('per batch of the DRM1-like model follow the same table', async () => {
  const { arms } = await scenarioOf(
    'model: drm1-like\nload: {candidates: {kind: fixed, value: 64}, requests: 5}',
  );
  for (const [strategy, expected] of [
    ['capacity-balanced', 2],
    ['load-balanced', 2],
    ['nsbp', 1],
  ] as const) {
    for (const shards of [2, 4, 8]) {
      const { placement } = await planArm({
        ...arms[0],
        sharding: { ...arms[0].sharding, strategy, shards },
      });
      const netOf = arms[0].model.nets.flatMap(({ tables }, net) => tables.map(() => net));
      const pairs = placement.shards.map((pieces) => new Set(pieces.map(({ table }) => netOf[table])).size);
      assert.is(sum(pairs), expected * shards, `${strategy} ${shards}`);
    }
  }
});

rpcs('of the DRM3-like model go to two shards, however many there are', async () => {
  for (const shards of [4, 8]) {
    const { outcome } = await simulate(`
model: drm3-like
load: {candidates: {kind: lognormal, median: 100, sigma: 1}, requests: 100}
serving: {batch_size: whole-request}
sharding: {strategy: nsbp, shards: ${shards}}
`);
    // A user who hits the part beside the small tables needs one RPC only.
    assert.ok(outcome.rpcs > 1.6 && outcome.rpcs <= 2, `${outcome.rpcs} with ${shards} shards`);
  }
});

rpcs('that are not sent cost no CPU', async () => {
  // All tables but one are never present: only its shard is called, whatever the others hold.
  const nets = tinyModel.nets.map((net) => ({
    ...net,
    tables: net.tables.map((table) => ({
      ...table,
      presence: table.name.startsWith('one-candidate-0') ? 1 : 0,
    })),
  }));
  const model = { ...tinyModel, nets };
  const [two, four] = await Promise.all(
    [2, 4].map((shards) => simulate(fixed(64, 64, 'nsbp', shards), { model })),
  );
  assert.is(two.outcome.rpcs, 1);
  assert.is(four.outcome.rpcs, 1);
  // The lengths of absent features on the same shard are all that differs: far less than a message's 20 µs.
  assert.ok(Math.abs(sum(four.outcome.cpuS) - sum(two.outcome.cpuS)) < 1e-6);
});

rpcs.run();

const bytes = suite('serving: bytes');

bytes('on the wire: indices, lengths and pooled vectors', async () => {
  const candidates = 50;
  const { outcome } = await simulate(fixed(candidates, 64, 'one-shard'));
  // Each net: 3 candidate tables (5 lookups, 32 values), 1 user table (20 lookups, 64 values).
  const indices = 3 * 5 * candidates + 20;
  const lengths = 3 * candidates + 1;
  const values = 3 * 32 * candidates + 64;
  near(outcome.networkBytes, 2 * (8 * indices + 4 * lengths + 4 * values));
});

bytes('of a split request: the user part once for each batch', async () => {
  const candidates = 160;
  const batches = 3;
  const { outcome } = await simulate(fixed(candidates, 64, 'one-shard'));
  const indices = 3 * 5 * candidates + batches * 20;
  const lengths = 3 * candidates + batches;
  const values = 3 * 32 * candidates + batches * 64;
  near(outcome.networkBytes, 2 * (8 * indices + 4 * lengths + 4 * values));
  assert.is(outcome.rpcs, 2 * batches);
});

bytes('and messages of a singular host: none', async () => {
  const { outcome } = await simulate(fixed(200, 64, 'singular'));
  assert.is(outcome.networkBytes, 0);
  assert.is(outcome.rpcs, 0);
  for (const part of [
    'network',
    'shardService',
    'shardSerialisation',
    'shardQueue',
    'rpcSerialisation',
  ] as const) {
    assert.is(outcome.cpuS[at[part]] + outcome.typical[at[part]], 0);
  }
});

bytes('gathered shrink with the rows: int8 and int4 tables read less', async () => {
  const sparse = async (type?: 'int8' | 'int4') => {
    const wide = {
      ...tinyModel,
      nets: tinyModel.nets.map((net) => ({ ...net, tables: net.tables.map(widened) })),
    };
    const model = type ? withTableDataType(wide, type) : wide;
    return (await simulate(fixed(64, 64, 'one-shard'), { model })).outcome.cpuS[at.sparse];
  };
  const [fp32, int8, int4] = [await sparse(), await sparse('int8'), await sparse('int4')];
  assert.ok(int8 < 0.6 * fp32 && int4 < int8, `${fp32}, ${int8}, ${int4}`);
});

bytes.run();

const batches = suite('serving: batches');

batches('of a whole request: one, whatever its size', async () => {
  const { outcome } = await simulate(fixed(5000, 'whole-request', 'one-shard'));
  assert.is(outcome.rpcs, 2);
});

batches('split a request into equal ones and a rest', async () => {
  for (const [candidates, expected] of [
    [1, 1],
    [64, 1],
    [65, 2],
    [128, 2],
    [1000, 16],
  ]) {
    assert.is((await simulate(fixed(candidates, 64, 'one-shard'))).outcome.rpcs, 2 * expected);
  }
});

batches(
  'run side by side: a request of eight batches on eight workers takes little longer than of one',
  async () => {
    const p50 = async (candidates: number, workers: number) => {
      const lines = `${fixed(candidates, 64, 'singular')}fleet: {main: {workers: ${workers}}}`;
      return (await simulate(lines)).outcome.percentiles.p50;
    };
    const [one, eight, inTurn] = [await p50(64, 8), await p50(512, 8), await p50(512, 1)];
    near(eight, one, 0.05);
    near(inTurn, 8 * one, 0.05);
  },
);

batches.run();

const capacity = suite('serving: memory');

capacity('a model that does not fit is an answer, with what is missing', async () => {
  const result = await answer(`
model: drm1-like
load: {requests: 10}
replications: 2
fleet: {main: {host: sc-small}, sparse: {host: sc-small}}
arms:
  - {name: singular, sharding: {strategy: singular}}
  - {name: two, sharding: {strategy: capacity-balanced, shards: 2}}
  - {name: four, sharding: {strategy: capacity-balanced, shards: 4}}
`);
  const [singular, two, four] = result.arms;
  for (const arm of [singular, two]) {
    assert.is(arm.verdict.state, 'DOES NOT FIT');
    assert.match(arm.verdict.reason, /do not fit: 194.* GB/);
    assert.is(arm.measured, undefined);
  }
  assert.is.not(four.verdict.state, 'DOES NOT FIT');
  assert.ok(four.shards.every(({ sizeBytes }) => sizeBytes <= 0.9 * 64e9));
  near(sum(four.shards.map(({ sizeBytes }) => sizeBytes)), 194.05e9, 1e-3);
});

capacity('that is reserved is not used', async () => {
  const lines = (reserved: string) => `
model: drm1-like
load: {requests: 10}
replications: 2
fleet: {dram_reserved: ${reserved}}
sharding: {strategy: singular}
`;
  assert.is.not((await answer(lines('20 %'))).arms[0].verdict.state, 'DOES NOT FIT');
  assert.is((await answer(lines('30 %'))).arms[0].verdict.state, 'DOES NOT FIT');
});

capacity.run();

/** The same table with rows of 512 bytes, so that narrower types save whole cache lines. */
function widened(table: (typeof tinyModel)['nets'][number]['tables'][number]) {
  return { ...table, embeddingDim: 128, rowBytes: 512, sizeBytes: 512 * table.numEmbeddings };
}
