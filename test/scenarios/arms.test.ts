import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import { loadAnyScenario, loadScenario, scenarioNames } from '../../scenarios/files.ts';
import { planScenario } from '../../sim/run.ts';
import { prepareScenario } from '../../sim/training/distillation/prepare-scenario.ts';
import { Folder } from './folder.ts';

const arms = suite('scenarios: arms');

const folder = new Folder();
arms.after(() => folder.remove());

let written = 0;
function scenario(text: string): Promise<ResolvedScenario> {
  return loadScenario(folder.write(`${written++}.yaml`, `model: small.yaml\n${text}`));
}

const names = ({ arms: all }: ResolvedScenario) => all.map(({ name }) => name);

arms('without arms there is one, called as the scenario or the file', async () => {
  const plain = await loadScenario(folder.write('plain.yaml', 'model: small.yaml\n'));
  assert.is(plain.name, 'plain');
  assert.is(plain.arms.length, 1);
  assert.is(plain.baseline, plain.arms[0].name);
  assert.equal(names(await scenario('name: mine\n')), ['mine']);
});

arms('an arm is the scenario changed by its fields; mappings merge key by key', async () => {
  const { arms: all } = await scenario(`
fleet: { main: { host: sc-small, replicas: 3 }, sparse: { replicas: 2 } }
serving: { batch_size: 10, rpc_service: 5 us }
arms:
  - name: same
  - name: other
    fleet: { main: { replicas: 4 } }
    serving: { batch_size: whole-request }
`);
  assert.is(all[0].main.host.name, 'sc-small');
  assert.is(all[0].main.replicas, 3);
  assert.is(all[1].main.host.name, 'sc-small');
  assert.is(all[1].main.replicas, 4);
  assert.is(all[1].sparse.replicas, 2);
  assert.is(all[1].serving.batch_size, 'whole-request');
  assert.is(all[1].serving.rpc_service, 5e-6);
});

arms('a mapping with its kind replaces the old one whole; lists are replaced', async () => {
  const { arms: all } = await scenario(`
load:
  arrivals: { kind: gamma, rate: 20 QPS, coefficient_of_variation: 2 }
sharding: { shards: 2, row_wise: [a, b] }
arms:
  - name: other
    load: { arrivals: { kind: poisson, rate: 5 QPS } }
    sharding: { row_wise: [b] }
`);
  assert.equal(all[0].load.arrivals, { kind: 'poisson', rate: 5 });
  assert.equal(all[0].sharding.row_wise, ['b']);
  assert.is(all[0].sharding.shards, 2);
});

arms('vary makes one arm for each combination, the last field varying fastest', async () => {
  const resolved = await scenario(`
arms:
  - name: first
  - vary: { sharding.strategy: [capacity-balanced, load-balanced], sharding.shards: [2, 3] }
  - name: wide
    serving: { batch_size: 7 }
    vary: { pooling_scale: [0.5, 2] }
`);
  assert.equal(names(resolved), [
    'first',
    'capacity-balanced 2',
    'capacity-balanced 3',
    'load-balanced 2',
    'load-balanced 3',
    'wide pooling_scale 0.5',
    'wide pooling_scale 2',
  ]);
  assert.is(resolved.arms[3].sharding.strategy, 'load-balanced');
  assert.is(resolved.arms[3].sharding.shards, 2);
  assert.is(resolved.arms[5].poolingScale, 0.5);
  assert.is(resolved.arms[6].serving.batch_size, 7);
});

arms('vary of an entry that a list does not have is told', async () => {
  const text = 'table_data_type: [{ type: int8 }]\narms:\n  - vary: { table_data_type.2.type: [int4] }\n';
  const error = await scenario(text).catch((problem: Error) => problem);
  assert.match(
    (error as Error).message,
    /\.yaml:4:\d+: .*table_data_type\.2\.type: table_data_type has no entry '2': it lists 1/,
  );
});

arms('vary reaches into a kind, and takes quantities', async () => {
  const { arms: all } = await scenario(`
load: { arrivals: { kind: poisson, rate: 1 QPS } }
arms:
  - vary: { load.arrivals.rate: [10 QPS, 1 kQPS] }
`);
  assert.equal(
    all.map(({ load }) => load.arrivals),
    [
      { kind: 'poisson', rate: 10 },
      { kind: 'poisson', rate: 1000 },
    ],
  );
});

arms('an arm without a name is called by what it changes', async () => {
  const resolved = await scenario('arms:\n  - sharding: { shards: 3 }\n  - table_data_type: int8\n  - {}\n');
  assert.equal(names(resolved), ['3', 'int8', 'as it is']);
});

