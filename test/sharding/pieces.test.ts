import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TableDataType } from '../../models/model.ts';
import { defaultPieceCost, pieceBytes, pieceLookups, pieceRowBytes } from '../../sim/sharding/pieces.ts';
import { tablesOf } from '../../sim/sharding/placement.ts';
import { columnPieces, rowPieces } from '../../sim/sharding/split-tables.ts';
import { placementStatistics, spreadOf } from '../../sim/sharding/statistics.ts';
import { modelOf, tableOf } from './test-models.ts';

const pieces = suite('sharding: pieces');

const anyTable = fc
  .record({
    numEmbeddings: fc.integer({ min: 1, max: 100_000 }),
    embeddingDim: fc.integer({ min: 1, max: 256 }),
    dataType: fc.constantFrom<TableDataType[]>('fp32', 'fp16', 'bf16', 'int8', 'int4'),
    poolingFactor: fc.double({ min: 0, max: 200, noNaN: true }),
    presence: fc.double({ min: 0, max: 1, noNaN: true }),
    level: fc.constantFrom('user' as const, 'candidate' as const),
  })
  .map((fields) => tableOf({ name: 't', ...fields }));

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const placed = (table: ReturnType<typeof tableOf>) => ({ index: 0, net: 0, table });

pieces('row parts add up to the table: bytes exactly, lookups to rounding', () => {
  fc.assert(
    fc.property(anyTable, fc.integer({ min: 1, max: 64 }), (table, wanted) => {
      const parts = rowPieces(placed(table), Math.min(wanted, table.numEmbeddings));
      assert.is(sum(parts.map((piece) => pieceBytes(piece, table))), table.sizeBytes);
      const lookups = sum(parts.map((piece) => Object.values(pieceLookups(piece, table))).map(sum));
      assert.ok(Math.abs(lookups - table.presence * table.poolingFactor) < 1e-9);
    }),
  );
});

pieces('column slices tile the table; only scale and bias are repeated', () => {
  fc.assert(
    fc.property(anyTable, fc.integer({ min: 1, max: 64 }), (table, wanted) => {
      const slices = columnPieces(placed(table), Math.min(wanted, table.embeddingDim));
      const bytes = sum(slices.map((piece) => pieceRowBytes(piece, table)));
      const scaleAndBias = { int8: 8, int4: 4 }[table.dataType as string] ?? 0;
      const oddHalves = table.dataType === 'int4' ? slices.length : 0;
      const repeated = (slices.length - 1) * scaleAndBias;
      assert.ok(bytes >= table.rowBytes + repeated && bytes <= table.rowBytes + repeated + oddHalves);
      for (const piece of slices) assert.equal(pieceLookups(piece, table), pieceLookups(slices[0], table));
    }),
  );
});

pieces('an int8 slice of half the columns takes half the values and a whole scale and bias', () => {
  const table = tableOf({ name: 't', embeddingDim: 64, dataType: 'int8', numEmbeddings: 10 });
  const [left, right] = columnPieces(placed(table), 2);
  assert.is(pieceBytes(left, table), 10 * 40);
  assert.is(pieceBytes(right, table), 10 * 40);
});

pieces('the default cost gathers candidate rows 64 times and user rows once', () => {
  const model = modelOf([
    tableOf({ name: 'user', embeddingDim: 32, poolingFactor: 10, level: 'user' }),
    tableOf({ name: 'item', embeddingDim: 32, poolingFactor: 10, presence: 0.5 }),
  ]);
  const cost = defaultPieceCost(model);
  assert.is(cost({ table: 0, split: 'table' }), (10 * 128) / 2.5e9);
  assert.is(cost({ table: 1, split: 'table' }), (64 * 5 * 128) / 2.5e9);
  assert.is(cost({ table: 1, split: 'rows', part: 1, parts: 4 }), (64 * 5 * 128) / 4 / 2.5e9);
  assert.is(cost({ table: 1, split: 'columns', firstColumn: 0, columns: 8 }), (64 * 5 * 32) / 2.5e9);
});

pieces('statistics say what each shard holds and does', () => {
  const model = modelOf(
    [tableOf({ name: 'a', poolingFactor: 4, numEmbeddings: 100 })],
    [tableOf({ name: 'b', poolingFactor: 6, level: 'user', numEmbeddings: 300 })],
  );
  assert.is(tablesOf(model).length, 2);
  const placement = {
    strategy: 'mine',
    shards: [
      [{ table: 0, split: 'table' as const }],
      [
        { table: 1, split: 'rows' as const, part: 0, parts: 2 },
        { table: 1, split: 'rows' as const, part: 1, parts: 2 },
      ],
    ],
  };
  const statistics = placementStatistics(placement, model, ({ table }) => (table === 0 ? 3 : 1));
  const [first, second] = statistics.shards;
  assert.equal(
    [first.sizeBytes, first.lookupsPerCandidate, first.lookupsPerUser, first.timeS],
    [12_800, 4, 0, 3],
  );
  assert.equal(
    [second.sizeBytes, second.lookupsPerCandidate, second.lookupsPerUser, second.timeS],
    [38_400, 0, 6, 2],
  );
  assert.equal(second.timeByNetS, [0, 2]);
  assert.equal(statistics.sizeBytes, { min: 12_800, max: 38_400, mean: 25_600, imbalance: 1.5 });
  assert.is(statistics.boundingTimeS, 5);
  assert.equal(spreadOf([]), { min: 0, max: 0, mean: 0, imbalance: 1 });
  assert.is(spreadOf([0, 0]).imbalance, 1);
});

pieces.run();
