import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadScenario } from '../../scenarios/files.ts';
import { laterMessageOf } from '../input-error.ts';
import { Folder } from './folder.ts';

const folder = new Folder();

const gpus = 'fleet: { main: { host: h100x8 } }';
const singular = 'sharding: { strategy: singular }';
const noAccelerators =
  'the main host sc-large has no accelerators: choose a host that has, such as h100x8 (rankfleet list hardware shows them)';

/** What stands after `model: small.yaml`, and the problem that it has, with its place. */
const cases: Record<string, [text: string, problem: string]> = {
  'tables on a host without accelerators': [
    `serving: { tables_on: accelerator }\n${singular}`,
    `s.yaml:2:23: serving.tables_on: ${noAccelerators}`,
  ],
  'dense operators likewise': [
    'serving: { dense_on: accelerator }',
    `s.yaml:2:22: serving.dense_on: ${noAccelerators}`,
  ],
  'an offload threshold likewise': [
    'serving: { offload_threshold: 5 }',
    `s.yaml:2:31: serving.offload_threshold: ${noAccelerators}`,
  ],
  'streams likewise': ['serving: { streams: 3 }', `s.yaml:2:21: serving.streams: ${noAccelerators}`],
  'accelerators used likewise': [
    'fleet: { main: { accelerators_used: 1 } }',
    `s.yaml:2:37: fleet.main.accelerators_used: ${noAccelerators}`,
  ],
  'more accelerators than there are': [
    'fleet: { main: { host: h100x8, accelerators_used: 9 } }',
    's.yaml:2:51: fleet.main.accelerators_used: h100x8 has 8 accelerators; got 9',
  ],
  'tables on accelerators and sparse shards': [
    `serving: { tables_on: accelerator }\n${gpus}\nsharding: { strategy: nsbp, shards: 2 }`,
    's.yaml:4:23: sharding.strategy: tables_on: accelerator needs strategy: singular, got nsbp; sparse shards keep their tables in host memory',
  ],
  'tables on accelerators, dense operators on cores': [
    `serving: { tables_on: accelerator, dense_on: cpu }\n${gpus}\n${singular}`,
    's.yaml:2:46: serving.dense_on: tables on accelerators need dense_on: accelerator',
  ],
  'streams of accelerators that idle': [
    `serving: { dense_on: cpu, streams: 2 }\n${gpus}`,
    's.yaml:2:36: serving.streams: has no effect: dense_on: cpu leaves the accelerators idle',
  ],
  'tables shared by one': [
    'serving: { tables_on: accelerator, accelerator_tables: sharded }\nfleet: { main: { host: h100x8, accelerators_used: 1 } }\n' +
      singular,
    's.yaml:2:56: serving.accelerator_tables: one accelerator has nobody to share tables with: use replicated or cached, or more accelerators',
  ],
  'a way of holding tables that are not there': [
    `serving: { accelerator_tables: cached }\n${gpus}`,
    's.yaml:2:32: serving.accelerator_tables: has no effect without tables_on: accelerator',
  ],
  'memory reserved for tables that are not there': [
    'fleet: { main: { host: h100x8 }, accelerator_reserved: 5 % }',
    's.yaml:2:56: fleet.accelerator_reserved: has no effect without tables_on: accelerator',
  ],
  'a cache policy without a cache': [
    `serving: { tables_on: accelerator, cache_policy: lru }\n${gpus}\n${singular}`,
    's.yaml:2:50: serving.cache_policy: has no effect without tables_on: accelerator and accelerator_tables: cached',
  ],
  'a cache larger than the memory': [
    `serving: { tables_on: accelerator, accelerator_tables: cached, accelerator_cache: 79 GB }\n${gpus}\n${singular}`,
    's.yaml:2:83: serving.accelerator_cache: an h100-sxm has 72.0 GB for tables',
  ],
  'an unknown way': [
    `serving: { tables_on: accelerator, accelerator_tables: shardd }\n${gpus}\n${singular}`,
    "s.yaml:2:56: serving.accelerator_tables: expected one of replicated, sharded, cached, got 'shardd' (did you mean 'sharded'?)",
  ],
  'batches of nothing': [
    'serving: { dynamic_batching: { max_candidates: 0 } }',
    's.yaml:2:48: serving.dynamic_batching.max_candidates: must be at least 1, got 0',
  ],
  'batches without a limit': [
    'serving: { dynamic_batching: { max_wait: 1 ms } }',
    's.yaml:2:12: serving.dynamic_batching.max_candidates: required, but missing: a whole number',
  ],
  'a wait without its unit': [
    'serving: { dynamic_batching: { max_candidates: 5, max_wait: 3 } }',
    "s.yaml:2:61: serving.dynamic_batching.max_wait: expected a time with its unit, such as '30 ms', got 3",
  ],
};

const bad = suite('bad scenarios: accelerators and batching');

for (const [title, [text, problem]] of Object.entries(cases)) {
  bad(title, async () => {
    const file = folder.write('s.yaml', `model: small.yaml\n${text}\n`);
    const message = await laterMessageOf(() => loadScenario(file));
    assert.is(message.replaceAll(`${folder.path}/`, ''), problem);
  });
}

bad.run();

const implied = suite('defaults of accelerators');

implied('are listed where accelerators serve, and only there', async () => {
  const defaultsOf = async (text: string) => {
    const file = folder.write('s.yaml', `model: small.yaml\n${text}\n`);
    return Object.fromEntries((await loadScenario(file)).defaults.map(({ path, value }) => [path, value]));
  };
  const cached = await defaultsOf(
    `serving: { tables_on: accelerator, accelerator_tables: cached }\n${gpus}\n${singular}`,
  );
  assert.is(cached['serving.streams'], 2);
  assert.is(cached['serving.cache_policy'], 'static');
  assert.is(cached['fleet.accelerator_reserved'], '10 %');
  assert.is(cached['fleet.main.accelerators_used'], 8);
  assert.is(cached['serving.tables_on'], undefined);
  const onCores = await defaultsOf('fleet: { main: { host: sc-large } }');
  assert.equal(
    Object.keys(onCores).filter((path) => /accelerator|streams|cache/.test(path)),
    [],
  );
});

implied.after(() => folder.remove());
implied.run();
