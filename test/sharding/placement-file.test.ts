import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { parseYaml } from '../../foundation/document.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Piece, Placement } from '../../sim/sharding/placement.ts';
import {
  placementFileSchema,
  placementFromDocument,
  placementToJson,
} from '../../sim/sharding/placement-file.ts';
import { directStrategies } from '../../sim/sharding/request.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { modelBytes, modelOf, syntheticModel, tableOf } from './test-models.ts';

const file = suite('sharding: placement file');

const model = modelOf(
  [tableOf({ name: 'alpha' }), tableOf({ name: 'beta' })],
  [tableOf({ name: 'gamma' }), tableOf({ name: 'alpha' })],
);

/** Strategies that split nothing, or not on every number of shards. */
const unsplit = ['singular', 'one-shard', 'nsbp'];

file('round trip', () => {
  fc.assert(
    fc.property(
      fc.record({ tables: fc.integer({ min: 2, max: 20 }), nets: fc.constantFrom(1, 2), seed: fc.nat(50) }),
      fc.constantFrom(...directStrategies),
      fc.integer({ min: 2, max: 5 }),
      (shape, strategy, shards) => {
        const drawn = syntheticModel(shape);
        const capacityBytesPerShard = modelBytes(drawn);
        const splits = { rowWise: ['table_0'], columnWise: { table_1: 3 } };
        const placement = shardTables(drawn, {
          strategy,
          shards,
          capacityBytesPerShard,
          ...(unsplit.includes(strategy) ? {} : splits),
        });
        const text = JSON.stringify(placementToJson(placement, drawn), undefined, 2);
        assert.equal(placementFromDocument(parseYaml(text, 'placement.json'), drawn), placement);
      },
    ),
  );
});

file('tables of one name in two nets are told apart', () => {
  const placement = shardTables(model, { strategy: 'nsbp', shards: 2, capacityBytesPerShard: 1e9 });
  const json = placementToJson(placement, model);
  assert.equal(json.shards[1].tables[1], { name: 'alpha', net: 'net1', sharding_type: 'table_wise' });
  assert.equal(placementFromDocument(parseYaml(JSON.stringify(json), 'p.json'), model), placement);
});

file('gives a JSON Schema', () => {
  const schema = z.toJSONSchema(placementFileSchema, { io: 'input' });
  assert.equal(schema.required, ['version', 'strategy', 'shards']);
});

