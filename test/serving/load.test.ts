import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at } from '../../sim/serving/components.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { type interval, relativeDifference } from '../../sim/statistics/interval.ts';
import { answer, armOf, near, scenarioOf, simulate, sum, tiny, use } from './scenarios.ts';

/** An open load of whole requests on one worker of the main host. */
const open = (rate: number, more = '') =>
  tiny(`
load: {arrivals: {kind: poisson, rate: ${rate} /s}, candidates: {kind: lognormal, median: 100, sigma: 0.5}, requests: 1500, warm_up: 0 %}
serving: {batch_size: whole-request}
fleet: {main: {workers: 1}}
sharding: {strategy: singular}
${more}`);

const accounting = suite('serving: compute and utilisation');

accounting('CPU of the same requests does not depend on the load', async () => {
  const runs = await Promise.all(
    [1, 100, 100_000].map((rate) =>
      simulate(open(rate).replace('strategy: singular', 'strategy: one-shard')),
    ),
  );
  const [idle, busy, flooded] = runs.map(({ outcome }) => outcome);
  idle.cpuS.forEach((seconds, component) => {
    near(busy.cpuS[component], seconds);
    near(flooded.cpuS[component], seconds);
  });
  assert.is(idle.networkBytes, busy.networkBytes);
  assert.ok(flooded.mean > 100 * idle.mean);
});

accounting('busy time of all cores is the CPU time of all requests', async () => {
  const { outcome } = await simulate(open(200).replace('strategy: singular', 'strategy: nsbp, shards: 2'));
  const { cpuS, durationS, requests } = outcome;
  const onMain = [at.dense, at.rpcSerialisation, at.rpcService, at.netOverhead];
  near(use(outcome, 'main', 'cores') * durationS, requests * sum(onMain.map((part) => cpuS[part])));
  const onShards = [at.sparse, at.shardSerialisation, at.shardService, at.shardNetOverhead];
  const busy = [0, 1].map((shard) => use(outcome, `shard ${shard}`, 'cores') * 40 * durationS);
  near(sum(busy), requests * sum(onShards.map((part) => cpuS[part])));
  near(sum(outcome.shards.map(({ busyS }) => busyS)), sum(busy) / requests);
});

accounting('utilisation is offered load × service time', async () => {
  const serviceS = sum((await simulate(open(1))).outcome.cpuS);
  for (const load of [0.2, 0.6]) {
    const { outcome } = await simulate(open(load / serviceS).replace('kind: poisson', 'kind: deterministic'));
    near(use(outcome, 'main', 'cores'), load, 0.01);
  }
});

accounting('two main replicas halve utilisation at the same load', async () => {
  const serviceS = sum((await simulate(open(1))).outcome.cpuS);
  const utilisation = async (replicas: number) => {
    const lines = open(0.7 / serviceS).replace('workers: 1', `workers: 1, replicas: ${replicas}`);
    return (await simulate(lines)).outcome.resources.find(({ resource }) => resource === 'cores')!;
  };
  const [one, two] = [await utilisation(1), await utilisation(2)];
  near(two.utilisation, one.utilisation / 2, 0.01);
  assert.ok(two.busiest >= two.utilisation && two.busiest < 0.6 * one.utilisation);
});

accounting('a shard of several replicas divides its work, and sizes the fleet', async () => {
  const result = await answer(
    tiny(`
load: {arrivals: {kind: poisson, rate: 500 /s}, candidates: {kind: fixed, value: 64}, requests: 1500}
replications: 2
fleet: {sparse: {replicas: [1, 3], workers: 2, policy: round-robin}}
sharding: {strategy: nsbp, shards: 2}`),
  );
  const [arm] = result.arms;
  const cores = (shard: number) =>
    arm.measured!.utilisation.find(
      ({ group, resource }) => group === `shard ${shard}` && resource === 'cores',
    )!;
  near(cores(1).mean.mean / cores(0).mean.mean, 1 / 3, 0.25);
  assert.is(arm.fleet.sparseHosts, 4);
  assert.is(arm.fleet.mainHosts, 1);
  near(arm.fleet.tableBytes, arm.shards[0].sizeBytes + 3 * arm.shards[1].sizeBytes);
});

accounting.run();

const verdicts = suite('serving: verdicts');

verdicts('SATURATED above what the host can do, STABLE below', async () => {
  const serviceS = sum((await simulate(open(1))).outcome.cpuS);
  const verdict = async (load: number) => {
    const longer = open(load / serviceS, 'replications: 8').replace('requests: 1500', 'requests: 5000');
    const [arm] = (await answer(longer)).arms;
    return arm.verdict;
  };
  assert.is((await verdict(0.4)).state, 'STABLE');
  const overload = await verdict(1.4);
  assert.is(overload.state, 'SATURATED');
  assert.match(overload.reason, 'cores of main');
});

verdicts('UNDER-SAMPLED with one replication, or with too few requests for a p99', async () => {
  const few = (requests: number, replications: number) =>
    answer(
      tiny(`load: {requests: ${requests}}\nreplications: ${replications}\nsharding: {strategy: singular}`),
    );
  const [one] = (await few(1000, 1)).arms;
  assert.is(one.verdict.state, 'UNDER-SAMPLED');
  assert.match(one.verdict.reason, /at least 2/);
  assert.is(one.measured!.latencyS.p99.low, undefined);
  const [short] = (await few(100, 3)).arms;
  assert.is(short.verdict.state, 'UNDER-SAMPLED');
});

