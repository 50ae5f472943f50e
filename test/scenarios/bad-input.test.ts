import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadScenario } from '../../scenarios/files.ts';
import { planScenario } from '../../sim/run.ts';
import { laterMessageOf } from '../input-error.ts';
import { Folder } from './folder.ts';

const folder = new Folder();
const path = (name: string) => join(folder.path, name);

/** What loading and planning a scenario must answer, with the temporary folder left out. */
async function problemOf(text: string | Uint8Array): Promise<string> {
  const file = folder.write('s.yaml', text);
  const message = await laterMessageOf(async () => planScenario(await loadScenario(file)));
  return message.replaceAll(`${folder.path}/`, '');
}

/** Each case: lines after `model: small.yaml`, then the problem. */
type Cases = Record<string, [text: string, problem: string | RegExp]>;

function answered(name: string, cases: Cases): void {
  const test = suite(`bad scenarios: ${name}`);
  for (const [title, [text, problem]] of Object.entries(cases)) {
    test(title, async () => {
      const message = await problemOf(`model: small.yaml\n${text}\n`);
      if (typeof problem === 'string') assert.is(message, problem);
      else assert.match(message, problem);
    });
  }
  test.run();
}

answered('fields', {
  'an unknown key': ['modle: x', "s.yaml:2:8: modle: unknown key 'modle' (did you mean 'model'?)"],
  'an unknown setting': [
    'baselin: x',
    "s.yaml:2:10: baselin: unknown key 'baselin' (did you mean 'baseline'?)",
  ],
  'an unknown key inside': [
    'load:\n  requets: 5',
    "s.yaml:3:12: load.requets: unknown key 'requets' (did you mean 'requests'?)",
  ],
  'a wrong unit': [
    'serving:\n  net_overhead: 30 msec',
    "s.yaml:3:17: serving.net_overhead: expected a time with its unit, such as '30 ms'; 'msec' is not one of ns, us, µs, ms, s, min, h, d",
  ],
  'no unit': [
    "serving:\n  net_overhead: '30'",
    "s.yaml:3:17: serving.net_overhead: expected a time with its unit, such as '30 ms'; '30' has no unit",
  ],
  'a unit before its number': [
    'serving:\n  net_overhead: ms 30',
    "s.yaml:3:17: serving.net_overhead: expected a time with its unit, such as '30 ms', got 'ms 30'",
  ],
  'a negative size': [
    'serving: { batch_size: -5 }',
    's.yaml:2:24: serving.batch_size: must be at least 1, got -5',
  ],
  'a batch size in words': [
    'serving: { batch_size: all }',
    "s.yaml:2:24: serving.batch_size: expected a number of candidates, or 'whole-request'",
  ],
  NaN: ['pooling_scale: .nan', 's.yaml:2:16: pooling_scale: expected a number, got NaN'],
  infinity: ['pooling_scale: -.inf', 's.yaml:2:16: pooling_scale: expected a number, got -Infinity'],
  'a number too large for a double': [
    'pooling_scale: 1e309',
    's.yaml:2:16: pooling_scale: expected a number, got Infinity',
  ],
  'a wrong word': [
    'sharding: { strategy: capacity-balance }',
    /^s\.yaml:2:23: sharding\.strategy: expected one of singular, .*, got 'capacity-balance' \(did you mean 'capacity-balanced'\?\)$/,
  ],
  'a fraction of a shard': [
    'sharding: { shards: 2.5 }',
    's.yaml:2:21: sharding.shards: expected a whole number, got 2.5',
  ],
  'too many shards': [
    'sharding: { shards: 1025 }',
    's.yaml:2:21: sharding.shards: must be at most 1024, got 1025',
  ],
  'a confidence without its sign': [
    'confidence: 0.95',
    "s.yaml:2:13: confidence: expected a percentage with its unit, such as '10 %', got 0.95",
  ],
  'a confidence out of range': [
    'confidence: 100 %',
    's.yaml:2:13: confidence: 100 % is out of range: it must be at least 50 % and at most 99.9 %',
  ],
  'a version to come': ['version: 2', 's.yaml:2:10: version: expected version 1, the only one there is'],
  'an SLA without its latency': [
    'sla: { percentile: p99 }',
    "s.yaml:2:1: sla.latency: required, but missing: a time such as '30 ms'",
  ],
  'an SLA that cannot be met': [
    'sla: { latency: 0 s }',
    's.yaml:2:17: sla.latency: 0 s is out of range: it must be above zero and at most 1e9 s',
  ],
  'a replica of none': [
    'fleet: { sparse: { replicas: [1, 0] } }',
    's.yaml:2:34: fleet.sparse.replicas[1]: must be at least 1, got 0',
  ],
});

