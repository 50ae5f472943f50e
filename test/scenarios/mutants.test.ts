import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import { loadScenario } from '../../scenarios/files.ts';
import { planScenario } from '../../sim/run.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { Folder, smallModel, smallScenario } from './folder.ts';

const catalogue = (name: string) =>
  readFileSync(join(packageRoot, `hardware-profiles/catalogue/${name}.yaml`), 'utf8');

/** Files that work together; one of them is damaged at a time. */
const valid: Record<string, string> = {
  'scenario.yaml': smallScenario
    .replace('version: 1', 'version: 1\nextends: base.yaml\nsla: { percentile: p99, latency: 30 ms }')
    .replace('{ host: sc-large, workers: 4 }', '{ host: host.yaml, workers: 4 }\n  network: network.yaml')
    .concat(`  - name: mine
    sharding: { placement: placement.json }
  - name: recorded
    load: { arrivals: { kind: trace, file: trace.csv } }
  - name: split
    sharding: { strategy: load-balanced, shards: 3, row_wise: [a], column_wise: { b: 2 } }
    fleet: { sparse: { replicas: [1, 2, 1] } }
  - vary: { sharding.strategy: [nsbp, size-greedy], pooling_scale: [0.5] }
`),
  'base.yaml':
    'seed: 5\nload:\n  warm_up: 10 %\nfleet: { dram_reserved: 20 %, sparse: { host: sc-small } }\n',
  'small.yaml': smallModel.concat(
    '      - { name: u, num_embeddings: 50, embedding_dim: 4, pooling_factor: 2, presence: 0.5, level: user }\n',
  ),
  'host.yaml': catalogue('hosts/sc-large').replace('cpu: skylake-20c', 'cpu: device.yaml'),
  'device.yaml': catalogue('devices/skylake-20c'),
  'network.yaml': catalogue('networks/datacentre-tcp'),
  'trace.csv': 'timestamp_s,candidates,lookups:a\n0,3,4\n0.1,64,2\n0.2,5,0\n0.9,7,1.5\n',
  'placement.json': JSON.stringify(
    {
      version: 1,
      strategy: 'mine',
      shards: [
        { tables: ['a', 'g-0', 'g-1'].map((name) => ({ name, sharding_type: 'table_wise' })) },
        { tables: ['b', 'g-2', 'g-3', 'u'].map((name) => ({ name, sharding_type: 'table_wise' })) },
      ],
    },
    null,
    1,
  ),
};

const odd = [
  'null',
  '.nan',
  '-1',
  '0',
  '1e309',
  '-.inf',
  "''",
  '[]',
  '{}',
  '1024',
  '9007199254740993',
  '1e15',
  '0.5',
  'true',
  '2 ms',
  '-3 GB',
  '1e300 s',
  '100 %',
  '{ kind: poisson }',
  '{ kind: fixed, value: 3 }',
  '{ __proto__: 1 }',
  '*x',
  '&x 1',
  '!t 1',
  '"\\0"',
  'x'.repeat(5000),
  '['.repeat(10_000),
  `${'{a: '.repeat(200)}1${'}'.repeat(200)}`,
  '\ud800',
  '😀',
  '2020-01-01',
  '0x10',
  '1_000',
  '~',
  '../',
  '/',
  '.',
  '\t',
  'constructor',
  'toString',
  'singular',
  'best',
];

/** A damage: takes a text and returns another, whatever the text is. */
const damage: fc.Arbitrary<(text: string) => string> = fc.oneof(
  lines((all, a) => all.toSpliced(a, 1)),
  lines((all, a, b) => all.toSpliced(b, 0, all[a])),
  lines((all, a, b) => all.with(a, all[b]).with(b, all[a])),
  lines((all, a, b) => all.with(a, ' '.repeat(b % 9) + all[a].trimStart())),
  fc.tuple(fc.nat(), fc.constantFrom(...odd)).map(
    ([n, value]) =>
      (text: string) =>
        replaceValue(text, n, value),
  ),
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom('__proto__', 'constructor', '<<', '?', 'kind', 'x'.repeat(3000), '"a": 1, b'),
    )
    .map(
      ([n, key]) =>
        (text: string) =>
          replaceKey(text, n, key),
    ),
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom(...'{}[]:,#&*!|>\'"%@`-?.\0\t\r\n019eE ~\\', '\ufeff', '\u2028', '\uffff'),
    )
    .map(([n, character]) => (text: string) => {
      const at = n % text.length;
      return text.slice(0, at) + character + text.slice(at + 1);
    }),
  fc.nat().map((n) => (text: string) => text.slice(0, n % text.length)),
);

