import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost } from '../../hardware-profiles/files.ts';
import { loadModel } from '../../models/files.ts';
import { loadScenario } from '../../scenarios/files.ts';
import { runScenario } from '../../sim/run.ts';
import type { PointResult } from '../../sim/sweep-result.ts';
import { evaluatePoint, evaluateUnlessStopped } from '../../sweep/evaluate.ts';
import { packed, unpacked } from '../../sweep/packed.ts';
import type { SweepBundle } from '../../sweep/point.ts';
import { Folder } from '../scenarios/folder.ts';
import { designOf, gridSweep, smallSweep } from './designs.ts';

const points = suite('points of a sweep');

points('are what simulate says of the scenario with the same fields', async () => {
  const folder = new Folder();
  const { bundle, task } = await designOf(folder, gridSweep);
  const { values, rows } = await evaluatePoint(bundle, task(4));
  assert.equal(values, ['40 QPS', 2]);
  const same = gridSweep.split('sweep:')[0].replace('rate: 20 QPS', 'rate: 40 QPS');
  const result = await runScenario(await loadScenario(folder.write('same.yaml', same)), 'test');
  const [{ measured, fleet, verdict, evidence }] = result.arms;
  assert.is(rows.length, 1);
  const [row] = rows;
  assert.is(row.verdict, verdict.state);
  assert.is(row.reason, verdict.reason);
  for (const name of ['mean', 'p50', 'p90', 'p95', 'p99', 'p99.9'] as const) {
    const { mean, low, high } = measured!.latencyS[name];
    assert.equal(row.latencyS?.[name], { mean, low, high });
  }
  assert.is(row.usdPerHour, fleet.pricePerHourUsd);
  assert.is(row.usdPerMillionRequests, fleet.usdPerMillionRequests);
  assert.is(row.powerW, fleet.powerW);
  assert.is(row.cpuSPerRequest?.mean, measured?.computeS.cpu.mean);
  assert.equal(row.evidence, evidence.typicalTime);
  folder.remove();
});

points('need no file once they are bundled, and JSON carries the bundle', async () => {
  const folder = new Folder();
  folder.write('load.csv', 'timestamp_s,candidates\n0,10\n0.5,20\n1,30\n');
  const text = gridSweep
    .replace('{ kind: poisson, rate: 20 QPS }', '{ kind: trace, file: load.csv, rate_scale: 2 }')
    .replace('load.arrivals.rate: [20 QPS, 40 QPS]', 'load.arrivals.rate_scale: [1, 3]');
  const { bundle, task } = await designOf(folder, text);
  const here = await evaluatePoint(bundle, task(3));
  folder.remove();
  const sent: SweepBundle = JSON.parse(JSON.stringify(bundle));
  const there = await evaluatePoint(sent, JSON.parse(JSON.stringify(task(3))));
  assert.is(JSON.stringify(there), JSON.stringify(here));
  assert.is(there.rows[0].verdict, 'UNDER-SAMPLED');
});

points('carry profiles with measurements unchanged', () => {
  const same = (value: unknown) => unpacked(JSON.parse(JSON.stringify(packed(value))));
  for (const name of ['h200x8', 'sc-large']) assert.equal(same(loadHost(name)), loadHost(name));
  for (const name of ['drm1-like', 'mlperf-dlrm-dcnv2']) assert.equal(same(loadModel(name)), loadModel(name));
});

points('of two samples of a scenario have one bundle, but the sweeps are told apart', async () => {
  const folder = new Folder();
  const sampled = (lines: string) => designOf(folder, gridSweep.replace('sweep:\n', `sweep:\n${lines}`));
  const designs = [
    await sampled('  method: sobol\n  points: 3\n'),
    await sampled('  method: sobol\n  points: 3\n  seed: 2\n'),
    await sampled('  method: latin-hypercube\n  points: 3\n'),
  ];
  assert.is(new Set(designs.map(({ bundle }) => bundle.key)).size, 1);
  assert.is(new Set(designs.map(({ bundle }) => bundle.sweep)).size, 3);
  folder.remove();
});

points('are compared by the percentile of the scenario where each judges another one', async () => {
  const folder = new Folder();
  const text = gridSweep.replace(
    'sharding.shards: { from: 1, to: 3, integer: true }',
    'sla.percentile: [p50, p90]',
  );
  assert.is((await designOf(folder, `sla: { percentile: p95, latency: 1 s }\n${text}`)).judged, 'p95');
  assert.is((await designOf(folder, `sla: { latency: 1 s }\n${text}`)).judged, 'p99');
  folder.remove();
});

