import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../foundation/problem.ts';
import type { EmbeddingTable } from '../../models/model.ts';
import { withPruning } from '../../models/prune.ts';
import { simulationReport } from '../../reports/simulation-report.ts';
import { cacheHitShares, lineBytesPerLookup } from '../../sim/cost/row-cache.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { pieceBytes, remapEntries } from '../../sim/sharding/pieces.ts';
import { type Piece, tablesOf } from '../../sim/sharding/placement.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { modelOf, tableOf } from '../sharding/test-models.ts';
import { answer, armOf, near, scenarioOf, simulate, sum, tiny } from './scenarios.ts';

const pruning = suite('serving: pruned tables');

const whole: Piece = { table: 0, split: 'table' };

function prunedTable(over: Partial<EmbeddingTable>, share: number, remapBytes = 4): EmbeddingTable {
  const model = modelOf([tableOf({ name: 't', ...over })]);
  return withPruning(model, { share, atLeastBytes: 0, remapBytes }).nets[0].tables[0];
}

async function problemOf(yaml: string): Promise<string> {
  try {
    await scenarioOf(yaml);
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  return 'none';
}

pruning('a lookup reads one line of the remap vector, and its row where that is left', () => {
  const table = prunedTable({ numEmbeddings: 1e6, embeddingDim: 64 }, 0.3);
  near(lineBytesPerLookup(whole, table), 0.7 * 256 + 64);
});

pruning('remap vectors share the cache with rows', () => {
  const table = prunedTable({ numEmbeddings: 1e6 }, 0.5);
  const hits = (bytes: number) => cacheHitShares([{ piece: whole, table }], bytes, 64)[0];
  const all = 5e5 * 128 + 1e6 * 4;
  assert.is(hits(all), 1);
  // Uniform: a line of 16 entries is read 16 × as often as a row is.
  const [rowLines, remapLines] = [5e5, 1e6 / 16];
  for (const cacheBytes of [4e6, 1.6e7]) {
    let [low, high] = [0, 1e9];
    const rowHit = (time: number) => -Math.expm1((-0.5 * time) / rowLines);
    const remapHit = (time: number) => -Math.expm1(-time / remapLines);
    for (let step = 0; step < 200; step++) {
      const time = (low + high) / 2;
      if (rowLines * 128 * rowHit(time) + remapLines * 64 * remapHit(time) < cacheBytes) low = time;
      else high = time;
    }
    near(hits(cacheBytes), (0.5 * 128 * rowHit(low) + 64 * remapHit(low)) / 128, 1e-3);
  }
});

pruning('hits of skewed remap vectors stay shares, and grow with the cache', () => {
  const exponent = fc.double({ min: 0, max: 3, noNaN: true });
  const size = fc.double({ min: 1e3, max: 1e9, noNaN: true });
  const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
  fc.assert(
    fc.property(
      exponent,
      size,
      size,
      share,
      fc.integer({ min: 1, max: 8 }),
      (s, a, b, pruned, remapBytes) => {
        const skew = { kind: 'zipf', exponent: s } as const;
        const table = prunedTable({ numEmbeddings: 3_000_000, skew }, pruned, remapBytes);
        const hits = (bytes: number) => cacheHitShares([{ piece: whole, table }], bytes, 64)[0];
        const [small, large] = [hits(Math.min(a, b)), hits(Math.max(a, b))];
        assert.ok(small > 0 && small <= large + 1e-6 && large <= 1 + 1e-9, `${small}, ${large}`);
      },
    ),
    { numRuns: 60 },
  );
});

pruning('parts of a table hold their share of its remap vector, slices all of it', () => {
  const table = prunedTable({ numEmbeddings: 1000, embeddingDim: 32 }, 0.5);
  const parts = [0, 1, 2].map((part): Piece => ({ table: 0, split: 'rows', part, parts: 3 }));
  assert.equal(
    parts.map((piece) => remapEntries(piece, table)),
    [334, 333, 333],
  );
  assert.is(sum(parts.map((piece) => pieceBytes(piece, table))), table.sizeBytes);
  const slice: Piece = { table: 0, split: 'columns', firstColumn: 0, columns: 16 };
  assert.is(pieceBytes(slice, table), 500 * 64 + 4000);
});

pruning('a table that its remap vector makes larger than a shard is split so that its parts fit', () => {
  const table = prunedTable({ numEmbeddings: 100_000, embeddingDim: 16 }, 0.9);
  const model = modelOf([table, tableOf({ name: 'small' })]);
  for (const capacityBytesPerShard of [180_000, 200_000, 350_000, 600_000]) {
    const { shards } = shardTables(model, {
      strategy: 'capacity-balanced',
      shards: 8,
      capacityBytesPerShard,
    });
    const tables = tablesOf(model);
    for (const pieces of shards) {
      const bytes = sum(pieces.map((piece) => pieceBytes(piece, tables[piece.table].table)));
      assert.ok(bytes <= capacityBytesPerShard, `${bytes} of ${capacityBytesPerShard}`);
    }
  }
});

const sharded = `load: { arrivals: { kind: serial }, candidates: { kind: fixed, value: 64 }, requests: 40 }
sharding: { strategy: capacity-balanced, shards: 2 }
`;

pruning('changes what shards read, not what they are sent', async () => {
  const run = async (lines: string) => (await simulate(tiny(`${sharded}${lines}`))).outcome;
  const plain = await run('');
  const half = await run('pruning: { share: 50 % }');
  const most = await run('pruning: { share: 90 % }');
  for (const pruned of [half, most]) {
    assert.is(pruned.networkBytes, plain.networkBytes);
    assert.is(pruned.rpcs, plain.rpcs);
  }
  const total = ({ cpuS }: typeof plain) => sum(cpuS);
  // Rows of 128 and 256 B: half of them are worth more than a line of the remap vector.
  assert.ok(total(most) < total(half) && total(half) < total(plain), `${total(plain)} ${total(half)}`);
  const little = await run('pruning: { share: 5 % }');
  assert.ok(total(little) > total(plain), 'the remap vector costs more than 5 % of the rows save');
});

pruning('an arm fits by what is left of its tables, remap vectors included', async () => {
  const { arms } = await scenarioOf(
    tiny('sharding: { strategy: singular }\npruning: { share: 50 % }\nload: { requests: 20 }'),
  );
  const [arm] = arms;
  const stored = 2.56e9 / 2 + 8 * 2e6 * 4;
  const withRoomFor = (bytes: number) =>
    planArm({ ...arm, dramReserved: 1 - bytes / arm.main.host.dramBytes.value });
  await withRoomFor(stored + 1e4);
  let message = '';
  try {
    await withRoomFor(stored - 1e4);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.match(message, /^the embedding tables do not fit: 1\.34 GB of tables/);
  assert.match(message, /int8 rows/);
  assert.not.match(message, /pruned rows/, 'what is pruned is not pruned again');
});

const device = (lines: string) =>
  tiny(`load: { arrivals: { kind: serial }, candidates: { kind: fixed, value: 256 }, requests: 20 }
serving: { tables_on: accelerator, batch_size: whole-request }
fleet: { main: { host: h100x8 } }
sharding: { strategy: singular }
${lines}`);

pruning('accelerators read remap vectors in a kernel of its own', async () => {
  const run = async (lines: string) => (await simulate(device(lines))).outcome.acceleratorS;
  const plain = await run('');
  assert.ok((await run('pruning: { share: 5 % }')) > plain);
});

pruning('cached rows have the room that remap vectors leave', async () => {
  const cached = (bytes: string, lines = '') =>
    device(`pruning: { share: 50 % }${lines}`).replace(
      'tables_on: accelerator',
      `tables_on: accelerator, accelerator_tables: cached${bytes}`,
    );
  const { arms } = await scenarioOf(cached(''));
  const plan = await planArm(arms[0]);
  // Rows alone, since all of them fit: the remap vectors are not what is cached.
  assert.is(plan.device?.cache?.sizeBytes, 1.28e9);
  const full = await answer(cached(', accelerator_cache: 72 GB', '\nreplications: 2'));
  assert.is(full.arms[0].verdict.state, 'DOES NOT FIT');
  assert.match(
    full.arms[0].verdict.reason,
    /of remap vectors of pruned tables and cached rows on every h100/,
  );
  assert.match(full.arms[0].verdict.reason, /1\. accelerator_cache: less than 71\.9 GB/);
});

const arms = `replications: 2
${sharded}arms:
  - name: plain
  - name: ruled
    table_data_type: [{ type: int8 }, { at_least: 500 MB, type: int4 }, { at_least: 1 TB, type: int4 }]
  - name: pruned
    table_data_type: int8
    pruning: { share: 50 %, at_least: 500 MB }
`;

pruning('the report says how much smaller tables became, and what it does not know', async () => {
  const result = await answer(tiny(arms));
  assert.is(armOf(result, 'plain').tables, undefined);
  const ruled = armOf(result, 'ruled').tables!;
  assert.is(ruled.originalBytes, 2.56e9);
  assert.is(ruled.bytes, 6 * 2e6 * 40 + 2 * 2e6 * 36);
  const pruned = armOf(result, 'pruned').tables!;
  assert.is(pruned.bytes, 6 * 2e6 * 40 + 2 * (1e6 * 72 + 2e6 * 4));
  // 2 of 16 million rows. For 64 candidates: 6 tables × 5 rows each, 2 × 20 rows for the user, half of them gone.
  near(pruned.pruning!.rowShare, 2 / 16);
  near(pruned.pruning!.lookupShare, 20 / (64 * 30 + 40));
  const text = simulationReport(result);
  assert.match(text, /Accuracy is not modelled/);
  assert.match(text, /ruled +624 MB +2\.56 GB +4\.10×/);
  assert.match(
    text,
    /ruled: table_data_type int4: has no effect, no table of tiny has 1\.00 TB \(the largest: 512 MB\)/,
  );
  assert.not.match(simulationReport(await answer(tiny(`replications: 2\n${sharded}`))), /Accuracy/);
});

pruning('varies with its share, and with the sizes of rules', async () => {
  const { arms: varied } = await scenarioOf(
    tiny(`pruning: { share: 10 % }
table_data_type: [{ type: int8 }, { at_least: 1 GB, type: int4 }]
arms:
  - vary: { pruning.share: [20 %, 40 %], table_data_type.1.at_least: [400 MB, 600 MB] }`),
  );
  assert.equal(
    varied.map(({ name }) => name),
    ['20 % 400 MB', '20 % 600 MB', '40 % 400 MB', '40 % 600 MB'],
  );
  const bytes = varied.map(({ model }) => sum(tablesOf(model).map(({ table }) => table.sizeBytes)));
  assert.ok(bytes[0] < bytes[1] && bytes[2] < bytes[3] && bytes[3] < bytes[1], bytes.join(', '));
});

pruning('what makes no sense is located', async () => {
  const cases: [string, RegExp][] = [
    ['pruning: { share: 0 % }', /scenario\.yaml:3:19: pruning\.share: .*more than 0 % and less than 100 %/],
    ['pruning: { share: 100 % }', /scenario\.yaml:3:19: .*more than 0 % and less than 100 %/],
    ['pruning: { share: 120 % }', /scenario\.yaml:3:19: .*at most 100 %/],
    ['pruning: { share: 0.3 }', /scenario\.yaml:3:19: .*such as '10 %'/],
    ['pruning: {}', /pruning\.share: required/],
    ['pruning: { shares: 10 % }', /unknown key 'shares'.*share/],
    ['pruning: { share: 10 %, remap_bytes: 0 }', /remap_bytes: must be at least 1/],
    [
      'pruning: { share: 10 %, remap_bytes: 2 }',
      /scenario\.yaml:3:38: .*2 bytes cannot number the 1800000 rows that are left of table 'one-candidate-0'/,
    ],
    ['table_data_type: int5', /scenario\.yaml:3:18: .*int4/],
    ['table_data_type: [{ type: int5 }]', /scenario\.yaml:3:27: .*int4/],
    ['table_data_type: [{ at_least: 1 GB }]', /type/],
    ['table_data_type: []', /at least one rule/],
    [
      'table_data_type: [{ at_least: 1 GB, type: int4 }, { type: int8 }]',
      /scenario\.yaml:3:19: table_data_type\[0\]: has no effect: a later rule/,
    ],
    [
      'table_data_type: [{ type: int8 }]\narms: [{ vary: { table_data_type.0.at_least: [100] } }]',
      /scenario\.yaml:4:\d+: .*such as/,
    ],
  ];
  for (const [lines, message] of cases) assert.match(await problemOf(tiny(lines)), message, lines);
});

pruning.run();
