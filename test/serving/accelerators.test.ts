import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost } from '../../hardware-profiles/files.ts';
import type { Model } from '../../models/model.ts';
import { acceleratorUnit, type TableLookup } from '../../sim/cost/cost-unit.ts';
import { planScenario } from '../../sim/run.ts';
import { at } from '../../sim/serving/components.ts';
import { TimeBySize } from '../../sim/serving/time-by-size.ts';
import { modelOf } from '../models/fixtures.ts';
import { answer, armOf, near, scenarioOf, simulate, sum, tiny, tinyModel, use } from './scenarios.ts';

/** Requests of `candidates`, one after the other, whole, with the tables of the tiny model on eight H100. */
const device = (candidates: number, serving: string, more = '') =>
  tiny(`
load: {candidates: {kind: fixed, value: ${candidates}}, requests: 20}
serving: {batch_size: whole-request, tables_on: accelerator${serving}}
fleet: {main: {host: h100x8}}
sharding: {strategy: singular}
${more}`);

const unit = acceleratorUnit(loadHost('h100x8'));

function lookupsOf(model: Model, net: number, candidates: number): TableLookup[] {
  return model.nets[net].tables.map((table) => {
    const bags = table.level === 'user' ? 1 : candidates;
    return {
      rows: table.numEmbeddings,
      dim: table.embeddingDim,
      dataType: table.dataType,
      rowBytes: table.rowBytes,
      skew: table.skew,
      bags,
      lookups: bags * table.poolingFactor,
    };
  });
}

/** Stages of one batch by hand: candidates × (2 × 3 tables × 5 rows) and 2 × 20 rows of the user. */
function byHand(candidates: number) {
  const nets = [0, 1];
  const dense = sum(
    nets.flatMap((net) =>
      tinyModel.nets[net].operators.map((each) => unit.operator(each, candidates).seconds),
    ),
  );
  const sparse = sum(nets.map((net) => unit.lookup(lookupsOf(tinyModel, net, candidates)).seconds));
  const rows = candidates * 30 + 40;
  const copyIn = unit.copyIn(rows * 4 + candidates * 32 * 4).seconds;
  return { dense, sparse, copies: copyIn + unit.copyOut(candidates * 4).seconds };
}

const replicated = suite('serving: tables replicated on accelerators');

replicated('the latency of a lone batch is the sum of its stages', async () => {
  const { outcome } = await simulate(device(100, ''));
  const { dense, sparse, copies } = byHand(100);
  near(outcome.typical[at.dense], dense, 1e-6);
  near(outcome.typical[at.sparse], sparse, 1e-6);
  near(outcome.typical[at.copy], copies, 1e-6);
  near(outcome.mean, dense + sparse + copies + 2 * 25e-6 + 2 * 30e-6, 1e-6);
  near(outcome.acceleratorS, dense + sparse, 1e-6);
  for (const waiting of [at.queue, at.batching, at.exchange, at.network])
    assert.is(outcome.typical[waiting], 0);
});

const busy = (accelerators: number, rate: number) =>
  device(100, '')
    .replace(
      'requests: 20',
      `requests: 3000, warm_up: 0 %, arrivals: {kind: deterministic, rate: ${rate} /s}`,
    )
    .replace('host: h100x8', `host: h100x8, accelerators_used: ${accelerators}`);

replicated('one accelerator does the work of eight in eight times the share', async () => {
  const { dense, sparse } = byHand(100);
  const rate = 0.6 / (dense + sparse);
  const [one, eight] = [(await simulate(busy(1, rate))).outcome, (await simulate(busy(8, rate))).outcome];
  near(use(one, 'main', 'accelerators'), 0.6, 0.02);
  near(use(eight, 'main', 'accelerators'), 0.6 / 8, 0.02);
  near(one.acceleratorS, eight.acceleratorS);
});

replicated('streams bound how many batches are under way, and overlap copies with computing', async () => {
  const rate = 1e6;
  const throughput = async (streams: number) =>
    (await simulate(busy(1, rate).replace('tables_on', `streams: ${streams}, tables_on`))).outcome
      .throughputPerS;
  const { dense, sparse, copies } = byHand(100);
  // The batch holds its stream from its preparation on a core to the end of the copy of its scores.
  near(await throughput(1), 1 / (dense + sparse + copies + 25e-6 + 60e-6), 0.02);
  near(await throughput(8), 1 / (dense + sparse), 0.02);
});

