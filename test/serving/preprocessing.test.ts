import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost, loadNetwork } from '../../hardware-profiles/files.ts';
import type { Host } from '../../hardware-profiles/profile.ts';
import type { Model } from '../../models/model.ts';
import { acceleratorUnit, type CostUnit, coreUnit } from '../../sim/cost/cost-unit.ts';
import { kernelGapsOf } from '../../sim/kernel-gaps.ts';
import { at, components } from '../../sim/serving/components.ts';
import { DemandRecord } from '../../sim/serving/demand-record.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { modelOf } from '../models/fixtures.ts';
import { answer, armOf, near, scenarioOf, simulate, sum, tiny, tinyModel, use } from './scenarios.ts';

fc.configureGlobal({ includeErrorInReport: true });

/** The tiny model behind transforms of which MTIA v2i lacks one. */
const transforms = modelOf(`name: transforms
nets:
  - {name: n, dense_features: 0, tables: [{name: t, num_embeddings: 9, embedding_dim: 4}], interaction: {kind: cat}, top_mlp: [1]}
preprocessing:
  - {operator: map-id, features: 8, values_per_user: 100, values_per_candidate: 4, table_ids: 4095}
  - {operator: hash, features: 5, values_per_candidate: 2, rows: 1000, fused: false}
`).preprocessing!;
const model: Model = { ...tinyModel, preprocessing: transforms };

const candidates = 96;

/** The time of both transforms on a unit, five launches of the second. */
const transformS = (unit: CostUnit, size = candidates) =>
  sum(transforms.map((operator) => operator.launches * unit.operator(operator, size).seconds));

/** Bytes of a request that is ready for the nets: per net 3 × 5 rows a candidate and 20 of the user, 4 lengths, 16 features. */
const requestBytes = (size: number) => 2 * (8 * (15 * size + 20) + 4 * (3 * size + 1) + 4 * 16 * size);

const network = loadNetwork('localhost');
const messageS = (bytes: number) => network.perMessageCpuS.value + bytes * network.perByteCpuSPerByte.value;

const lone = (rest: string, size: number | string = candidates) =>
  tiny(`
load: {candidates: {kind: fixed, value: ${size}}, requests: 30}
sharding: {strategy: singular}
${rest}`);

const onTier = (host: string, serving = '', fleet = '') =>
  `serving: {batch_size: whole-request, preprocessing_on: tier, split_overhead: {from: 12 ms, to: 12 ms}${serving}}
fleet: {main: {host: ${host}}, preprocessing: {host: sc-small, replicas: 1}, network: localhost${fleet}}`;

const onMain = (host: string, serving = '') =>
  `serving: {batch_size: whole-request${serving}}
fleet: {main: {host: ${host}}, network: localhost}`;

/** What a tier adds to a lone request whose preprocessing took `mainS` on the main host. */
function splitS(main: Host, tier: Host, mainS: number, roundTripS: number): number {
  const [there, back] = [requestBytes(candidates), 4 * candidates];
  const wireS = (bytes: number) => bytes / Math.min(main.nicBytesPerS.value, tier.nicBytesPerS.value);
  const cpuS = 2 * messageS(there) + 2 * messageS(back) + 2 * 25e-6;
  return 12e-3 + cpuS + wireS(there) + wireS(back) + roundTripS + transformS(coreUnit(tier)) - mainS;
}

const split = suite('serving: preprocessing on a tier in front');

split('adds its overhead, its messages and its own work to a lone request: CPU hosts', async () => {
  const [main, tier] = [loadHost('sc-large'), loadHost('sc-small')];
  const together = (await simulate(lone(onMain('sc-large')), { model })).outcome;
  const apart = (await simulate(lone(onTier('sc-large')), { model })).outcome;
  const mainS = transformS(coreUnit(main));
  near(together.typical[at.preprocessing], mainS, 1e-6);
  near(apart.typical[at.preprocessing], transformS(coreUnit(tier)), 1e-6);
  near(apart.typical[at.tierOverhead], 12e-3, 1e-9);
  near(
    apart.typical[at.tierSerialisation],
    2 * messageS(requestBytes(candidates)) + 2 * messageS(4 * candidates),
    1e-6,
  );
  // Round trips are random: what the network adds beyond both wires is theirs.
  const bytes = requestBytes(candidates) + 4 * candidates;
  const roundTripS = apart.typical[at.tierNetwork] - bytes / tier.nicBytesPerS.value;
  assert.ok(roundTripS > 0);
  const [a, b] = [sum(together.typical), sum(apart.typical)];
  near(b - a, splitS(main, tier, mainS, roundTripS), 1e-6);
  for (const part of ['dense', 'sparse', 'rpcService', 'netOverhead'] as const) {
    near(apart.typical[at[part]], together.typical[at[part]], 1e-9);
  }
});

