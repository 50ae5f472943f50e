import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../foundation/problem.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import { loadScenario } from '../../scenarios/files.ts';
import { scenarioOf } from '../serving/scenarios.ts';

const workloads = suite('mix: workloads of a scenario');

const arms = `arms:
  - name: large
    fleet: { main: { host: sc-large } }
  - name: gpu
    fleet: { main: { host: h100x8 } }
    serving: { streams: 4 }
`;

const pairNames = ({ arms: all }: ResolvedScenario) => all.map(({ name }) => name);

async function problemsOf(yaml: string): Promise<string[]> {
  try {
    await scenarioOf(yaml);
  } catch (error) {
    if (error instanceof InputError) {
      return error.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
    }
    throw error;
  }
  return [];
}

workloads('change the scenario before its arms do, and each pair is an arm', async () => {
  const scenario = await scenarioOf(`
sla: { latency: 30 ms }
serving: { batch_size: 10 }
plan:
  workloads:
    - { name: one, model: tiny, target: 100 QPS }
    - { name: two, model: tiny, target: 50 QPS, pooling_scale: 2, serving: { batch_size: 20, streams: 8 }, sla: { percentile: p95, latency: 5 ms }, max_alternatives: 1, alternatives: [gpu] }
${arms}`);
  assert.equal(pairNames(scenario), ['one on large', 'one on gpu', 'two on gpu']);
  const [one, two] = scenario.workloads!;
  assert.equal([one.targetPerS, two.targetPerS], [100, 50]);
  assert.equal(one.sla, { percentile: 'p99', limitS: 0.03 });
  assert.equal(two.sla, { percentile: 'p95', limitS: 0.005 });
  assert.is(two.maxAlternatives, 1);
  assert.equal(
    one.pairs.map(({ arm }) => arm?.serving.batch_size),
    [10, 10],
  );
  // The arm has the last word.
  assert.is(two.pairs[0].arm?.serving.streams, 4);
  assert.is(two.pairs[0].arm?.serving.batch_size, 20);
  assert.is(two.pairs[0].arm?.poolingScale, 2);
});

workloads('that contradict an arm leave an impossible pair with its reason', async () => {
  const scenario = await scenarioOf(`
model: tiny
sla: { latency: 30 ms }
plan:
  workloads:
    - { name: plain, target: 1 QPS }
    - { name: onGpu, target: 1 QPS, serving: { tables_on: accelerator }, sharding: { strategy: singular } }
${arms}`);
  const [, { pairs }] = scenario.workloads!;
  assert.is(pairs[0].arm, undefined);
  assert.match(pairs[0].problem!, 'sc-large has no accelerators');
  assert.ok(pairs[1].arm);
  assert.equal(pairNames(scenario), ['plain on large', 'plain on gpu', 'onGpu on gpu']);
});

workloads(
  'whose every arm contradicts them, and arms that contradict every workload, are mistakes',
  async () => {
    const noGpu = await problemsOf(`
model: tiny
sla: { latency: 30 ms }
plan:
  workloads:
    - name: gpus
      target: 1 QPS
      serving: { tables_on: accelerator }
      sharding: { strategy: singular }
arms:
  - name: large
    fleet: { main: { host: sc-large } }
`);
    assert.equal(noGpu.length, 1);
    assert.match(
      noGpu[0],
      /^8: plan\.workloads\[0\]\.serving\.tables_on: the main host sc-large has no accelerators/,
    );
    const badArm = await problemsOf(`
model: tiny
sla: { latency: 30 ms }
plan: { workloads: [{ name: a, target: 1 QPS }, { name: b, target: 1 QPS }] }
arms:
  - name: large
  - { name: typo, fleet: { main: { host: sc-larg } } }
`);
    assert.equal(badArm.length, 1);
    assert.match(badArm[0], /^7: arms\[1\]\.fleet\.main\.host: .*did you mean 'sc-large'/);
  },
);

