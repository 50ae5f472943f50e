import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonReport } from '../../reports/comparison-report.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { loadScenario } from '../../scenarios/files.ts';
import { compare } from '../../sim/compare/compare.ts';
import { type ComparedPair, type Comparison, comparisonSchema } from '../../sim/compare/comparison-result.ts';
import { withAttributions } from '../../sim/compare/explain.ts';
import { type ArmChoice, matchArms } from '../../sim/compare/match-arms.ts';
import {
  answered,
  armNames,
  type GivenSide,
  type Runner,
  withSharedSettings,
} from '../../sim/compare/sides.ts';
import type { Result } from '../../sim/result.ts';
import { planScenario, runScenario } from '../../sim/run.ts';
import type { ArmPlan } from '../../sim/serving/plan.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { placementToJson } from '../../sim/sharding/placement-file.ts';
import { Folder, smallModel } from '../scenarios/folder.ts';

const comparing = suite('compare: two sides');

const folder = new Folder();
comparing.after(() => folder.remove());

const base = `model: small.yaml
load: { arrivals: { kind: poisson, rate: 200 QPS }, candidates: { kind: lognormal, median: 60, sigma: 1, max: 600 }, requests: 120 }
serving: { batch_size: 32 }
fleet: { main: { host: sc-large, workers: 4 }, sparse: { host: sc-large } }
sharding: { strategy: capacity-balanced, shards: 2 }
replications: 3
`;

let written = 0;

/** A scenario that differs from the base as stated. */
function scenario(...changes: [from: string, to: string][]): string {
  const text = changes.reduce((changed, [from, to]) => {
    assert.ok(changed.includes(from), from);
    return changed.replace(from, to);
  }, base);
  return folder.write(`s${written++}.yaml`, text);
}

const run: Runner = async (jobs) => jobs.map(({ plan, key }) => simulateReplication(plan, key));

const simulated = async (file: string): Promise<GivenSide> => ({
  source: file,
  kind: 'scenario',
  scenario: await loadScenario(file),
});

async function kept(file: string, change: (result: Result) => void = () => {}): Promise<GivenSide> {
  const result = JSON.parse(JSON.stringify(await runScenario(await loadScenario(file), 'test')));
  change(result);
  return { source: `${file}.json`, kind: 'result', result };
}