split('adds the same to accelerators that hold the tables, whose copies carry what is ready', async () => {
  const host = loadHost('h100x8');
  const unit = acceleratorUnit(host);
  const tables = ', tables_on: accelerator';
  const together = (await simulate(lone(onMain('h100x8', tables)), { model })).outcome;
  const apart = (await simulate(lone(onTier('h100x8', tables)), { model })).outcome;
  near(together.typical[at.preprocessing], transformS(unit), 1e-6);
  const ready = 4 * (2 * (15 * candidates + 20)) + 4 * 32 * candidates;
  const of = (bytes: 'inputBytes' | 'outputBytes') =>
    sum(transforms.map((operator) => operator[bytes].fixed + operator[bytes].perCandidate * candidates));
  const raw = of('inputBytes') + Math.max(0, ready - of('outputBytes'));
  const outS = unit.copyOut(4 * candidates).seconds;
  near(apart.typical[at.copy], unit.copyIn(ready).seconds + outS, 1e-6);
  near(together.typical[at.copy], unit.copyIn(raw).seconds + outS, 1e-6);
  near(together.acceleratorS - apart.acceleratorS, transformS(unit), 1e-6);
  const roundTripS =
    apart.typical[at.tierNetwork] -
    (requestBytes(candidates) + 4 * candidates) / loadHost('sc-small').nicBytesPerS.value;
  const copyS = together.typical[at.copy] - apart.typical[at.copy];
  near(
    sum(apart.typical) - sum(together.typical),
    splitS(host, loadHost('sc-small'), transformS(unit) + copyS, roundTripS),
    1e-6,
  );
});

split('takes its CPU, its bytes and its hosts', async () => {
  const result = await answer(
    `${lone('', candidates).replace('requests: 30', 'requests: 300, arrivals: {kind: poisson, rate: 100 QPS}')}
replications: 2
arms:
  - ${JSON.stringify({ name: 'main', serving: { batch_size: 'whole-request' } })}
  - name: tier
    serving: {batch_size: whole-request, preprocessing_on: tier}
    fleet: {preprocessing: {host: sc-small, replicas: 3, workers: 4}}
`,
    model,
  );
  const [main, tier] = [armOf(result, 'main'), armOf(result, 'tier')];
  const small = loadHost('sc-small');
  assert.is(main.preprocessing!.on, 'main');
  assert.is(main.fleet.preprocessingHosts, undefined);
  assert.is(main.measured.computeS.tierCpu, undefined);
  assert.is(tier.preprocessing!.on, 'tier');
  assert.equal(tier.preprocessing!.overheadS, { from: 0.01, to: 0.02, evidence: 'recollected' });
  assert.equal([tier.fleet.preprocessingHost, tier.fleet.preprocessingHosts], ['sc-small', 3]);
  near(tier.fleet.pricePerHourUsd - main.fleet.pricePerHourUsd, 3 * small.pricePerHourUsd.value);
  near(tier.fleet.dramBytes - main.fleet.dramBytes, 3 * small.dramBytes.value);
  const watts = tier.fleet.powerW! - main.fleet.powerW!;
  assert.ok(watts > 2.9 * small.powerIdleW.value && watts < 3 * small.powerBusyW.value, `${watts}`);
  // TCP, the default: 20 µs a message and 0.25 ns a byte.
  const cpuS = 2 * 25e-6 + 2 * 20e-6 + (requestBytes(candidates) + 4 * candidates) * 0.25e-9;
  near(tier.measured.computeS.tierCpu!.mean, cpuS + transformS(coreUnit(small)), 1e-6);
  near(tier.measured.networkBytesPerRequest.mean, requestBytes(candidates) + 4 * candidates);
  const cores = tier.measured.utilisation.find(
    ({ group, resource }) => group === 'preprocessing' && resource === 'cores',
  )!;
  near(cores.offered!.mean, (tier.measured.computeS.tierCpu!.mean * 100) / 12, 1e-6);
  for (const { from, to } of [tier.preprocessing!.overheadS!]) {
    const overhead = tier.measured.breakdownS.typical.tierOverhead;
    assert.ok(overhead > from && overhead < to);
  }
});