verdicts('an SLA is met, missed or uncertain by the interval', async () => {
  const met = async (latency: string) => {
    const lines = `load: {requests: 500}\nreplications: 3\nsharding: {strategy: singular}\nsla: {latency: ${latency}}`;
    return (await answer(tiny(lines))).arms[0];
  };
  assert.is((await met('10 s')).sla!.met, 'yes');
  const missed = await met('1 us');
  assert.is(missed.sla!.met, 'no');
  const p99 = missed.measured!.latencyS.p99.mean;
  assert.is((await met(`${p99 * 1e9} ns`)).sla!.met, 'uncertain');
});

verdicts('an arm that cannot serve what is offered has no price per request', async () => {
  const at = async (rate: string) =>
    (
      await answer(
        tiny(`replications: 2
load: {arrivals: {kind: poisson, rate: ${rate}}, candidates: {kind: fixed, value: 64}, requests: 500}
fleet: {main: {workers: 1}}
sharding: {strategy: singular}`),
      )
    ).arms[0];
  const [calm, overloaded] = [await at('500 /s'), await at('50000 /s')];
  assert.is(calm.fleet.usdPerMillionRequests, (calm.fleet.pricePerHourUsd / 3600 / 500) * 1e6);
  assert.is(overloaded.verdict.state, 'SATURATED');
  assert.is(overloaded.fleet.usdPerMillionRequests, undefined);
});

verdicts.run();

const randomness = suite('serving: random numbers');

const pair = (seed: number) => `${tiny('').replace('seed: 1', `seed: ${seed}`)}
load: {arrivals: {kind: poisson, rate: 200 /s}, requests: 600}
replications: 6
fleet: {main: {workers: 4}}
arms:
  - {name: base, sharding: {strategy: singular}}
  - {name: two, sharding: {strategy: nsbp, shards: 2}}`;

randomness('the same seed gives the same bytes, another seed other ones', async () => {
  const [first, again, other] = [await answer(pair(1)), await answer(pair(1)), await answer(pair(2))];
  assert.is(JSON.stringify(first), JSON.stringify(again));
  assert.is.not(
    armOf(first, 'two').measured.latencyS.mean.mean,
    armOf(other, 'two').measured.latencyS.mean.mean,
  );
  assert.is.not(JSON.stringify(first.fingerprint), JSON.stringify(other.fingerprint));
});

randomness('an arm does not depend on which other arms there are', async () => {
  const both = armOf(await answer(pair(1)), 'two');
  const alone = armOf(await answer(pair(1).replace(/ {2}- \{name: base.*\n/, '')), 'two');
  assert.equal(alone.measured.latencyS, both.measured.latencyS);
});

randomness(
  'common ones: the difference of two arms is surer than that of arms with seeds of their own',
  async () => {
    const { arms } = await scenarioOf(pair(1));
    const p50 = async (arm: number, seed: number) => {
      const plan = await planArm(arms[arm]);
      return Array.from(
        { length: 6 },
        (_, replication) => simulateReplication(plan, { seed, replication }).percentiles.p50,
      );
    };
    const [base, same, other] = [await p50(0, 1), await p50(1, 1), await p50(1, 2)];
    const width = ({ low, high }: ReturnType<typeof interval>) => high! - low!;
    const paired = width(relativeDifference(same, base, 0.95));
    const independent = width(relativeDifference(other, base, 0.95));
    assert.ok(paired < 0.7 * independent, `${paired} and ${independent}`);
  },
);

randomness('of balancing differ between replications, for large seeds too', async () => {
  const lines = tiny(`
load: {arrivals: {kind: deterministic, rate: 8000 /s}, candidates: {kind: fixed, value: 64}, requests: 200}
fleet: {main: {replicas: 4, workers: 1, policy: random}}
sharding: {strategy: singular}`);
  for (const seed of [1, 2 ** 32 - 1]) {
    const means = await Promise.all(
      [0, 1, 2, 3].map(async (replication) => (await simulate(lines, { seed, replication })).outcome.mean),
    );
    assert.is(new Set(means).size, 4, `seed ${seed}: ${means}`);
  }
});

randomness('replications differ, and the more of them, the narrower the interval', async () => {
  const width = async (replications: number) => {
    const { mean, low, high } = (
      await answer(pair(1).replace('replications: 6', `replications: ${replications}`))
    ).arms[0].measured!.latencyS.mean;
    return (high! - low!) / mean;
  };
  const [three, thirty] = [await width(3), await width(30)];
  assert.ok(three > thirty && thirty > 0);
});

randomness.run();

const accelerated = suite('serving: accelerators');

const lines = (more: string) =>
  tiny(`
load: {candidates: {kind: fixed, value: 512}, requests: 50}
serving: {batch_size: whole-request${more}}
fleet: {main: {host: h100x8}}
sharding: {strategy: nsbp, shards: 2}`);

accelerated('dense operators of a main host with accelerators run there, behind copies', async () => {
  const { outcome } = await simulate(lines(''));
  assert.is(outcome.cpuS[at.dense], 0);
  assert.ok(outcome.acceleratorS > 0);
  assert.ok(outcome.typical[at.copy] > 0 && outcome.typical[at.dense] > 0);
  assert.ok(use(outcome, 'main', 'accelerators') > 0 && use(outcome, 'main', 'host link in') > 0);
  // Copies in, of the pooled vectors and out of each of two nets, each at least a launch.
  assert.ok(outcome.typical[at.copy] >= 2 * 3 * 1e-6);
});

accelerated('but stay on its cores when asked to', async () => {
  const { outcome } = await simulate(lines(', dense_on: cpu'));
  assert.is(outcome.acceleratorS, 0);
  assert.is(outcome.typical[at.copy], 0);
  assert.ok(outcome.cpuS[at.dense] > 0);
});

accelerated.run();
