import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DenseOperator, Model } from '../../models/model.ts';
import { rowBytes } from '../../models/row-bytes.ts';
import {
  flopsPerRequest,
  gatheredBytesPerRequest,
  meanLookups,
  summariseModel,
} from '../../models/summary.ts';
import { modelOf, netWith } from './fixtures.ts';

const nets = suite('nets and interactions');

const three = '- {group: t, count: 3, num_embeddings: 100, embedding_dim: 8}';
const operatorsOf = (model: Model) => model.nets[0].operators;
const named = (model: Model, name: string): DenseOperator => {
  const found = operatorsOf(model).find((operator) => operator.name === name);
  assert.ok(found, `an operator named ${name}`);
  return found as DenseOperator;
};

nets('rows of every data type have their stored bytes', () => {
  const bytes = (dim: number) =>
    (['fp32', 'fp16', 'bf16', 'int8', 'int4'] as const).map((dataType) => rowBytes(dataType, dim));
  assert.equal(bytes(64), [256, 128, 128, 72, 36]);
  assert.equal(bytes(33), [132, 66, 66, 41, 21], 'odd dimensions fill up the last byte');
});

nets('a net without bottom MLP hands its dense features to the interaction', () => {
  const model = modelOf(netWith(three));
  assert.is(named(model, 'top-fc0').shape.k, 4 + 3 * 8);
});

nets('the bottom MLP runs before the embeddings, everything else after', () => {
  const model = modelOf(
    netWith(three, 'interaction: {kind: cat}\n    bottom_mlp: [16, 8]\n    dense_level: user'),
  );
  const stages = operatorsOf(model).map(({ stage, level, name }) => `${name} ${stage} ${level}`);
  assert.equal(stages, [
    'bottom-fc0 before user',
    'bottom-fc1 before user',
    'concat after candidate',
    'top-fc0 after candidate',
  ]);
});

nets('dcnv2 crosses all vectors, of whatever dimension, flattened', () => {
  const model = modelOf(
    netWith(
      `${three}\n- {name: u, num_embeddings: 5, embedding_dim: 5}`,
      'interaction: {kind: dcnv2, layers: 2, rank: 6}',
    ),
  );
  assert.equal(named(model, 'cross-1').shape, { d: 4 + 24 + 5, r: 6 });
  assert.is(named(model, 'top-fc0').shape.k, 33);
});

nets('fm adds one number to the flat vectors', () => {
  const model = modelOf(netWith(three, 'interaction: {kind: fm}'));
  assert.is(named(model, 'fm').flops.perCandidate, (3 * 3 + 1) * 8);
  assert.is(named(model, 'top-fc0').shape.k, 4 + 24 + 1);
});

nets('wukong stacks layers of fm + compressed vectors', () => {
  const wukong = '{kind: wukong, layers: 2, fm_embeddings: 2, compressed_embeddings: 3, rank: 6, mlp: [10]}';
  const model = modelOf(netWith(three, `interaction: ${wukong}`));
  const [n, d, k, fm, compressed] = [4, 8, 6, 2, 3]; // 3 tables and the dense vector
  const layer = (n: number) => ({
    fm: 4 * n * d * k,
    mlp: 2 * n * k * 10 + 2 * 10 * fm * d,
    compression: 2 * n * compressed * d,
    mixing: n === fm + compressed ? 0 : 2 * n * (fm + compressed) * d,
    norms: 8 * n * k + 8 * (fm + compressed) * d,
    residual: (fm + compressed) * d,
  });
  const dense = 2 * 4 * d;
  const top = 2 * (fm + compressed) * d;
  const sum = (parts: Record<string, number>) => Object.values(parts).reduce((a, b) => a + b, 0);
  assert.is(summariseModel(model).flops.perCandidate, dense + sum(layer(n)) + sum(layer(5)) + top);
});

nets('a history that is unpooled is encoded, jagged or padded', () => {
  const hstu = (more: string) =>
    modelOf(
      netWith(
        `- {name: seq, num_embeddings: 9, embedding_dim: 8, pooling: none, level: user, pooling_factor: 10,
   pooling_distribution: {kind: gamma, coefficient_of_variation: 2}}`,
        `interaction: {kind: cat}
    sequence_encoders: [{kind: hstu, table: seq, layers: 1, heads: 2, qk_dim: 4, v_dim: 4${more}}]`,
      ),
    );
  const perPair = 2 * 2 * (4 + 4);
  assert.equal(named(hstu(''), 'hstu-0-attention').flops, {
    fixed: ((100 * 5 + 10) / 2) * perPair,
    perCandidate: 11 * perPair,
  });
  assert.is(named(hstu(', causal: false, padded_to: 64'), 'hstu-0-attention').flops.fixed, 64 ** 2 * perPair);
  const encoded = hstu(', score_candidates: false, model_dim: 16');
  assert.equal(named(encoded, 'hstu-0-attention').flops.perCandidate, 0);
  assert.equal(named(encoded, 'hstu-input').shape, { k: 8, n: 16 });
  assert.is(named(encoded, 'top-fc0').shape.k, 4 + 16);
});

nets('din over one unpooled table has its mean length', () => {
  const model = modelOf(
    netWith(
      `- {name: seen, num_embeddings: 9, embedding_dim: 8, pooling: none, pooling_factor: 50, presence: 0.5}
- {name: ad, num_embeddings: 9, embedding_dim: 8}`,
      `interaction: {kind: cat}
    sequence_encoders: [{kind: din, behaviours: seen, candidate: ad, attention_mlp: [36]}]`,
    ),
  );
  assert.is(named(model, 'din').flops.perCandidate, 25 * (8 + 2 * 24 * 36 + 2 * 36 + 16));
  assert.is(named(model, 'top-fc0').shape.k, 4 + 8 + 8);
});

nets('a summary adds up tables and operators, user level once', () => {
  const model = modelOf(
    netWith(`- {name: u, num_embeddings: 100, embedding_dim: 8, level: user, pooling_factor: 10, presence: 0.5}
- {name: c, num_embeddings: 50, embedding_dim: 4, data_type: int8, pooling_factor: 3}`),
  );
  const summary = summariseModel(model);
  assert.is(summary.embeddingParameters, 100 * 8 + 50 * 4);
  assert.is(summary.embeddingBytes, 100 * 32 + 50 * 12);
  assert.is(summary.largestTableBytes, 3200);
  assert.is(gatheredBytesPerRequest(summary, 7), 5 * 32 + 7 * 3 * 12);
  assert.is(flopsPerRequest(summary, 7), 7 * 2 * 16 * 1);
  assert.is(summary.denseParameters, 17);
  assert.is(meanLookups(model.nets[0].tables[0]), 5);
});

nets.run();