replicated('an overload of a stream shows as its ρ', async () => {
  const { dense, sparse, copies } = byHand(100);
  const held = dense + sparse + copies + 85e-6;
  const { outcome } = await simulate(busy(1, 1.5 / held).replace('tables_on', 'streams: 1, tables_on'));
  const streams = outcome.resources.find(({ resource }) => resource === 'streams')!;
  near(streams.offered!, 1.5, 1e-6);
});

replicated.run();

const sharded = suite('serving: tables sharded over the accelerators of a host');

const shardedLines = (candidates: number) => device(candidates, ', accelerator_tables: sharded');

sharded('every accelerator holds a part, and each table lies on one of them', async () => {
  const { plan, outcome } = await simulate(shardedLines(1000));
  const pieces = plan.device!.pieces;
  assert.is(pieces.length, 8);
  assert.equal(
    pieces
      .flat()
      .map(({ table }) => table)
      .sort(),
    tinyModel.nets.flatMap(({ tables }) => tables).map((_, table) => table),
  );
  assert.ok(outcome.typical[at.exchange] > 0);
});

sharded('the slowest lookup, the largest exchange and an eighth of the batch decide', async () => {
  const candidates = 800;
  const { outcome } = await simulate(shardedLines(candidates));
  // Eight tables on eight accelerators: each net waits for its slowest table.
  const sparse = [0, 1].map((net) =>
    Math.max(...lookupsOf(tinyModel, net, candidates).map((table) => unit.lookup([table]).seconds)),
  );
  near(outcome.typical[at.sparse], sum(sparse), 0.01);
  const exchange = 2 * unit.allToAll(8, candidates * 32 * 4).seconds;
  near(outcome.typical[at.exchange], exchange, 0.01);
  near(outcome.typical[at.dense], byHand(candidates / 8).dense, 0.01);
  // All eight are busy for as long as the batch runs.
  const run = sum([at.dense, at.sparse, at.exchange].map((part) => outcome.typical[part]));
  near(outcome.acceleratorS, 8 * run, 0.01);
});

sharded('tables named row-wise lie on all of them', async () => {
  const lines = shardedLines(64).replace(
    'strategy: singular',
    'strategy: singular, row_wise: [one-candidate-0]',
  );
  const { plan } = await simulate(lines);
  for (const pieces of plan.device!.pieces) assert.is(pieces.filter(({ table }) => table === 0).length, 1);
});

sharded.run();

const cached = suite('serving: rows cached on accelerators');

const skewed = modelOf(`name: skewed
nets:
  - name: only
    dense_features: 16
    bottom_mlp: [64, 32]
    interaction: {kind: cat}
    top_mlp: [64, 1]
    tables:
      - {name: zipf, num_embeddings: 4000000, embedding_dim: 32, pooling_factor: 20, skew: {kind: zipf, exponent: 1.05}}
      - {name: even, num_embeddings: 1000000, embedding_dim: 32, pooling_factor: 5}
`);

const cache = async (size: string, policy = 'static', model = skewed) => {
  const serving = `, accelerator_tables: cached, accelerator_cache: ${size}, cache_policy: ${policy}`;
  return simulate(device(256, serving), { model });
};

cached('of the size of the tables never miss, and cost what replicated tables cost', async () => {
  const { plan, outcome } = await cache('2 GB');
  assert.is(plan.device!.cache!.hitShare, 1);
  const whole = await simulate(device(256, ''), { model: skewed });
  near(outcome.mean, whole.outcome.mean, 1e-6);
});

cached('read what they lack over the host link: half the bytes missed take half the time', async () => {
  const misses = async (size: string) => {
    const { plan, outcome } = await cache(size);
    const shares = plan.device!.hits![0];
    const bytes = 256 * (20 * (1 - shares[0]) + 5 * (1 - shares[1])) * 128;
    near(
      outcome.typical[at.copy],
      unit.copyIn(256 * (25 * 4 + 16 * 4)).seconds + unit.copyIn(bytes).seconds + unit.copyOut(1024).seconds,
      0.01,
    );
    return outcome.typical[at.copy];
  };
  assert.ok((await misses('10 MB')) > (await misses('100 MB')));
});

cached('hit more with more memory, and the static choice of rows beats LRU', async () => {
  const [best, lru] = [
    (await cache('50 MB')).plan.device!.cache!,
    (await cache('50 MB', 'lru')).plan.device!.cache!,
  ];
  assert.ok(best.hitShare >= lru.hitShare && lru.hitShare > 0.2, `${best.hitShare} and ${lru.hitShare}`);
  for (const { curve } of [best, lru]) {
    curve.hitShare.forEach((share, step) => {
      assert.ok(share > 0 && share <= 1 && (step === 0 || share >= curve.hitShare[step - 1]));
    });
    near(curve.hitShare.at(-1)!, 1, 1e-9);
    near(curve.sizeBytes.at(-1)!, 5e6 * 128);
  }
  best.curve.hitShare.forEach((share, step) => {
    assert.ok(share >= lru.curve.hitShare[step] - 0.01);
  });
});