answered('kinds', {
  'an unknown kind': [
    'load:\n  arrivals: { kind: poison, rate: 3 QPS }',
    /^s\.yaml:3:21: load\.arrivals\.kind: expected one of serial, poisson, .*, got 'poison' \(did you mean 'poisson'\?\)$/,
  ],
  'no kind': [
    'load:\n  arrivals: { rate: 3 QPS }',
    /^s\.yaml:3:3: load\.arrivals\.kind: required, but missing: one of serial, /,
  ],
  'a word instead of a kind': [
    'load:\n  arrivals: poisson',
    /^s\.yaml:3:13: load\.arrivals: expected a mapping with kind: one of serial, .*, got 'poisson'$/,
  ],
  'a field that its kind lacks': [
    'load:\n  arrivals: { kind: poisson, rate: 3 QPS }\n  candidates: { kind: fixed, value: 3, median: 4 }',
    "s.yaml:4:48: load.candidates.median: unknown key 'median'",
  ],
  'a field that its kind needs': [
    'load:\n  arrivals: { kind: poisson }',
    "s.yaml:3:3: load.arrivals.rate: required, but missing: a rate such as '25 QPS'",
  ],
  'a modulated process of one state': [
    'load:\n  arrivals: { kind: mmpp, states: [{ rate: 1 QPS, mean_duration: 1 s }] }',
    's.yaml:3:35: load.arrivals.states: a modulated process needs at least two states',
  ],
  'bounds in the wrong order': [
    'load:\n  candidates: { kind: uniform, min: 5, max: 4 }',
    's.yaml:3:45: load.candidates.max: must be at least min',
  ],
  'weights that do not match': [
    'load:\n  candidates: { kind: choices, values: [1, 2], weights: [1] }',
    's.yaml:3:57: load.candidates.weights: give one weight for each value, not all zero',
  ],
});

answered('arms', {
  none: ['arms: []', 's.yaml:2:7: arms: list at least one arm, or leave arms out'],
  'no list': ['arms: 3', 's.yaml:2:7: arms: expected a list, got 3'],
  'one that is no mapping': [
    'arms: [3]',
    /^s\.yaml:2:8: arms\[0\]: expected a mapping with name, vary, .*, got 3$/,
  ],
  'two of one name': [
    'arms:\n  - name: a\n  - name: b\n  - name: a',
    "s.yaml:5:5: arms[2]: two arms are called 'a'",
  ],
  'two that vary makes equal': [
    'arms:\n  - vary: { pooling_scale: [1, 1] }',
    "s.yaml:3:5: arms[0]: two arms are called 'pooling_scale 1'",
  ],
  'an unknown baseline': [
    'baseline: bb\narms: [{ name: b }, { name: c }]',
    "s.yaml:2:11: baseline: no arm is called 'bb' (did you mean 'b'?); arms: b, c",
  ],
  'a setting of the scenario': [
    'arms: [{ name: a, seed: 4 }]',
    's.yaml:2:25: arms[0].seed: seed holds for all arms: state it at the top of the scenario',
  ],
  'an unknown key': [
    'arms:\n  - shardin: { shards: 3 }',
    "s.yaml:3:5: arms[0].shardin: unknown key 'shardin' (did you mean 'sharding'?)",
  ],
  'a wrong field of one': [
    'arms:\n  - name: a\n  - name: b\n    fleet:\n      main: { replicas: 0 }',
    's.yaml:6:25: arms[1].fleet.main.replicas: must be at least 1, got 0',
  ],
  'a wrong field that all inherit': [
    'serving: { rpc_service: 3 }\narms: [{ name: a }, { name: b }]',
    "s.yaml:2:25: serving.rpc_service: expected a time with its unit, such as '30 ms', got 3",
  ],
  'a host that one names': [
    'arms:\n  - fleet: { main: { host: sc-larg } }',
    /^s\.yaml:3:28: arms\[0\]\.fleet\.main\.host: unknown host 'sc-larg' \(did you mean 'sc-large'\?\)/,
  ],
  'a host that all inherit': [
    'fleet: { main: { host: sc-larg } }\narms:\n  - fleet: { main: { replicas: 2 } }',
    /^s\.yaml:2:24: fleet\.main\.host: unknown host 'sc-larg'/,
  ],
});