/** Problems of a placement text, as lines. */
function problemsOf(text: string): string[] {
  try {
    placementFromDocument(parseYaml(text, 'p.yaml'), model);
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const head = 'version: 1\nstrategy: mine\nshards:\n  - tables:\n';
const whole = (name: string, net = '') =>
  `      - { name: ${name}, sharding_type: table_wise${net && `, net: ${net}`} }\n`;

file('an unknown table is located and a near name offered', () => {
  const [problem] = problemsOf(`${head}${whole('betta')}`);
  assert.match(
    problem,
    /^p\.yaml:5:\d+: shards\[0\]\.tables\[0\]\.name: model 'test' has no table 'betta' \(did you mean 'beta'\?\)$/,
  );
});

file('an ambiguous name asks for the net, a wrong net names the right one', () => {
  assert.match(
    problemsOf(`${head}${whole('alpha')}`)[0],
    /several nets have a table 'alpha': say net: net0 or net1/,
  );
  assert.match(problemsOf(`${head}${whole('gamma', 'net0')}`)[0], /table 'gamma' is in net net1, not 'net0'/);
});

file('missing tables and tables placed twice are listed', () => {
  const problems = problemsOf(`${head}${whole('beta')}${whole('alpha', 'net0')}${whole('beta')}`);
  assert.is(problems.length, 3);
  assert.match(
    problems[0],
    /^p\.yaml:7:\d+: shards\[0\]\.tables\[2\]: table 'beta' is placed more than once/,
  );
  assert.match(problems[1], /table 'gamma' is on no shard/);
  assert.match(problems[2], /table 'alpha' is on no shard/);
});

file('wrong forms are located', () => {
  const wrong: [text: string, expected: RegExp][] = [
    ['version: 2\nstrategy: x\nshards: []', /^p\.yaml:1:\d+: version: expected 1/],
    ['version: 1\nstrategy: x', /shards: expected a list of shards/],
    ['version: 1\nstrategy: x\nshards: []', /at least one shard is needed/],
    ['version: 1\nstrategy: x\nshard: []\nshards: []', /unknown key 'shard' \(did you mean 'shards'\?\)/],
    [
      `${head}      - { name: beta, sharding_type: row_wide }`,
      /expected one of table_wise, row_wise, column_wise, got 'row_wide' \(did you mean 'row_wise'\?\)/,
    ],
    [`${head}      - { name: beta }`, /expected one of table_wise, row_wise, column_wise, got nothing/],
    [`${head}      - beta`, /expected a table entry, got 'beta'/],
    [`${head}      - { name: beta, sharding_type: row_wise, part: 0 }`, /parts: required, but missing/],
    [`${head}      - { name: beta, sharding_type: table_wise, part: 0 }`, /unknown key 'part'/],
    [`${head}      - { name: 7, sharding_type: table_wise }`, /expected the name of a table, got 7/],
  ];
  for (const [text, expected] of wrong) assert.match(problemsOf(text)[0] ?? 'no problem', expected);
});

file.run();

const validity = suite('sharding: validity of a placement');

const single = modelOf([tableOf({ name: 't', embeddingDim: 8, numEmbeddings: 10 })]);
const rows = (part: number, parts: number): Piece => ({ table: 0, split: 'rows', part, parts });
const columns = (firstColumn: number, count: number): Piece => ({
  table: 0,
  split: 'columns',
  firstColumn,
  columns: count,
});

validity('accepts complete splits in any order and on any shard', () => {
  for (const shards of [[[rows(1, 2)], [rows(0, 2)]], [[columns(3, 5), columns(0, 3)]], [[], [rows(0, 1)]]]) {
    validatePlacement({ strategy: 'mine', shards }, single);
  }
});

validity('refuses all else', () => {
  const wrong: [shards: Placement['shards'], expected: RegExp][] = [
    [[], /at least one shard/],
    [[[]], /table 't' is on no shard/],
    [[[{ table: 1, split: 'table' }]], /no table has index 1; there are 1/],
    [[[{ table: 0, split: 'table' }, rows(0, 1)]], /split in two ways/],
    [[[rows(0, 3), rows(2, 3)]], /part 1 of table 't' on no shard/],
    [[[rows(0, 5), rows(2, 5)]], /part 1 and 2 more of table 't' on no shard/],
    [[[rows(0, 2)], [rows(1, 3)]], /split into 3 parts here and 2 elsewhere/],
    [[[rows(0, 2)], [rows(0, 2)]], /part 0 of table 't' is placed more than once/],
    [[[rows(0, 2), rows(2, 2)]], /has parts 0 to 1, not 2/],
    [[[rows(0, 11)]], /has 10 rows: it cannot be split into 11 parts/],
    [[[columns(0, 4), columns(5, 3)]], /columns 4 to 4 of table 't' are on no shard/],
    [[[columns(0, 5), columns(4, 4)]], /column 4 of table 't' is placed more than once/],
    [[[columns(0, 4)]], /columns 4 to 7 of table 't' are on no shard/],
    [[[columns(0, 9)]], /has 8 columns, not 9/],
    [[[columns(0, 0)]], /at least one/],
  ];
  for (const [shards, expected] of wrong) {
    assert.throws(
      () => validatePlacement({ strategy: 'mine', shards }, single),
      (error: Error) => error instanceof InputError && expected.test(error.message),
      String(expected),
    );
  }
});

validity.run();