points('have keys that tell inputs apart, and nothing else', async () => {
  const folder = new Folder();
  const first = await designOf(folder, gridSweep);
  const again = await designOf(folder, `question: Another one?\n${gridSweep}`);
  const keys = [0, 1, 2, 3, 4, 5].map((index) => first.task(index).key);
  assert.is(new Set(keys).size, 6);
  assert.equal(
    keys,
    [0, 1, 2, 3, 4, 5].map((index) => again.task(index).key),
  );
  const seeded = await designOf(folder, gridSweep, { seed: 9 });
  assert.is.not(seeded.task(0).key, keys[0]);
  folder.write('small.yaml', loadModelText(folder).replace('num_embeddings: 500', 'num_embeddings: 501'));
  const changed = await designOf(folder, gridSweep);
  assert.is.not(changed.task(0).key, keys[0]);
  folder.remove();
});

function loadModelText(folder: Folder): string {
  const { nets } = loadModel(`${folder.path}/small.yaml`);
  assert.is(nets[0].tables[1].numEmbeddings, 500);
  return `name: small\nnets:\n  - name: n\n    dense_features: 4\n    bottom_mlp: [8, 4]\n    top_mlp: [8, 1]\n    interaction: { kind: cat }\n    tables:\n      - { name: b, num_embeddings: 500, embedding_dim: 4, pooling_factor: 2 }\n`;
}

points('that are wrong or do not fit are rows with a reason, beside those that are well', async () => {
  const folder = new Folder();
  const arms = `arms:
  - { name: well }
  - { name: greedy, fleet: { main: { workers: 4000 } } }
  - { name: big, model: drm1-like, fleet: { sparse: { host: sc-small } } }
`;
  const { bundle, task } = await designOf(folder, smallSweep('  fields:\n    sharding.shards: [1]\n', arms));
  const { rows } = await evaluatePoint(bundle, task(0));
  assert.equal(
    rows.map(({ arm, verdict }) => `${arm}: ${verdict}`),
    ['well: UNDER-SAMPLED', 'greedy: BAD INPUT', 'big: DOES NOT FIT'],
  );
  assert.match(
    rows[1].reason,
    /^arms\[1\]\.fleet\.main\.workers: a worker holds a core, and sc-large has \d+; got 4000/,
  );
  assert.match(rows[2].reason, /GB/);
  assert.is(rows[1].latencyS, undefined);
  folder.remove();
});

const race = smallSweep(
  '  fields:\n    load.arrivals.rate: [20 QPS, 30 QPS]\n',
  `arms:
  - { name: cheap and fast, sharding: { strategy: singular } }
  - { name: dear and slow, fleet: { sparse: { replicas: 2 } } }
`,
).replace('replications: 3', 'replications: 7');

points('stop arms that another one surely dominates after the pilot, and only these', async () => {
  const folder = new Folder();
  const { bundle, task } = await designOf(folder, race);
  const { rows } = await evaluatePoint(bundle, task(0));
  const [winner, loser] = rows;
  assert.equal([winner.dominated, loser.dominated], [false, true]);
  assert.equal([winner.replications, loser.replications], [7, 4]);
  assert.ok(winner.usdPerHour! <= loser.usdPerHour!);
  assert.ok(winner.latencyS!.p99.high! < loser.latencyS!.p99.low!);
  assert.match(loser.reason, /slower than 'cheap and fast'/);
  const full = await designOf(folder, race, { earlyStop: false });
  const all = await evaluatePoint(full.bundle, full.task(0));
  assert.equal(
    all.rows.map(({ replications, dominated }) => [replications, dominated]),
    [
      [7, false],
      [7, false],
    ],
  );
  // What is not stopped has the same figures either way.
  assert.equal(all.rows[0], winner);
  folder.remove();
});

points('are the same in any order', async () => {
  const folder = new Folder();
  const { bundle, task, points: count } = await designOf(folder, gridSweep);
  const evaluate = async (order: number[]) => {
    const results: PointResult[] = [];
    for (const index of order) results[index] = await evaluatePoint(structuredClone(bundle), task(index));
    return JSON.stringify(results);
  };
  const forward = Array.from({ length: count }, (_, index) => index);
  assert.is(await evaluate([...forward].reverse()), await evaluate(forward));
  folder.remove();
});

points('end between two replications when they are stopped', async () => {
  const folder = new Folder();
  const { bundle, task } = await designOf(folder, gridSweep);
  let asked = 0;
  assert.is(await evaluateUnlessStopped(bundle, task(0), () => ++asked === 3), undefined);
  assert.is(asked, 3);
  folder.remove();
});

points.run();