arms('table_data_type stores every table in that type', async () => {
  const { arms: all } = await scenario('arms:\n  - name: own\n  - { name: int8, table_data_type: int8 }\n');
  const tables = all.map(({ model }) => model.nets[0].tables);
  assert.is(tables[0][0].dataType, 'fp32');
  for (const { dataType } of tables[1]) assert.is(dataType, 'int8');
  assert.ok(tables[1][0].sizeBytes < tables[0][0].sizeBytes);
});

arms('dense_data_type computes every dense operator in that type', async () => {
  const { arms: all } = await scenario(
    'arms:\n  - name: own\n  - { name: int8, dense_data_type: int8, table_data_type: int8 }\n',
  );
  const [own, int8] = all.map(({ model }) => model.nets[0]);
  assert.is(int8.operators.length, own.operators.length);
  int8.operators.forEach((operator, index) => {
    const before = own.operators[index];
    assert.is(operator.dataType, 'int8');
    assert.equal(operator.flops, before.flops);
    assert.is(before.dataType, 'fp32');
    assert.is(operator.bytes.perCandidate, before.bytes.perCandidate / 4);
    assert.is(operator.bytes.fixed, before.bytes.fixed / 4);
  });
  assert.is(int8.tables[0].handedOnBytes, 1);
  assert.is(int8.tables[0].dataType, 'int8');
});

arms('replicas of shards may be listed one by one', async () => {
  const resolved = await scenario('sharding: { shards: 3 }\nfleet: { sparse: { replicas: [1, 2, 3] } }\n');
  assert.equal(resolved.arms[0].sparse.replicas, [1, 2, 3]);
  assert.is((await planScenario(resolved)).length, 1);
});

arms('the defaults it rests on are listed, and no others', async () => {
  const { defaults } = await scenario('seed: 7\nserving: { batch_size: 9 }\nsharding: { shards: 2 }\n');
  const value = (path: string) => defaults.find((each) => each.path === path)?.value;
  assert.is(value('fleet.main.host'), 'sc-large');
  assert.is(value('serving.scheduling'), 'fifo');
  assert.is(value('load.requests'), 1000);
  assert.is(value('replications'), 10);
  assert.is(value('seed'), undefined);
  assert.is(value('serving.batch_size'), undefined);
  assert.is(value('sharding.shards'), undefined);
  assert.is(new Set(defaults.map(({ path }) => path)).size, defaults.length);
});

arms('a trace carries its times from the first request, its candidates and its lookups', async () => {
  folder.write(
    't.csv',
    '\ufefftimestamp_ms,candidates,lookups:a\r\n1000,5,3\r\n\r\n1500,6,0.5\r\n1500,7,0\r\n',
  );
  const { arms: all } = await scenario('load: { arrivals: { kind: trace, file: t.csv } }\n');
  const { trace } = all[0];
  assert.equal([...trace!.timesS], [0, 0.5, 0.5]);
  assert.equal([...trace!.candidates], [5, 6, 7]);
  assert.equal(trace!.lookups!.tables, ['a']);
  assert.equal([...trace!.lookups!.counts], [3, 0.5, 0]);
});

arms('every scenario of the library loads and can be planned', async () => {
  for (const name of scenarioNames()) {
    const resolved = await loadAnyScenario(name);
    const planned = 'kind' in resolved ? prepareScenario(resolved) : await planScenario(resolved);
    assert.is(planned.length, resolved.arms.length);
  }
});

arms.run();

const inherited = suite('scenarios: extends');

inherited.after(() => base.remove());
const base = new Folder();
base.write(
  'base.yaml',
  'model: small.yaml\nseed: 5\nfleet: { main: { replicas: 2 } }\narms: [{ name: x }]\n',
);

inherited('a scenario changes the one that it extends', async () => {
  const file = base.write('child.yaml', 'extends: base.yaml\nseed: 6\nfleet: { sparse: { replicas: 3 } }\n');
  const { arms: all, settings, name } = await loadScenario(file);
  assert.is(name, 'child');
  assert.is(settings.seed, 6);
  assert.is(all[0].name, 'x');
  assert.is(all[0].main.replicas, 2);
  assert.is(all[0].sparse.replicas, 3);
});

inherited('paths start at the file that states them, also through two folders', async () => {
  base.write('one/model.yaml', 'not: this one\n');
  base.write('one/middle.yaml', 'extends: ../base.yaml\nname: middle\n');
  const file = base.write('one/two/child.yaml', 'extends: ../middle.yaml\nseed: 9\n');
  const { arms: all, settings } = await loadScenario(file);
  assert.is(all[0].model.name, 'small');
  assert.is(settings.seed, 9);
});

inherited('a scenario of the library can be extended by its name', async () => {
  const file = base.write('mine.yaml', 'extends: scale-out\nload: { requests: 10 }\n');
  const { arms: all } = await loadScenario(file);
  assert.is(all[0].load.requests, 10);
  assert.is(all[0].model.name, 'drm1-like');
});

inherited.run();