async function compared(
  a: GivenSide,
  b: GivenSide,
  choice: Partial<ArmChoice> = {},
  settings: { seed?: number; replications?: number } = {},
): Promise<Comparison> {
  const given = withSharedSettings([a, b], settings);
  const matched = matchArms(armNames(given[0]), armNames(given[1]), { arm: [], ...choice });
  const sides = await answered(given, matched, run, 'test');
  const comparison = await withAttributions(compare(sides, matched, 'test'), sides, run);
  const report = comparisonReport(comparison);
  assert.ok(!/NaN|undefined|Infinity|\[object/.test(report), report);
  assert.ok(
    report.split('\n').every((line) => !/\d{8,}\.|\.\d{9,}/.test(line)),
    'no number of many digits',
  );
  return comparisonSchema.parse(comparison);
}

async function onePair(a: string, b: string): Promise<ComparedPair> {
  return (await compared(await simulated(a), await simulated(b))).pairs[0];
}

const figure = ({ figures }: ComparedPair, key: string) => figures.find((one) => one.key === key)!;

const plain = scenario();
const wider = scenario(
  ['shards: 2', 'shards: 4'],
  ['workers: 4', 'workers: 8'],
  ['batch_size: 32', 'batch_size: 16'],
);

comparing('a scenario beside itself: exactly zero everywhere, and nothing to explain', async () => {
  const comparison = await compared(await simulated(plain), await simulated(plain));
  const [pair] = comparison.pairs;
  assert.equal(pair.inputs, []);
  assert.ok(comparison.warnings.every((text) => text.includes('UNDER-SAMPLED')));
  assert.ok(pair.figures.length > 15);
  for (const { key, difference, relative, significant } of pair.figures) {
    assert.equal(difference, { mean: 0, low: 0, high: 0 }, key);
    if (relative) assert.equal(relative, { mean: 0, low: 0, high: 0 }, key);
    assert.is(significant, false, key);
  }
  for (const region of [pair.breakdown!.typical, pair.breakdown!.tail]) {
    for (const { differenceS } of region.parts) assert.is(differenceS.mean, 0);
  }
  assert.match(comparisonReport(comparison), /^No difference: /);
});

comparing('an answer in words does not contradict its own interval', async () => {
  const comparison = await compared(await simulated(plain), await simulated(wider));
  const [pair] = comparison.pairs;
  const judged = pair.figures.find(({ key }) => key === comparison.judged)!;
  const said = (change: Partial<typeof judged>) => {
    Object.assign(judged, change);
    return comparisonReport(comparison).split('\n\n')[0].replaceAll('\n', ' ');
  };
  const surely = { mean: 1e-3, low: 1e-5, high: 1.99e-3 };
  const hardly = { mean: 0.3, low: -0.01, high: 0.61 };
  assert.match(
    said({ difference: surely, relative: hardly, significant: true }),
    /has 1\.00 ms ±990 µs higher/,
  );
  const clear = { mean: 0.3, low: 0.1, high: 0.5 };
  assert.match(said({ difference: surely, relative: clear, significant: true }), /has 30 % ±20 higher/);
  const perhaps = { mean: 1e-3, low: -1e-3, high: 3e-3 };
  assert.match(
    said({ difference: perhaps, relative: clear, significant: false }),
    /\(1\.00 ms ±2\.00 ms higher/,
  );
});

comparing('a scenario beside its own result: the same', async () => {
  for (const sides of [
    [await simulated(plain), await kept(plain)],
    [await kept(plain), await kept(plain)],
  ] as const) {
    const [pair] = (await compared(...sides)).pairs;
    assert.is(pair.paired, true);
    assert.equal(pair.inputs, []);
    for (const { key, difference } of pair.figures) assert.is(difference?.mean, 0, key);
  }
});

comparing('swapping A and B changes the sign of each absolute difference, and nothing else', async () => {
  const [there, back] = [await onePair(plain, wider), await onePair(wider, plain)];
  for (const { key, difference } of there.figures) {
    const mirrored = figure(back, key).difference!;
    assert.is(mirrored.mean, 0 - difference!.mean, key);
    assert.is(mirrored.low, 0 - difference!.high!, key);
    assert.is(mirrored.high, 0 - difference!.low!, key);
  }
  assert.equal(
    there.inputs.map(({ path, a, b }) => [path, b, a]),
    back.inputs.map(({ path, a, b }) => [path, a, b]),
  );
});

comparing('differences are those of the means, parts of the time and of the fields add up', async () => {
  const pair = await onePair(plain, wider);
  for (const { key, a, b, difference } of pair.figures) {
    const size = Math.abs(a!.mean) + Math.abs(b!.mean);
    assert.ok(Math.abs(difference!.mean - (b!.mean - a!.mean)) <= 1e-9 * size, key);
  }
  for (const { aS, bS, differenceS, parts } of [pair.breakdown!.typical, pair.breakdown!.tail]) {
    const sum = parts.reduce((total, part) => total + part.differenceS.mean, 0);
    assert.ok(Math.abs(sum - differenceS.mean) < 1e-9 * (aS + bS));
    assert.ok(Math.abs(differenceS.mean - (bS - aS)) < 1e-9 * (aS + bS));
    const sizes = parts.map((part) => Math.abs(part.differenceS.mean));
    assert.equal(
      sizes,
      [...sizes].sort((x, y) => y - x),
    );
  }
  const { factors, latency, price, method, simulations } = pair.attribution!;
  assert.is(method, 'shapley');
  assert.is(simulations, 6);
  assert.equal(
    factors.flatMap(({ fields }) => fields),
    pair.inputs.map(({ path }) => path),
  );
  for (const { total, parts } of [latency, price]) {
    const sum = parts.reduce((all, part) => all + part.difference.mean, 0);
    assert.ok(Math.abs(sum - total.mean) < 1e-9 * (Math.abs(total.mean) + 1));
  }
  assert.is(latency.total.mean, figure(pair, 'p99').difference!.mean);
});

comparing('a field that changes nothing that counts explains nothing; the one that does, all', async () => {
  const pair = await onePair(
    plain,
    scenario(
      ['host: sc-large }', 'host: sc-large, replicas: 2 }'],
      ['workers: 4', 'workers: 4, policy: random'],
    ),
  );
  const { factors, price, compute } = pair.attribution!;
  const replicas = factors.findIndex(({ fields }) => fields.includes('fleet.sparse.replicas'));
  assert.is(price.parts[replicas].share, 1);
  assert.is(price.parts[1 - replicas].difference.mean, 0);
  assert.equal(compute.total, { mean: 0, low: 0, high: 0 });
});

comparing('many fields: each alone and as the last, the rest as one, all of them named', async () => {
  const changes: [string, string][] = [
    [
      'batch_size: 32',
      'batch_size: 16, rpc_service: 30 us, net_overhead: 20 us, scheduling: continuations-first',
    ],
    ['workers: 4', 'workers: 6, replicas: 2, policy: random'],
    ['host: sc-large }', 'host: sc-small, policy: round-robin }'],
    ['strategy: capacity-balanced, shards: 2', 'strategy: load-balanced, shards: 3'],
    ['model: small.yaml', 'model: small.yaml\npooling_scale: 2'],
  ];
  const pair = await onePair(plain, scenario(...changes));
  const { method, factors, latency, interaction } = { ...pair.attribution!, ...pair.attribution!.latency };
  assert.is(method, 'two-orders');
  assert.is(factors.length, 8);
  assert.equal(factors.flatMap(({ fields }) => fields).sort(), pair.inputs.map(({ path }) => path).sort());
  const sum = latency.parts.reduce((all, part) => all + part.difference.mean, interaction!.mean);
  assert.ok(Math.abs(sum - latency.total.mean) < 1e-9);
});

comparing('fields that make no sense without each other are changed together, and say why', async () => {
  const nets = smallModel + smallModel.split('nets:\n')[1].replace(/(name|group): (\w)/g, '$1: m$2');
  folder.write('two.yaml', nets.replace('name: small', 'name: two'));
  const model: [string, string] = ['model: small.yaml', 'model: two.yaml'];
  const singular = scenario(model, ['strategy: capacity-balanced, shards: 2', 'strategy: singular']);
  const nsbp = scenario(
    model,
    ['strategy: capacity-balanced, shards: 2', 'strategy: nsbp, shards: 2'],
    ['batch_size: 32', 'batch_size: 64'],
  );
  const pair = await onePair(singular, nsbp);
  const joint = pair.attribution!.factors.find(({ fields }) => fields.length === 2)!;
  assert.equal(joint.fields, ['sharding.strategy', 'sharding.shards']);
  assert.match(joint.reason!, /needs a shard for each/);
  assert.is(pair.attribution!.factors.length, 2);
});

comparing('what is saturated is not compared in latency; money still is', async () => {
  const flood = scenario(['rate: 200 QPS', 'rate: 90000 QPS']);
  const comparison = await compared(await simulated(plain), await simulated(flood));
  const [pair] = comparison.pairs;
  assert.is(pair.b.verdict.state, 'SATURATED');
  assert.match(pair.meaningless!, /^B .* is SATURATED/);
  assert.is(figure(pair, 'p99').difference, undefined);
  assert.is(figure(pair, 'usdPerHour').difference!.mean, 0);
  assert.is(pair.breakdown, undefined);
  assert.is(pair.attribution, undefined);
  assert.match(comparison.warnings[0], /do not answer the same load: load\.arrivals\.rate differs/);
  assert.match(comparisonReport(comparison), /^The latencies of A and B .*cannot be compared/);
});

comparing('results of other seeds or without their replications: independent, and said so', async () => {
  const other = await kept(scenario(['replications: 3', 'replications: 3\nseed: 9']));
  const seeds = await compared(await kept(plain), other);
  assert.is(seeds.pairs[0].paired, false);
  assert.match(seeds.warnings.join('\n'), /seed 1 and B has seed 9[\s\S]*in quadrature.*seeds differ/);
  const [a, b] = [figure(seeds.pairs[0], 'p99').a!, figure(seeds.pairs[0], 'p99').b!];
  const { difference } = figure(seeds.pairs[0], 'p99');
  const half = Math.hypot(a.high! - a.mean, b.high! - b.mean);
  assert.ok(Math.abs(difference!.high! - difference!.mean - half) < 1e-12);
  const without = await kept(wider, ({ arms }) => {
    for (const { measured } of arms) delete measured!.perReplication;
  });
  const bare = await compared(await kept(plain), without);
  assert.is(bare.pairs[0].paired, false);
  assert.match(bare.warnings.join('\n'), /does not keep the figures of each replication/);
  const paired = await compared(await kept(plain), await kept(wider));
  const widthOf = ({ pairs: [pair] }: Comparison) => {
    const { high, low } = figure(pair, 'cpuS').difference!;
    return high! - low!;
  };
  assert.ok(widthOf(paired) < widthOf(bare), 'pairs are narrower');
});

comparing(
  'a scenario takes the seed and the replications of a result, or says what it set aside',
  async () => {
    const nine = scenario(['replications: 3', 'replications: 2\nseed: 9']);
    const comparison = await compared(await simulated(plain), await kept(nine));
    assert.is(comparison.a.seed, 9);
    assert.is(comparison.a.replications, 2);
    assert.is(comparison.pairs[0].paired, true);
    assert.match(
      comparison.warnings.join('\n'),
      /A takes the sampling of B; its own is set aside: seed 1, 3 replic/,
    );
    const asked = await compared(
      await simulated(plain),
      await simulated(nine),
      {},
      { seed: 5, replications: 2 },
    );
    assert.equal([asked.a.seed, asked.b.seed, asked.a.replications, asked.b.replications], [5, 5, 2, 2]);
    assert.equal(
      asked.warnings.filter((text) => text.includes('set aside')),
      [],
    );
  },
);

comparing('a model of the same name and other tables is found by its content', async () => {
  const sub = new Folder();
  sub.write('small.yaml', smallModel.replace('num_embeddings: 1000,', 'num_embeddings: 4000,'));
  const other = sub.write('s.yaml', base);
  const [same] = [await onePair(plain, other)];
  assert.equal(
    same.inputs.map(({ path }) => path),
    ['model'],
  );
  assert.match(same.inputs[0].b, /of other content/);
  assert.equal(
    same.inputs[0].details.map(({ path }) => path),
    ['tableBytes'],
  );
  sub.write('small.yaml', smallModel.replace('name: a,', 'name: renamed,'));
  const renamed = await onePair(plain, other);
  assert.match(renamed.inputs[0].details[0].b, /1 of them differ/);
  sub.remove();
});

comparing(
  'hosts are told by the figures that differ, with units, workers that follow them included',
  async () => {
    const pair = await onePair(plain, scenario(['host: sc-large }', 'host: sc-small }']));
    const [input] = pair.inputs;
    assert.is(input.path, 'fleet.sparse.host');
    const details = new Map(input.details.map(({ path, a, b }) => [path, [a, b]]));
    assert.equal(details.get('dramBytes'), ['256 GB', '64.0 GB']);
    assert.equal(details.get('workers, one per core'), ['40', '18']);
    assert.is(pair.attribution!.method, 'single');
  },
);

comparing('a placement stands for all that says how to shard', async () => {
  const planned = await planScenario(await loadScenario(plain));
  const [{ arm, plan }] = planned as unknown as [{ arm: ArmDeployment; plan: ArmPlan }];
  folder.write('placement.json', JSON.stringify(placementToJson(plan.placement, arm.model)));
  const placed = scenario(['strategy: capacity-balanced, shards: 2', 'placement: placement.json']);
  const pair = await onePair(plain, placed);
  assert.equal(
    pair.inputs.map(({ path, a, b }) => [path, a, b]),
    [['sharding.placement', 'not set', 'placement.json']],
  );
  for (const { key, difference } of pair.figures) assert.is(difference!.mean, 0, key);
  const faster = await onePair(placed, wider);
  assert.ok(faster.inputs.some(({ path }) => path === 'sharding.placement'));
  assert.ok(faster.inputs.every(({ path }) => path !== 'sharding.shards'));
});

comparing.run();