workloads('that a device lacks kernels for get a tier in front, with the reason', async () => {
  const mtia = `arms:
  - { name: cpu, fleet: { main: { host: sc-large } } }
  - name: mtia
    fleet: { main: { host: mtia-v2ix24 } }
    serving: { tables_on: accelerator, batch_size: whole-request }
`;
  const ads = (more: string) => `sla: { latency: 60 ms }
sharding: { strategy: singular }
plan: { workloads: [{ name: ads, model: ads-ranking-like, target: 1 kQPS${more} }] }
${mtia}`;
  const [, { arm, note }] = (await scenarioOf(ads(''))).workloads![0].pairs;
  assert.is(arm?.preprocessing?.tier?.host.name, 'sc-large');
  assert.match(
    note!,
    /mtia-v2i has no kernel for map-id.*sc-large preprocess in front.*10\.0 ms to 20\.0 ms/,
  );
  const [cpu] = (await scenarioOf(ads(''))).workloads![0].pairs;
  assert.is(cpu.arm?.preprocessing?.tier, undefined);
  assert.is(cpu.note, undefined);
  const own = await scenarioOf(ads(', fleet: { preprocessing: { host: epyc-9755-2s } }'));
  assert.is(own.workloads![0].pairs[1].arm?.preprocessing?.tier?.host.name, 'epyc-9755-2s');
  // What the scenario rules out is not done for it.
  const refused = await problemsOf(ads(', serving: { preprocessing_on: main }'));
  assert.match(refused[0], /mtia-v2i has no kernel for map-id/);
});

const bad: [what: string, yaml: string, message: RegExp][] = [
  [
    'an unknown field',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  workloads:\n    - { name: a, target: 1 QPS, servng: {} }',
    /^5: plan\.workloads\[0\]\.servng: unknown key 'servng' \(did you mean 'serving'\?\)/,
  ],
  [
    'a value out of range',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  workloads:\n    - { name: a, target: 1 QPS, serving: { batch_size: -1 } }',
    /^5: plan\.workloads\[0\]\.serving\.batch_size: /,
  ],
  [
    'a missing target',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  workloads:\n    - { name: a }',
    /^5: plan\.workloads\[0\]\.target: required/,
  ],
  [
    'a missing model',
    'sla: { latency: 1 s }\nplan:\n  workloads:\n    - { name: a, target: 1 QPS }',
    /^4: plan\.workloads\[0\]\.model: required/,
  ],
  [
    'no sla anywhere',
    'model: tiny\nplan:\n  workloads:\n    - { name: a, target: 1 QPS }',
    /^4: plan\.workloads\[0\]: workload 'a' has no sla/,
  ],
  [
    'two of one name',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  workloads:\n    - { name: a, target: 1 QPS }\n    - { name: a, target: 2 QPS }',
    /^6: plan\.workloads\[1\]\.name: two workloads are called 'a'/,
  ],
  [
    'an alternative that is no arm',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  workloads:\n    - { name: a, target: 1 QPS, alternatives: [lagre] }\narms: [{ name: large }]',
    /^5: plan\.workloads\[0\]\.alternatives\[0\]: no arm is called 'lagre' \(did you mean 'large'\?\)/,
  ],
  [
    'what is asked of one model only',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  target: 5 QPS\n  workloads:\n    - { name: a, target: 1 QPS }',
    /^4: plan\.target: has no place beside workloads/,
  ],
  [
    'no workload at all',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  workloads: []',
    /^4: plan\.workloads: list at least one workload/,
  ],
  [
    'a stock of hosts that nobody knows',
    'model: tiny\nsla: { latency: 1 s }\nplan:\n  stock: { sc-larg: 3 }\n  workloads: [{ name: a, target: 1 QPS }]',
    /^4: plan\.stock\.sc-larg: .*did you mean 'sc-large'/,
  ],
];

for (const [what, yaml, message] of bad) {
  workloads(`say where the mistake is: ${what}`, async () => {
    const problems = await problemsOf(yaml);
    assert.is(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], message);
  });
}

workloads('of the library resolve, with one pair for each that is possible', async () => {
  const scenario = await loadScenario('fleet-mix');
  assert.is(scenario.workloads!.length, 3);
  assert.is(
    scenario.arms.length,
    scenario.workloads!.flatMap(({ pairs }) => pairs.filter(({ arm }) => arm)).length,
  );
});

workloads.run();