cached('of even popularity hit in proportion to their size', async () => {
  const { plan } = await cache('256 MB', 'static', tinyModel);
  const total = sum(tinyModel.nets.flatMap(({ tables }) => tables.map(({ sizeBytes }) => sizeBytes)));
  // Narrow rows come first: what a byte of them holds is read more often.
  assert.ok(plan.device!.cache!.hitShare >= 256e6 / total - 1e-9);
  const even = modelOf(
    'name: even\nnets:\n  - name: n\n    dense_features: 4\n    top_mlp: [1]\n    interaction: {kind: cat}\n    tables: [{name: t, num_embeddings: 1000000, embedding_dim: 64}]\n',
  );
  near((await cache('64 MB', 'static', even)).plan.device!.cache!.hitShare, 0.25, 1e-9);
});

cached.run();

const memory = suite('serving: accelerator memory');

const large = modelOf(`name: large
nets:
  - name: only
    dense_features: 4
    top_mlp: [1]
    interaction: {kind: cat}
    tables: [{group: t, count: 10, num_embeddings: 25000000, embedding_dim: 128}]
`);

const problemOf = async (lines: string) => {
  const [planned] = await planScenario(await scenarioOf(lines, large));
  return 'problem' in planned ? planned.problem : undefined;
};

memory('that lacks room is an answer with remedies', async () => {
  const problem = await problemOf(device(64, ''));
  assert.is(
    problem,
    'the embedding tables do not fit: 128 GB of tables replicated on every h100-sxm, which has 72.0 GB for tables; 56.0 GB missing\n' +
      '  1. accelerator_tables: sharded: 2 h100-sxm of 72.0 GB hold them\n' +
      '  2. table_data_type: int8: 34.0 GB of tables\n' +
      '  3. table_data_type: int4: 17.0 GB of tables\n' +
      '  4. accelerator_tables: cached: the host has 1.84 TB for tables, each h100-sxm keeps the hottest rows',
  );
});

memory('has the room that the remedies promise', async () => {
  for (const remedy of [', accelerator_tables: sharded', ', accelerator_tables: cached']) {
    assert.is(await problemOf(device(64, remedy)), undefined);
  }
  for (const type of ['int8', 'int4']) {
    assert.is(await problemOf(device(64, '', `table_data_type: ${type}`)), undefined);
  }
  const two = device(64, ', accelerator_tables: sharded').replace('h100x8', 'h100x8, accelerators_used: 2');
  assert.is(await problemOf(two), undefined);
  assert.match(
    (await problemOf(
      device(64, ', accelerator_tables: sharded', 'table_data_type: fp32').replace(
        'host: h100x8}',
        'host: l4x8, accelerators_used: 4}',
      ),
    ))!,
    /^the embedding tables do not fit: 128 GB of tables sharded over 4 l4 with 21\.6 GB for tables each; 41\.6 GB missing/,
  );
});

memory(
  'not asked for is left to others: host DRAM may be smaller than tables that accelerators hold',
  async () => {
    const result = await answer(device(64, ''));
    const { accelerator, fleet } = armOf(result, 'scenario');
    assert.is(accelerator!.tables, 'replicated');
    assert.is(fleet.tableBytes, 8 * accelerator!.tableBytes[0]);
  },
);

memory.run();

const sizes = suite('serving: prices by the size of a batch');

sizes('affine prices are exact, small sizes too, smooth ones within a thousandth', () => {
  let asked = 0;
  const affine = new TimeBySize((users, candidates) => {
    asked++;
    return 3 + users + candidates / 7;
  });
  for (const candidates of [1, 77, 128, 129, 1000, 51_200, 600_000]) {
    near(affine.of(2, candidates), 5 + candidates / 7);
  }
  const before = asked;
  near(affine.of(2, 51_200), 5 + 51_200 / 7);
  assert.is(asked, before);
  const smooth = new TimeBySize((_, candidates) => 1e-6 * candidates ** 0.7);
  for (let candidates = 100; candidates < 1e5; candidates = Math.ceil(candidates * 1.07)) {
    near(smooth.of(1, candidates), 1e-6 * candidates ** 0.7, 1e-3);
  }
});

sizes.run();