answered('vary', {
  'an unknown field': [
    'arms:\n  - vary:\n      sharding.shads: [2, 3]',
    "s.yaml:4:24: arms[0].vary.sharding.shads[0]: unknown key 'shads' (did you mean 'shards'?)",
  ],
  'a wrong value': [
    'arms:\n  - vary:\n      pooling_scale: [1]\n      sharding.shards: [2,\n        0]',
    's.yaml:6:9: arms[0].vary.sharding.shards[1]: must be at least 1, got 0',
  ],
  'a wrong unit': [
    'load: { arrivals: { kind: poisson, rate: 1 QPS } }\narms:\n  - vary: { load.arrivals.rate: [1 QPS, 5] }',
    /^s\.yaml:4:41: arms\[0\]\.vary\.load\.arrivals\.rate\[1\]: expected a rate with its unit/,
  ],
  'no list': [
    'arms:\n  - vary: { sharding.shards: 2 }',
    's.yaml:3:30: arms[0].vary.sharding.shards: expected a list, got 2',
  ],
  'an empty list': [
    'arms:\n  - vary: { sharding.shards: [] }',
    's.yaml:3:30: arms[0].vary.sharding.shards: needs at least 1 entry, got 0',
  ],
  'a list of mappings': [
    'arms:\n  - vary: { sharding.shards: [{ a: 1 }] }',
    /^s\.yaml:3:31: arms\[0\]\.vary\.sharding\.shards\[0\]: expected text, got a mapping; or expected a number/,
  ],
  'a field below a word': [
    'arms:\n  - vary: { model.name: [b] }',
    's.yaml:3:26: arms[0].vary.model.name[0]: expected text, got a mapping',
  ],
  'a setting of the scenario': [
    'arms:\n  - vary: { seed: [1, 2] }',
    's.yaml:3:19: arms[0].vary.seed: seed holds for all arms: state it at the top of the scenario',
  ],
  'a name that is not there': [
    'arms:\n  - vary: { fleet.network: [datacentre-tcp, datacentre-udp] }',
    /^s\.yaml:3:45: arms\[0\]\.vary\.fleet\.network\[1\]: unknown network 'datacentre-udp' \(did you mean/,
  ],
  'more arms than anybody reads': [
    `arms:\n  - name: a\n  - vary: { ${['pooling_scale', 'sharding.shards', 'load.requests'].map((field) => `${field}: [1, 2, 3, 4, 5, 6, 7, 8]`).join(', ')} }`,
    's.yaml:4:5: arms[1].vary: makes 512 arms; a scenario has at most 500',
  ],
  'a key of a thousand parts': [
    `arms:\n  - vary: { ${'a.'.repeat(1000)}a: [1] }`,
    /^s\.yaml:3:\d+: arms\[0\]\.vary.*cannot be a key here: must have at most 100 characters$/,
  ],
});

answered('sharding', {
  'an unknown table': ['sharding: { row_wise: [zz] }', /^s\.yaml:2:1: sharding: unknown table 'zz'/],
  'more slices than dimensions': [
    'sharding: { column_wise: { a: 9 } }',
    /^s\.yaml:2:1: sharding: column-wise 'a': expected 2 to 4 slices, got 9/,
  ],
  'replicas for other shards': [
    'sharding: { shards: 2 }\nfleet: { sparse: { replicas: [1, 1, 1] } }',
    /^s\.yaml:\d:\d+: .*fleet\.sparse\.replicas lists 3 numbers for 2 shards/,
  ],
});

answered('numbers that nothing real has', {
  'a time of aeons': [
    'serving: { rpc_service: 1e300 s }',
    's.yaml:2:25: serving.rpc_service: 1e300 s is out of range: it must be at least 0 s and at most 1e9 s',
  ],
  'a request in ages': [
    'load: { arrivals: { kind: poisson, rate: 1e-300 QPS } }',
    /^s\.yaml:2:42: load\.arrivals\.rate: 1e-300 QPS is out of range: it must be at least 0\.001 QPS/,
  ],
  'a load beyond any': [
    'load: { arrivals: { kind: poisson, rate: 1e300 QPS } }',
    /^s\.yaml:2:42: load\.arrivals\.rate: .* at most 1e9 QPS$/,
  ],
  'states without duration': [
    'load: { arrivals: { kind: mmpp, states: [{ rate: 1 QPS, mean_duration: 1 ns }, { rate: 0 QPS, mean_duration: 1 ns }] } }',
    /^s\.yaml:2:41: load\.arrivals\.states: the states last too short for their rates/,
  ],
  'a day of no length': [
    'load: { arrivals: { kind: diurnal, mean_rate: 1 QPS, peak_to_mean: 2, period: 1 ns } }',
    /^s\.yaml:2:79: load\.arrivals\.period: 1 ns is out of range: it must be at least 1 s/,
  ],
  'millions of hosts': [
    'sharding: { shards: 1024 }\nfleet: { sparse: { replicas: 10000 } }',
    's.yaml:3:30: fleet.sparse.replicas: makes 10240000 sparse hosts; at most 100000 are simulated',
  ],
});

answered('files that it names', {
  'a model that is not in the zoo': ['extends: other.yaml', 's.yaml:2:10: extends: other.yaml: no such file'],
  'a trace that is not there': [
    'load: { arrivals: { kind: trace, file: no.csv } }',
    's.yaml:2:40: load.arrivals.file: no.csv: no such file',
  ],
  'a placement that is not there': [
    'sharding: { placement: no.json }',
    's.yaml:2:24: sharding.placement: no.json: no such file',
  ],
  'a host file that is not there': [
    'fleet: { main: { host: no.yaml } }',
    's.yaml:2:24: fleet.main.host: no such file: no.yaml',
  ],
  'a scenario of the library': [
    'extends: scale-ou',
    /^s\.yaml:2:10: extends: no scenario 'scale-ou' \(did you mean 'scale-out'\?\)/,
  ],
  itself: ['extends: s.yaml', 's.yaml:2:10: extends: these scenarios extend each other in a circle'],
});

const whole = suite('bad scenarios: whole files');
whole.after(() => folder.remove());

/** What a whole file must be answered. */
const files: Cases = {
  'no model': [
    'seed: 1\n',
    's.yaml:1:1: model: required, but missing: model of the zoo, or a path to a model file',
  ],
  'a model that nobody knows': [
    'model: drm1-lik\n',
    /^s\.yaml:1:8: model: no model named 'drm1-lik' \(did you mean 'drm1-like'\?\)/,
  ],
  'a model file that is not there': ['model: no.yaml\n', 's.yaml:1:8: model: no.yaml: no such file'],
  'a model that is a folder': ['model: ./\n', /^s\.yaml:1:8: model: .*is not a file$/],
  'a model of null characters': ['model: "a\\0.yaml"\n', /^s\.yaml:1:8: model: .*null character$/],
  'an endless name': [
    `model: ${'x'.repeat(50_000)}.yaml\n`,
    /^s\.yaml:1:8: model: x+ … x+\.yaml: the name is too long$/,
  ],
  'an empty table list': [
    'model: empty.yaml\n',
    'empty.yaml:7:13: nets[0].tables: a net needs at least one table',
  ],
  nothing: ['', 's.yaml:1:1: expected a scenario, got null'],
  'a word': ['hello\n', "s.yaml:1:1: expected a scenario, got 'hello'"],
  'a list': ['- model: small.yaml\n', 's.yaml:1:1: expected a scenario, got a list'],
  'aliases that explode': [
    'a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c]\n',
    's.yaml: its aliases (*name) expand to too much',
  ],
  'an alias of itself': [
    'model: small.yaml\nload: &l\n  arrivals: *l\n',
    's.yaml:3:13: load.arrivals: this value contains itself through an alias',
  ],
  'a base that is no scenario': ['extends: list.yaml\n', 'list.yaml:1:1: expected a scenario, got a list'],
};

for (const [title, [text, problem]] of Object.entries(files)) {
  whole(title, async () => {
    folder.write(
      'empty.yaml',
      'name: m\nnets:\n  - name: n\n    dense_features: 4\n    top_mlp: [1]\n    interaction: { kind: cat }\n    tables: []\n',
    );
    folder.write('list.yaml', '- 1\n');
    const message = await problemOf(text);
    if (typeof problem === 'string') assert.is(message, problem);
    else assert.match(message, problem);
  });
}

whole('100 MB are refused unread', async () => {
  const file = folder.write('big.yaml', 'model: small.yaml\n');
  truncateSync(file, 100 * 2 ** 20);
  assert.match(
    await laterMessageOf(() => loadScenario(file)),
    /big\.yaml: is 104857600 bytes; at most 4194304 are read$/,
  );
});

whole('a folder, and a name of nothing', async () => {
  mkdirSync(path('folder.yaml'));
  assert.match(await laterMessageOf(() => loadScenario(path('folder.yaml'))), /is not a file$/);
  assert.match(
    await laterMessageOf(() => loadScenario('scale-oot')),
    /no scenario 'scale-oot' \(did you mean 'scale-out'\?\)/,
  );
  assert.match(await laterMessageOf(() => loadScenario('')), /no scenario ''/);
});

whole('a problem in what was inherited points into the file that states it', async () => {
  folder.write(
    'base.yaml',
    'model: small.yaml\nfleet:\n  main:\n    host: sc-larg\nserving: { batch_size: 0 }\n',
  );
  const child = 'extends: base.yaml\nfleet:\n  sparse: { host: sc-large }\n';
  assert.is(await problemOf(child), 'base.yaml:5:24: serving.batch_size: must be at least 1, got 0');
  const corrected = `${child}serving: { batch_size: 8 }\n`;
  assert.match(await problemOf(corrected), /^base\.yaml:4:11: fleet\.main\.host: unknown host 'sc-larg'/);
  assert.match(
    await problemOf(`${corrected}lod: {}\n`),
    /^s\.yaml:5:1: lod: unknown key 'lod' \(did you mean 'load'/,
  );
});

whole('a circle through other files is found, and says where', async () => {
  folder.write('p.yaml', 'extends: q.yaml\n');
  folder.write('q.yaml', 'seed: 1\nextends: s.yaml\n');
  assert.is(
    await problemOf('extends: p.yaml\n'),
    'q.yaml:2:10: extends: these scenarios extend each other in a circle',
  );
});

whole.run();