split('that is too small is where requests pile up', async () => {
  const cpuS = transformS(coreUnit(loadHost('sc-small')));
  const { outcome } = await simulate(
    lone(`serving: {batch_size: whole-request, preprocessing_on: tier, rpc_service: 0 s, split_overhead: {from: 0 s, to: 0 s}}
fleet: {preprocessing: {host: sc-small, workers: 1}, network: localhost}`).replace(
      'requests: 30',
      `requests: 400, warm_up: 0 %, arrivals: {kind: deterministic, rate: ${2 / cpuS} /s}`,
    ),
    { model },
  );
  const cores = outcome.resources.find(
    ({ group, resource }) => group === 'preprocessing' && resource === 'cores',
  )!;
  assert.ok(cores.offered! > 1, `${cores.offered}`);
  assert.ok(use(outcome, 'preprocessing', 'cores') > 0.9);
  assert.ok(outcome.tail[at.tierQueue] > 150 * cpuS);
});

split('is drawn anew for each request, the same in every arm', async () => {
  const arm = (overhead: string) =>
    lone(`serving: {preprocessing_on: tier, split_overhead: ${overhead}}`).replace(
      'requests: 30',
      'requests: 2000',
    );
  const { outcome: wide } = await simulate(arm('{from: 10 ms, to: 20 ms}'), { model });
  const { outcome: none } = await simulate(arm('{from: 0 s, to: 0 s}'), { model });
  const spread = (p: 'p50' | 'p90' | 'p99') => wide.percentiles[p] - none.percentiles.p50;
  near(spread('p50'), 15e-3, 0.03);
  near(spread('p90'), 19e-3, 0.03);
  near(wide.mean - none.mean, 15e-3, 0.01);
});

split.run();

const kernels = suite('serving: missing kernels');

const problem = (lines: string, of = model) =>
  scenarioOf(tiny(`load: {requests: 10}\nsharding: {strategy: singular}\n${lines}`), of).then(
    () => '',
    (error: Error) => error.message,
  );

kernels('of preprocessing ask for a tier, and move all of it there', async () => {
  const message = await problem('fleet: {main: {host: mtia-v2ix24}}');
  assert.match(
    message,
    /^scenario\.yaml:5:\d+: fleet\.main\.host: mtia-v2i has no kernel for map-id, which the /,
  );
  for (const field of [
    'fleet.preprocessing: { host: sc-large',
    'preprocessing_on: tier',
    'assume_kernels: [map-id]',
  ])
    assert.ok(message.includes(field), field);
  assert.match(
    await problem('serving: {preprocessing_on: main}\nfleet: {main: {host: mtia-v2ix24}}'),
    /:5:\d+: serving\.preprocessing_on: mtia-v2i has no kernel for map-id/,
  );
  assert.match(
    await problem('serving: {split_overhead: {from: 1 ms}}', tinyModel),
    /:5:\d+: serving\.split_overhead: has no effect: model \S+ has no preprocessing/,
  );
  for (const ok of [
    'serving: {preprocessing_on: tier}\nfleet: {main: {host: mtia-v2ix24}}',
    'fleet: {main: {host: mtia-v2ix24}, preprocessing: {host: sc-small}}',
    'serving: {assume_kernels: [map-id]}\nfleet: {main: {host: mtia-v2ix24}}',
    'serving: {dense_on: cpu}\nfleet: {main: {host: mtia-v2ix24}}',
    'fleet: {main: {host: h100x8}}',
  ]) {
    assert.is(await problem(ok), '', ok);
  }
  const { arms } = await scenarioOf(
    tiny(
      'sharding: {strategy: singular}\nfleet: {main: {host: mtia-v2ix24}, preprocessing: {host: sc-small}}',
    ),
    model,
  );
  assert.equal(arms[0].preprocessing!.missing, ['map-id']);
  assert.is(arms[0].preprocessing!.tier!.host.name, 'sc-small');
  assert.equal(
    kernelGapsOf(arms[0]).map(({ kernel, answer }) => [kernel, answer]),
    [
      ['map-id', 'tier'],
      ['merge-bucketised-dense', 'unused'],
    ],
  );
});

kernels('of a host that has all of them leave a stated tier idle, for arms that need it', async () => {
  const { arms } = await scenarioOf(
    tiny('sharding: {strategy: singular}\nfleet: {main: {host: h100x8}, preprocessing: {host: sc-small}}'),
    model,
  );
  assert.is(arms[0].preprocessing!.tier, undefined);
});