function lines(
  change: (all: string[], a: number, b: number) => string[],
): fc.Arbitrary<(text: string) => string> {
  return fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => (text) => {
    const all = text.split('\n');
    return change(all, a % all.length, b % all.length).join('\n');
  });
}

/** Replaces the n-th value: what stands after a colon or a comma, up to the next delimiter. */
function replaceValue(text: string, n: number, value: string): string {
  const all = [...text.matchAll(/(?<=[:,[] ?)[^\s:,{}[\]][^,{}[\]\n]*/g)];
  if (all.length === 0) return value;
  const { index, 0: old } = all[n % all.length];
  return text.slice(0, index) + value + text.slice(index + old.length);
}

function replaceKey(text: string, n: number, key: string): string {
  const all = [...text.matchAll(/"?\w+"?(?=:)/g)];
  if (all.length === 0) return key;
  const { index, 0: old } = all[n % all.length];
  return text.slice(0, index) + key + text.slice(index + old.length);
}

/** Most seconds that a mutant may take: a hang, not slowness, is what is looked for. */
const patienceS = 20;

const mutants = suite('mutants');
const folder = new Folder();
mutants.after(() => folder.remove());

for (const [index, name] of Object.keys(valid).entries()) {
  mutants(`of ${name} load or are refused as bad input, and plan or are refused`, async () => {
    writeAll();
    const damages = fc.array(damage, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(damages, async (all) => {
        const text = all.reduce((damaged, change) => change(damaged || ' '), valid[name]);
        folder.write(name, text);
        const started = performance.now();
        await loadAndPlan(
          folder.write('scenario.yaml', name === 'scenario.yaml' ? text : valid['scenario.yaml']),
        );
        const seconds = (performance.now() - started) / 1000;
        assert.ok(seconds < patienceS, `took ${seconds} s`);
      }),
      { seed: 100 + index, numRuns: 80, endOnFailure: false },
    );
  });
}

mutants('the undamaged files load, plan and simulate', async () => {
  writeAll();
  assert.is(await loadAndPlan(join(folder.path, 'scenario.yaml')), 'answered');
});

mutants.run();

function writeAll(): void {
  for (const [file, text] of Object.entries(valid)) folder.write(file, text);
}

/** Anything but an answer or an InputError with a message is a bug. */
async function loadAndPlan(file: string): Promise<'answered' | 'refused'> {
  try {
    const scenario = await loadScenario(file);
    for (const entry of await planScenario(scenario)) {
      if ('plan' in entry && isCheap(scenario)) simulate(entry.plan);
    }
    return 'answered';
  } catch (error) {
    assert.instance(error, InputError, (error as Error).stack ?? String(error));
    assert.ok((error as Error).message.length > 5 && (error as Error).message.length < 25_000);
    return 'refused';
  }
}

function isCheap({ arms }: ResolvedScenario): boolean {
  return arms.every(({ load, model, sharding }) => {
    const { kind } = load.candidates;
    return kind === 'fixed' && load.candidates.value < 1000 && model.nets.length < 5 && sharding.shards < 20;
  });
}

function simulate(plan: Parameters<typeof simulateReplication>[0]): void {
  const load = { ...plan.arm.load, requests: 5 };
  const outcome = simulateReplication({ ...plan, arm: { ...plan.arm, load } }, { seed: 1, replication: 0 });
  assert.ok(outcome);
}
