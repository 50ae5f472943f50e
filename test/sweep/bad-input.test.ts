import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { problemsOf, smallSweep } from './designs.ts';

const bad = suite('sweeps that are wrong');

const fields = (text: string) => smallSweep(`  fields:\n    ${text}\n`);

bad('say where, and what is near', async () => {
  const cases: [string, RegExp][] = [
    [
      'fleet.main.replcas: [1, 2]',
      /^sweep\.yaml:13:26: sweep\.fields[^\n]*unknown key 'replcas'.*replicas'\?\)$/,
    ],
    ['flet.main.replicas: [1, 2]', /^sweep\.yaml:13:26: .*unknown key 'flet'.*fleet/],
    ['load.arrivals.rate: [10 QPS, 5 ms]', /^sweep\.yaml:13:34: .*expected a rate with its unit/],
    ['load.arrivals.rate: [10]', /^sweep\.yaml:13:26: .*expected a rate with its unit/],
    ['fleet.main.replicas: [1, many]', /^sweep\.yaml:13:30: .*expected a whole number/],
    [
      'fleet.main.replicas: { from: 1, to: 4 }',
      /^sweep\.yaml:13:5: .*expected a whole number, got 2\.\d+; state integer: true$/,
    ],
    ['fleet.main.replicas: { from: 1, to: 40000, integer: true }', /13:5: .*must be at most 10000/],
    ['fleet.main.host: [sc-large, sc-lrge]', /^sweep\.yaml:13:33: .*unknown host 'sc-lrge'.*sc-large/],
    ['model: [small.yaml, large.yaml]', /^sweep\.yaml:13:25: .*no such file/],
    ['fleet.main.replicas: []', /^sweep\.yaml:13:26: .*list at least one value/],
    ['fleet.main.replicas: { from: 8, to: 1, integer: true }', /^sweep\.yaml:13:41: .*the range is empty/],
    ['fleet.main.replicas: { from: 8, too: 9 }', /unknown key 'too'.*to/],
    ['fleet..host: [a]', /13:18: .*is not a dotted field/],
    ['name: [a, b]', /13:11: .*name cannot be swept/],
    ['sweep.points: [1]', /13:19: .*sweep cannot be swept/],
    ['dram: [1]', /13:12: .*unknown key 'dram'/],
    ['load.arrivals.rate: { from: 1 QPS, to: 9 QPS }', /13:5: .*a grid needs a finite number of values/],
    [
      'seed: { from: 1, to: 4000, integer: true }\n    load.requests: { from: 1, to: 99999, integer: true }',
      /12:3: .*makes 399996000 points/,
    ],
  ];
  for (const [text, message] of cases) assert.match(await problemsOf(fields(text)), message, text);
});

bad('tell each mistake once, whichever field is tried out', async () => {
  const text = fields(
    'seed: { from: 1, to: 3, integer: true }\n    load.arrivals.rate: { from: 1, to: 9, count: 3 }\n    pruning.share: [3, 4]',
  );
  const lines = (await problemsOf(text)).split('\n');
  assert.equal(
    lines.map((line) => line.split(': ')[1]),
    ['load.arrivals.rate', 'pruning.share[0]', 'pruning.share[1]'].map((field) => `sweep.fields.${field}`),
  );
});

bad('tell entries that a list does not have', async () => {
  const rules = (entry: string) =>
    `table_data_type: [{ type: int8 }]\n${fields(`table_data_type.${entry}: [int8, int4]`)}`;
  assert.match(
    await problemsOf(rules('1.type')),
    /^sweep\.yaml:14:29: .*table_data_type has no entry '1': it lists 1, counted from 0$/,
  );
  assert.match(await problemsOf(rules('length')), /has no entry 'length'/);
  assert.is(await problemsOf(rules('0.type')), 'nothing is wrong');
});

bad('tell fields that arms set themselves, or that are part of each other', async () => {
  const arms =
    'arms:\n  - { name: a, sharding: { shards: 2 } }\n  - { vary: { fleet.main.replicas: [1, 2] } }\n';
  const swept = (field: string) => smallSweep(`  fields:\n    ${field}\n`, arms);
  assert.match(
    await problemsOf(swept('sharding.shards: [1, 2]')),
    /^sweep\.yaml:12:5: .*the arm sets sharding\.shards itself/,
  );
  assert.match(await problemsOf(swept('fleet.main.replicas: [1, 2]')), /^sweep\.yaml:13:5: .*itself/);
  assert.is(await problemsOf(swept('fleet.sparse.replicas: [1, 2]')), 'nothing is wrong');
  assert.match(
    await problemsOf(fields('load.arrivals: [a]\n    load.arrivals.rate: [1 QPS]')),
    /14:25: .*is a part of load\.arrivals, which is swept, too/,
  );
});

bad('tell methods that lack their number of points, and grids that have one', async () => {
  const rate = '  fields:\n    load.arrivals.rate: [1 QPS, 2 QPS]\n';
  assert.match(
    await problemsOf(smallSweep(`  method: sobol\n${rate}`)),
    /^sweep\.yaml:12:11: .*needs points/,
  );
  assert.match(
    await problemsOf(smallSweep(`  points: 9\n${rate}`)),
    /^sweep\.yaml:12:11: .*a grid has 2 points of its own/,
  );
  assert.match(await problemsOf(smallSweep(rate), { points: 4 }), /^--points 4: a grid has 2 points/);
  assert.match(await problemsOf(smallSweep(`  method: sobl\n${rate}`)), /12:11: .*sobol/);
  const swept = smallSweep('  fields:\n    replications: [2, 3]\n');
  assert.match(
    await problemsOf(swept, { replications: 4 }),
    /^--replications 4: the sweep itself sets replications/,
  );
  assert.is(await problemsOf(swept), 'nothing is wrong');
});

bad('tell a scenario without a sweep', async () => {
  assert.match(await problemsOf('model: small.yaml\n'), /^sweep\.yaml:1:1: this scenario has no sweep/);
});

bad('leave other mistakes of the scenario where they are', async () => {
  const text = smallSweep('  fields:\n    fleet.main.replicas: [1, 2]\n').replace('batch_size', 'batchsize');
  assert.match(await problemsOf(text), /^sweep\.yaml:6:23: serving\.batchsize: unknown key/);
});

bad.run();