kernels('that are assumed must be missing, and have known names', async () => {
  assert.match(
    await problem('serving: {assume_kernels: [map-id, hash]}\nfleet: {main: {host: mtia-v2ix24}}'),
    /:5:\d+: serving\.assume_kernels\[1\]: has no effect: mtia-v2i has a kernel for hash; it lacks map-id, merge-/,
  );
  assert.match(await problem('serving: {assume_kernels: [mapid]}'), /did you mean 'map-id'/);
  assert.match(
    await problem('serving: {preprocessing_on: tier}', tinyModel),
    /has no effect: model tiny has no preprocessing/,
  );
  assert.match(
    await problem('serving: {split_overhead: {from: 1 ms, to: 2 ms}}'),
    /split_overhead: has no effect/,
  );
  assert.match(
    await problem('serving: {preprocessing_on: tier, split_overhead: {from: 3 ms, to: 2 ms}}'),
    /split_overhead: from 3\.00 ms to 2\.00 ms is no range/,
  );
  assert.match(
    await problem('fleet: {preprocessing: {workers: 999}}\nserving: {preprocessing_on: tier}'),
    /fleet\.preprocessing\.workers: a worker holds a core/,
  );
});

kernels('of dense operators or lookups refuse the device', async () => {
  const without = (kernel: 'gemm' | 'concat' | 'embedding-bag'): Host => {
    const host = loadHost('mtia-v2ix24');
    const { accelerators } = host;
    const missingKernels = [{ operator: kernel, evidence: 'assumed' as const, source: 'this test' }];
    return {
      ...host,
      accelerators: { ...accelerators!, device: { ...accelerators!.device, missingKernels } },
    };
  };
  const refused = (kernel: 'gemm' | 'concat' | 'embedding-bag', serving: string) =>
    problemOn(without(kernel), serving);
  assert.match(
    await refused('gemm', ''),
    /fleet\.main\.host: mtia-v2i has no kernel for gemm, which 8 operators of model transforms-less need: dense operators and lookups are not split off.*dense_on: cpu.*assume_kernels: \[gemm\]/,
  );
  assert.is(await refused('embedding-bag', ''), '');
  assert.match(
    await refused('embedding-bag', 'tables_on: accelerator'),
    /no kernel for embedding-bag, which the lookups of its tables of model/,
  );
  assert.is(await refused('gemm', 'dense_on: cpu'), '');
  assert.is(await refused('gemm', 'assume_kernels: [gemm]'), '');
});

kernels('take what others measured for them, once they are written', async () => {
  const unit = acceleratorUnit(loadHost('mtia-v2ix24'));
  const [mapId] = transforms;
  const time = unit.operator(mapId, 10_000);
  assert.is(time.evidence, 'published');
  near(time.seconds, (800 + 32 * 10_000) * 39.8e-9, 1e-9);
  near(unit.operator(mapId, 10).seconds, 0.52e-3, 1e-9);
});

kernels.run();

async function problemOn(host: Host, serving: string): Promise<string> {
  const { resolveScenario } = await import('../../scenarios/resolve.ts');
  const { parseYaml } = await import('../../foundation/document.ts');
  const unused = () => assert.unreachable('no such file in this test') as never;
  const library = {
    model: () => ({ ...tinyModel, name: 'transforms-less' }),
    host: (name: string) => (name === host.name ? host : loadHost(name)),
    network: (name: string) => loadNetwork(name),
    placement: unused,
    trace: unused,
    constants: unused,
  };
  const yaml = `model: tiny\nserving: {${serving}}\nfleet: {main: {host: ${host.name}}}\nsharding: {strategy: singular}\n`;
  return resolveScenario(parseYaml(yaml, 'scenario.yaml'), library, 'test').then(
    () => '',
    (error: Error) => error.message,
  );
}

const invariants = suite('serving: preprocessing in random scenarios');

const requests = 50;

