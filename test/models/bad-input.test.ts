import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { modelFileSchema } from '../../models/schema.ts';
import { inputErrorOf, modelOf, netWith } from './fixtures.ts';

const badInput = suite('bad model files');

const table = '- {name: a, num_embeddings: 10, embedding_dim: 8}';

/** Each case: YAML text, then `line:column: path: message` as it must be reported. */
const cases: Record<string, [string, string]> = {
  'no tables': [netWith('[]'), '8:7: nets[0].tables: a net needs at least one table'],
  'a duplicate table': [
    netWith(`${table}\n- {name: a, num_embeddings: 3, embedding_dim: 8}`),
    "9:9: nets[0].tables[1]: a second table named 'a'",
  ],
  'dimension 0': [
    netWith('- {name: a, num_embeddings: 10, embedding_dim: 0}'),
    '8:54: nets[0].tables[0].embedding_dim: must be at least 1, got 0',
  ],
  NaN: [
    netWith('- {name: a, num_embeddings: .nan, embedding_dim: 8}'),
    '8:35: nets[0].tables[0].num_embeddings: expected a whole number, got NaN',
  ],
  'a spread beyond what is drawn': [
    netWith(
      '- {name: a, num_embeddings: 1, embedding_dim: 8, pooling_distribution: {kind: gamma, coefficient_of_variation: 11}}',
    ),
    'nets[0].tables[0].pooling_distribution.coefficient_of_variation: must be at most 10, got 11',
  ],
  'a geometric mean below 1': [
    netWith(
      '- {name: a, num_embeddings: 1, embedding_dim: 8, pooling_factor: 0.5, pooling_distribution: {kind: geometric}}',
    ),
    "8:72: nets[0].tables[0].pooling_factor: a geometric distribution counts 1, 2, ... lookups, so its mean is at least 1, got 0.5; say how often 'a' has any by presence, or use kind: poisson",
  ],
  'a geometric mean below 1 by default': [
    netWith(
      '- {group: g, num_embeddings: 1, embedding_dim: 8, pooling_factor: [2, 0.5]}',
      'table_defaults: {pooling_distribution: {kind: geometric}}\n    interaction: {kind: cat}',
    ),
    'nets[0].tables[0].pooling_factor: a geometric distribution counts',
  ],
  'an infinite pooling factor': [
    netWith('- {name: a, num_embeddings: 1, embedding_dim: 8, pooling_factor: .inf}'),
    '8:72: nets[0].tables[0].pooling_factor: ',
  ],
  'no dimension at all': [
    netWith('- {name: a, num_embeddings: 1}'),
    "nets[0].tables[0].embedding_dim: table 'a' has no embedding_dim, and table_defaults gives none",
  ],
  'a misspelled key': [
    netWith('- {name: a, num_embedings: 1, embedding_dim: 8}'),
    "8:34: nets[0].tables[0].num_embedings: unknown key 'num_embedings' (did you mean 'num_embeddings'?)",
  ],
  'an entry of no kind': [
    netWith('- {num_embeddings: 1}'),
    "8:9: nets[0].tables[0]: expected a table with 'name', a 'group' with 'count', 'generate', or 'csv'",
  ],
  'an unknown data type': [
    netWith('- {name: a, num_embeddings: 1, embedding_dim: 8, data_type: fp8}'),
    "nets[0].tables[0].data_type: expected one of fp32, fp16, bf16, int8, int4, got 'fp8'",
  ],
  'a group without count': [
    netWith('- {group: g, num_embeddings: 5, embedding_dim: 8}'),
    "nets[0].tables[0].count: a group needs a 'count' or a list of values",
  ],
  'lists of unequal length': [
    netWith('- {group: g, num_embeddings: [5, 6], embedding_dim: [8]}'),
    '8:59: nets[0].tables[0].embedding_dim: has 1 values for a group of 2 tables',
  ],
  'a bad value in a list': [
    netWith('- {group: g, num_embeddings: [5, -6], embedding_dim: 8}'),
    '8:40: nets[0].tables[0].num_embeddings[1]: must be at least 1, got -6',
  ],
  'too many tables': [
    netWith(
      '- {group: g, count: 60000, num_embeddings: 5, embedding_dim: 8}\n- {group: h, count: 60000, num_embeddings: 5, embedding_dim: 8}',
    ),
    '9:9: nets[0].tables[1]: a model has at most 100000 tables',
  ],
  'an absurd group': [
    netWith('- {group: g, count: 1000000000, num_embeddings: 5, embedding_dim: 8}'),
    'nets[0].tables[0].count: must be at most 100000, got 1e9',
  ],
  'an impossible pin': [
    netWith(`- generate:
    seed: 1
    count: 4
    total_size: 10 GB
    largest_table: 1 GB
    size_distribution: {kind: truncated-exponential}
    embedding_dims: [{dim: 8, weight: 1}]
    total_pooling: {candidate: 4}`),
    '12:26: nets[0].tables[0].generate.largest_table: 4 tables of at most 1.00 GB cannot hold 10.0 GB',
  ],
  'a size without unit': [
    netWith('- generate: {total_size: 5}'),
    'nets[0].tables[0].generate.total_size: expected',
  ],
  'unequal dimensions under dot': [
    netWith(`${table}\n- {name: b, num_embeddings: 10, embedding_dim: 4}`, 'interaction: {kind: dot}'),
    '6:5: nets[0].interaction: dot needs vectors of one dimension, got 4 (bottom_mlp, b) and 8 (a)',
  ],
  'an unknown interaction': [
    netWith(table, 'interaction: {kind: dott}'),
    'nets[0].interaction.kind: expected a mapping with kind: cat, dot, dcnv2, fm, neumf or wukong',
  ],
  'an interaction without its rank': [
    netWith(table, 'interaction: {kind: dcnv2, layers: 3}'),
    '6:5: nets[0].interaction.rank: required, but missing: a whole number',
  ],
  'a product of unknown tables': [
    netWith(table, 'interaction: {kind: neumf, product_tables: [a, b], mlp: [4]}'),
    "nets[0].interaction.product_tables: no table is named 'b'",
  ],
  'an absurd layer': [
    netWith(table, 'interaction: {kind: cat}\n    bottom_mlp: [2000000]'),
    '7:18: nets[0].bottom_mlp[0]: must be at most 1000000, got 2000000',
  ],
  'a bottom MLP without dense features': [
    netWith(table, 'interaction: {kind: cat}\n    bottom_mlp: [8]').replace(
      'dense_features: 4',
      'dense_features: 0',
    ),
    '7:17: nets[0].bottom_mlp: a bottom MLP needs dense features, but dense_features is 0',
  ],
  'a sequence of pooled rows': [
    netWith(
      table,
      'interaction: {kind: cat}\n    sequence_encoders: [{kind: hstu, table: a, layers: 1, heads: 1, qk_dim: 8, v_dim: 8}]',
    ),
    "nets[0].sequence_encoders[0].table: table 'a' is pooled; a sequence needs 'pooling: none'",
  ],
  'rows that nothing reads': [
    netWith('- {name: a, num_embeddings: 10, embedding_dim: 8, pooling: none}'),
    "nets[0].tables: no sequence encoder reads 'a', which has 'pooling: none'",
  ],
  'two nets of one name': [
    `${netWith(table)}${netWith(table.replace('a,', 'b,')).split('nets:\n')[1]}`,
    "9:11: nets[1].name: a second net named 'n'",
  ],
  'neither nets nor an import': ['name: m\n', "nets: expected either 'nets' or 'import'"],
  'no name': ['nets: []\n', 'name: expected a name, got nothing'],
  'a list instead of a model': ['- a\n', 'expected a mapping with name, description'],
};

for (const [title, [yaml, expected]] of Object.entries(cases)) {
  badInput(title, () => {
    const message = inputErrorOf(() => modelOf(yaml));
    assert.match(message, /^model\.yaml:\d+:\d+: /);
    assert.ok(message.includes(expected), `${message}\n  should have: ${expected}`);
  });
}

badInput('the schema is expressible as JSON Schema for editors', () => {
  const schema = z.toJSONSchema(modelFileSchema, { io: 'input' });
  const text = JSON.stringify(schema);
  for (const key of ['num_embeddings', 'truncated-exponential', 'dlrm_args', 'wukong', 'csv']) {
    assert.ok(text.includes(key), key);
  }
});

badInput.run();
