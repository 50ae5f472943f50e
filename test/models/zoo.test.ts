import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, zooNames } from '../../models/files.ts';
import type { Model } from '../../models/model.ts';
import { atCandidates } from '../../models/operators.ts';
import { flopsPerRequest, gatheredBytesPerRequest, summariseModel } from '../../models/summary.ts';
import { inputErrorOf } from './fixtures.ts';

const zoo = suite('model zoo');

zoo('every model resolves to finite, positive totals', () => {
  for (const name of zooNames()) {
    const model = loadModel(name);
    assert.is(model.name, name);
    assert.ok(model.source.length > 0 && model.description.length > 0, name);
    const { flops, gatheredBytes, ...totals } = summariseModel(model);
    for (const value of Object.values(totals).filter((total) => typeof total === 'number')) {
      assert.ok(Number.isFinite(value) && value > 0, `${name}: ${value}`);
    }
    assert.ok(atCandidates(flops, 64) > 0 && atCandidates(gatheredBytes, 64) > 0, name);
    for (const { bytes, parameters } of model.nets.flatMap(({ operators }) => operators)) {
      assert.ok(Number.isInteger(parameters) && bytes.perCandidate + bytes.fixed > 0, name);
    }
  }
});

zoo('MLPerf DLRM-DCNv2 has its published totals', () => {
  const model = loadModel('mlperf-dlrm-dcnv2');
  const summary = summariseModel(model);
  const { tables } = model.nets[0];
  assert.is(summary.tables, 26);
  assert.is(
    tables.reduce((sum, { numEmbeddings }) => sum + numEmbeddings, 0),
    204_184_588,
  );
  assert.equal(summary.lookups, { fixed: 0, perCandidate: 214 });
  assert.is((summary.embeddingBytes / 1e9).toFixed(2), '104.54');
  assert.is(summary.gatheredBytes.perCandidate, 109_568);
  assert.is(summary.denseParameters, 16_044_545);
  // The published count is of matrix products; the Hadamard product and residual of each cross layer add 2d.
  const products = (summary.flops.perCandidate - 3 * 2 * 3456) / 2;
  assert.is(products, 16_030_464);
  assert.is((products / 1e6).toFixed(2), '16.03');
  assert.is((summary.flops.perCandidate / 1e6).toFixed(1), '32.1');
});

zoo('MLPerf DLRM v1 has its published totals', () => {
  const model = loadModel('mlperf-dlrm-v1');
  const summary = summariseModel(model);
  const { tables, operators } = model.nets[0];
  assert.is(
    tables.reduce((sum, { numEmbeddings }) => sum + numEmbeddings, 0),
    187_767_399,
  );
  assert.is((summary.embeddingBytes / 1e9).toFixed(1), '96.1');
  assert.is((summary.flops.perCandidate / 1e6).toFixed(2), '4.82');
  assert.equal(
    operators.find(({ name }) => name === 'top-fc0')?.shape,
    { k: 479, n: 1024 },
    '351 products and 128 dense elements',
  );
});

zoo('DeepRecSys models have its tables and layer inputs', () => {
  const gigabytes = (name: string) => (summariseModel(loadModel(name)).embeddingBytes / 1e9).toFixed(2);
  assert.equal(['dlrm-rmc1', 'dlrm-rmc2', 'dlrm-rmc3'].map(gigabytes), ['4.10', '4.10', '2.56']);
  const topInput = (name: string) =>
    loadModel(name).nets[0].operators.find((operator) => operator.name === 'top-fc0')?.shape.k;
  assert.is(topInput('dlrm-rmc1'), 32 + 8 * 32);
  assert.is(topInput('dlrm-rmc2'), 64 + 32 * 64);
  assert.is(topInput('dlrm-rmc3'), 32 + 10 * 32);
  assert.is(topInput('wide-and-deep'), 512 + 27 * 32);
  assert.is(topInput('ncf'), 64 + 64);
  assert.is(topInput('din'), 4 * 32);
});

/** Seconds of a batch of 64 on one core: 35 GFLOP/s dense, 2.5 GB/s of random row gathers. */
function costOf(model: Model): { dense: number; sparse: number } {
  const summary = summariseModel(model);
  return { dense: flopsPerRequest(summary, 64) / 35e9, sparse: gatheredBytesPerRequest(summary, 64) / 2.5e9 };
}

zoo('DRM-like models have the remembered tables, sizes and sparse share', () => {
  const cases = [
    { name: 'drm1-like', nets: 2, tables: 257, bytes: 194.05e9, largest: 3.6e9, share: 0.097 },
    { name: 'drm2-like', nets: 2, tables: 133, bytes: 138e9, largest: 6.7e9, share: 0.096 },
    { name: 'drm3-like', nets: 1, tables: 39, bytes: 200e9, largest: 178.8e9, share: 0.031 },
  ];
  for (const { name, nets, tables, bytes, largest, share } of cases) {
    const model = loadModel(name);
    const summary = summariseModel(model);
    assert.is(model.evidence, 'recollected');
    assert.is(summary.nets, nets);
    assert.is(summary.tables, tables);
    assert.ok(Math.abs(summary.embeddingBytes - bytes) <= nets * 512, `${name}: ${summary.embeddingBytes}`);
    assert.ok(Math.abs(summary.largestTableBytes - largest) <= 512, `${name}: ${summary.largestTableBytes}`);
    const { dense, sparse } = costOf(model);
    assert.ok(Math.abs(sparse / (sparse + dense) - share) < 0.002, `${name}: ${sparse / (sparse + dense)}`);
    assert.ok(dense > 3e-3 && dense < 10e-3, `${name}: ${dense} s`);
  }
});

zoo('of the two nets of DRM1 and DRM2 one has most bytes and the other most lookups', () => {
  for (const name of ['drm1-like', 'drm2-like']) {
    const model = loadModel(name);
    const [a, b] = model.nets.map((net) => summariseModel({ ...model, nets: [net] }));
    const [bytes, gathered] = [
      a.embeddingBytes / b.embeddingBytes,
      gatheredBytesPerRequest(a, 64) / gatheredBytesPerRequest(b, 64),
    ];
    assert.ok(Math.max(bytes, 1 / bytes) > 2 && Math.max(gathered, 1 / gathered) > 2, name);
    assert.is(bytes > 1, gathered < 1, name);
  }
});

zoo("the big table of DRM3 is the user's, looked up once a request", () => {
  const [big] = loadModel('drm3-like').nets[0].tables;
  assert.equal([big.level, big.poolingFactor, big.presence], ['user', 1, 1]);
});

zoo('HSTU encodes the history once and adds one token a candidate', () => {
  const model = loadModel('hstu');
  const { flops } = summariseModel(model);
  assert.ok(flops.fixed > 100 * flops.perCandidate);
  const projection = model.nets[0].operators.find(({ name }) => name === 'hstu-0-uvqk');
  assert.equal(projection?.flops, { fixed: 1000 * 2 * 512 * 2048, perCandidate: 2 * 512 * 2048 });
});

zoo('an unknown name is answered with the nearest and the list', () => {
  const message = inputErrorOf(() => loadModel('drm1-lik'));
  assert.match(message, "no model named 'drm1-lik' (did you mean 'drm1-like'?)");
  assert.match(message, 'mlperf-dlrm-dcnv2');
  assert.match(
    inputErrorOf(() => loadModel('./nowhere.yaml')),
    /nowhere\.yaml: no such file/,
  );
});

zoo.run();