const scenario = fc
  .record({
    arrivals: fc.constantFrom(
      '{kind: serial}',
      '{kind: poisson, rate: 50 /s}',
      '{kind: poisson, rate: 20000 /s}',
      '{kind: closed, clients: 5, think_time: 1 ms}',
    ),
    size: fc.constantFrom(
      '{kind: fixed, value: 1}',
      '{kind: lognormal, median: 150, sigma: 1.2}',
      '{kind: choices, values: [1, 64, 65, 900], weights: [4, 2, 2, 1]}',
    ),
    main: fc.constantFrom(
      '{host: sc-large, replicas: 2}',
      '{host: h100x8}',
      '{host: mtia-v2ix24, accelerators_used: 2, replicas: 2}',
    ),
    serving: fc.constantFrom(
      'batch_size: 64',
      'batch_size: whole-request, scheduling: continuations-first',
      'dynamic_batching: {max_candidates: 500}',
      'dynamic_batching: {max_candidates: 300, max_wait: 1 ms}',
    ),
    tables: fc.constantFrom(
      '',
      ', tables_on: accelerator',
      ', tables_on: accelerator, accelerator_tables: sharded',
      ', tables_on: accelerator, accelerator_tables: cached, accelerator_cache: 50 MB',
      ', offload_threshold: 100',
    ),
    shards: fc.constantFrom('{strategy: singular}', '{strategy: load-balanced, shards: 3}'),
    policy: fc.constantFrom('random', 'round-robin', 'least-outstanding', 'power-of-two'),
    replicas: fc.integer({ min: 1, max: 3 }),
    workers: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(1e6),
  })
  .map(({ main, tables, shards, ...drawn }) => {
    const isCpu = main.includes('sc-large');
    const onDevice = tables.includes('tables_on');
    const written = main.includes('mtia') ? ', assume_kernels: [map-id]' : '';
    const offload = isCpu ? '' : tables;
    return `
model: tiny
seed: ${drawn.seed}
replications: 2
load: {arrivals: ${drawn.arrivals}, candidates: ${drawn.size}, requests: ${requests}, warm_up: 0 %}
serving: {${drawn.serving}${offload}${written}}
fleet: {main: ${main}}
sharding: ${onDevice && !isCpu ? '{strategy: singular}' : shards}
arms:
  - {name: main}
  - name: tier
    serving: {preprocessing_on: tier}
    fleet: {preprocessing: {host: sc-small, replicas: ${drawn.replicas}, workers: ${drawn.workers}, policy: ${drawn.policy}}}
`;
  });

invariants('answer all requests; parts add up; shares are shares; the same with what was recorded', () =>
  fc.assert(
    fc.asyncProperty(scenario, async (yaml) => {
      const { arms } = await scenarioOf(yaml, model);
      const record = new DemandRecord();
      for (const arm of arms) {
        const plan = await planArm(arm);
        const key = { seed: 3, replication: 1 };
        const outcome = simulateReplication(plan, key);
        assert.is(outcome.requests, requests);
        assert.equal(simulateReplication(plan, key, { recorded: record }), outcome);
        assert.equal(simulateReplication(plan, key, { recorded: record }), outcome);
        for (const parts of [outcome.typical, outcome.tail]) {
          for (const [index, seconds] of parts.entries()) assert.ok(seconds >= -1e-12, components[index]);
        }
        const worst = sum(outcome.tail);
        assert.ok(worst >= outcome.percentiles.p90 * 0.98 && worst <= outcome.max * 1.02, `${worst}`);
        for (const { group, resource, utilisation, busiest } of outcome.resources) {
          const isShare = utilisation >= 0 && busiest <= 1 + 1e-9;
          assert.ok(isShare, `${resource} of ${group}: ${utilisation}, ${busiest}`);
        }
        const isSplit = arm.name === 'tier';
        assert.is(outcome.tierCpuS > 0, isSplit);
        assert.is(outcome.typical[at.tierOverhead] > 0, isSplit);
        assert.ok(outcome.typical[at.preprocessing] > 0);
        for (const waiting of [at.tierQueue, at.tierNetwork, at.tierOverhead])
          assert.is(outcome.cpuS[waiting], 0);
      }
    }),
    { numRuns: 20, seed: 7 },
  ),
);

invariants(
  'no overload is offered less than it asks: full batches count the tier once a request',
  async () => {
    const lines = (batching: string) =>
      lone(
        `serving: {${batching}, preprocessing_on: tier}\nfleet: {preprocessing: {host: sc-small}}`,
      ).replace('requests: 30', 'requests: 500, arrivals: {kind: poisson, rate: 200 QPS}');
    const offered = async (batching: string) =>
      (await simulate(lines(batching), { model })).outcome.resources.find(
        ({ group, resource }) => group === 'preprocessing' && resource === 'cores',
      )!.offered!;
    near(
      await offered('dynamic_batching: {max_candidates: 1000}'),
      await offered('batch_size: whole-request'),
      1e-6,
    );
  },
);

invariants.run();
