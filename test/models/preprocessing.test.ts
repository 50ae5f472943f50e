import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelNames } from '../../hardware-profiles/kernels.ts';
import { loadModel, zooNames } from '../../models/files.ts';
import type { PreprocessingOperator } from '../../models/model.ts';
import { atCandidates } from '../../models/operators.ts';
import { valuesOf } from '../../models/preprocessing.ts';
import { inputErrorOf, modelOf, netWith } from './fixtures.ts';

const tables = '- {name: t, num_embeddings: 10, embedding_dim: 4}';

const modelWith = (...operators: string[]) =>
  modelOf(
    `${netWith(tables)}preprocessing:\n${operators.map((operator) => `  - {operator: ${operator}}`).join('\n')}\n`,
  );

const only = (operator: string): PreprocessingOperator => modelWith(operator).preprocessing![0];

const operators = suite('models: preprocessing operators');

operators('move the bytes and take the steps of their values, tables once', () => {
  const mapId = only('map-id, features: 10, values_per_user: 7, values_per_candidate: 2, table_ids: 1023');
  assert.equal(mapId.inputBytes, { fixed: 560, perCandidate: 160 });
  assert.equal(mapId.outputBytes, { fixed: 280, perCandidate: 80 });
  assert.is(mapId.sharedBytes, 10 * 1023 * 8);
  assert.equal(mapId.bytes, { fixed: 840 + 10 * 1023 * 8, perCandidate: 240 });
  assert.equal(mapId.flops, { fixed: 70 * 12, perCandidate: 20 * 12 });
  assert.is(valuesOf(mapId, 100), 2070);

  const borders = only('merge-bucketised-dense, features: 3, values_per_candidate: 1, borders: 4');
  assert.equal(borders.flops, { fixed: 0, perCandidate: 15 });
  assert.equal(borders.bytes, { fixed: 48, perCandidate: 24 });

  const events = only('batch-event-truncate, features: 9, events: 200, max_events: 50');
  assert.is(events.level, 'user');
  assert.equal([events.inputBytes.fixed, events.outputBytes.fixed], [9 * 200 * 8, 9 * 50 * 8]);
  assert.is(only('bucketise, values_per_user: 1, boundaries: 15').flops.fixed, 4);
  assert.is(only('hash, values_per_user: 3, rows: 100').flops.fixed, 24);
  assert.is(only('elementwise, values_per_user: 3').flops.fixed, 3);
});

operators('are one launch, or one for each feature that does a part', () => {
  const fused = only('map-id, features: 10, values_per_candidate: 2, table_ids: 1000');
  const apart = only('map-id, features: 10, values_per_candidate: 2, table_ids: 1000, fused: false');
  assert.equal([fused.launches, apart.launches], [1, 10]);
  assert.ok(Math.abs(atCandidates(apart.flops, 50) * 10 - atCandidates(fused.flops, 50)) < 1e-6);
  assert.ok(Math.abs(atCandidates(apart.bytes, 50) * 10 - atCandidates(fused.bytes, 50)) < 1e-6);
  assert.equal(apart.inputBytes, fused.inputBytes);
});

operators('have names of their own', () => {
  const names = (...list: string[]) => modelWith(...list).preprocessing!.map(({ name }) => name);
  const hash = 'hash, values_per_user: 1, rows: 9';
  assert.equal(names(hash), ['hash']);
  assert.equal(names(hash, `${hash}, name: ids`, hash), ['hash-0', 'ids', 'hash-1']);
  assert.match(
    inputErrorOf(() => names(`${hash}, name: a`, `${hash}, name: a`)),
    /preprocessing\[1\]\.name: a second operator named 'a'/,
  );
});

operators('that make no sense are refused where they stand', () => {
  const refused = (operator: string) => inputErrorOf(() => modelWith(operator));
  assert.match(
    refused('hash, rows: 9'),
    /model\.yaml:10:16: preprocessing\[0\]\.operator: needs values_per_user/,
  );
  assert.match(refused('hash, values_per_user: 1'), /preprocessing\[0\]\.rows: required, but missing/);
  assert.match(refused('map-ids, values_per_user: 1'), /expected a mapping with operator: bucketise, hash/);
  assert.match(refused('map-id, values_per_user: 1, table_id: 9'), /did you mean 'table_ids'/);
  assert.match(
    refused('batch-event-truncate, events: 10, max_events: 20'),
    /max_events: more than the 10 events that there are/,
  );
});

operators('and all others of the zoo have names that devices can list as missing', () => {
  const known: readonly string[] = kernelNames;
  for (const name of zooNames()) {
    const { nets, preprocessing = [] } = loadModel(name);
    for (const { kind } of [...nets.flatMap((net) => net.operators), ...preprocessing]) {
      assert.ok(known.includes(kind), `${name}: ${kind}`);
    }
  }
});

operators.run();
