import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sensitivitySection } from '../../reports/plan-sensitivity-section.ts';
import { buildAlternative } from '../../sim/fleet/alternative.ts';
import type { Planner } from '../../sim/fleet/planner.ts';
import { knobsOf } from '../../sim/fleet/sensitivity/knobs.ts';
import { isUnused, type Knob } from '../../sim/fleet/sensitivity/knobs-knob.ts';
import { measureBase } from '../../sim/fleet/sensitivity/measure.ts';
import { reasonFor } from '../../sim/fleet/sensitivity/reasons.ts';
import { analyseSensitivity } from '../../sim/fleet/sensitivity/sensitivity.ts';
import {
  type KnobResult,
  type SensitivityResult,
  sensitivityResultSchema,
} from '../../sim/fleet/sensitivity/sensitivity-result.ts';
import { turnKnob } from '../../sim/fleet/sensitivity/turn.ts';
import { components } from '../../sim/serving/components.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { plannerOf } from '../fleet/planners.ts';
import { modelOf } from '../models/fixtures.ts';
import { near, tiny } from '../serving/scenarios.ts';

const load = `load: {arrivals: {kind: poisson, rate: 100 QPS}, candidates: {kind: uniform, min: 30, max: 90}, requests: 300}`;

const alternatives: Record<string, string> = {
  sharded: `${load}
serving: {batch_size: 32}
fleet: {main: {workers: 4}, sparse: {workers: 4}}
sharding: {strategy: load-balanced, shards: 2}`,
  'on accelerators': `${load}
serving: {tables_on: accelerator, batch_size: whole-request}
fleet: {main: {host: h200x8}}
sharding: {strategy: singular}`,
  'dense on accelerators, tables on shards': `${load}
serving: {batch_size: whole-request}
fleet: {main: {host: h200x8, accelerators_used: 2}}
sharding: {strategy: load-balanced, shards: 2}`,
  'dynamic batching': `${load}
serving: {tables_on: accelerator, dynamic_batching: {max_candidates: 1000, max_wait: 1 ms}}
fleet: {main: {host: h200x8, accelerators_used: 1}}
sharding: {strategy: singular}`,
};

async function sensitivityOf(planner: Planner): Promise<SensitivityResult> {
  const best = await buildAlternative(planner, planner.scenario.arms[0]);
  assert.ok(best.capacity, best.alternative.reason);
  return analyseSensitivity(planner, best);
}

const analysed = new Map<string, SensitivityResult>();
for (const [name, yaml] of Object.entries(alternatives)) {
  const planner = await plannerOf(tiny(`replications: 3\n${yaml}`), { spec: { precision: 0.3 } });
  analysed.set(name, await sensitivityOf(planner));
}

const knobNamed = ({ knobs }: SensitivityResult, id: string): KnobResult => {
  const found = knobs.find((knob) => knob.id === id);
  assert.ok(found, `no knob '${id}'`);
  return found!;
};

const selfTest = suite('sensitivity: every knob');

for (const [name, result] of analysed) {
  selfTest(`moves an answer or has a reason: ${name}`, () => {
    assert.equal(result.unexplained, []);
    for (const { id, state, moves, reason, down, up } of result.knobs) {
      const hasMisfit = down.misfit !== undefined || up.misfit !== undefined;
      assert.ok(state === 'moves' ? moves.length > 0 || hasMisfit : (reason ?? '') !== '', id);
    }
    assert.is(new Set(result.knobs.map(({ id }) => id)).size, result.knobs.length);
    sensitivityResultSchema.parse(result);
  });

  selfTest(`has the sign that it must have: ${name}`, () => {
    const faster = ['main.cpu', 'sparse.cpu', 'main.memory', 'sparse.memory', 'main.nic', 'sparse.nic'];
    const more = [
      'acc.flops',
      'acc.memory-bandwidth',
      'acc.host-link',
      'main.replicas',
      'sparse.replicas',
      'sla',
    ];
    const worse = [
      'candidates',
      'denseWidth',
      'tables',
      'acc.launch',
      'round-trip',
      'message-cpu',
      'rpc_service',
    ];
    for (const [ids, sign] of [
      [[...faster, ...more], 1],
      [worse, -1],
    ] as const) {
      for (const id of ids) {
        const { down, up } = knobNamed(result, id);
        for (const [side, way] of [
          [up, sign],
          [down, -sign],
        ] as const) {
          if (!side.throughput) continue;
          const { mean, high = mean } = side.throughput;
          assert.ok(mean * way >= -1.5 * (high - mean) - 0.01, `${id}: ${mean} ±${high - mean}`);
        }
      }
    }
  });

  selfTest(`is in the report, no line longer than 100: ${name}`, () => {
    const text = sensitivitySection(result);
    for (const line of text.split('\n')) assert.ok([...line].length <= 100, line);
    for (const knob of result.knobs) {
      if (knob.state === 'moves')
        assert.ok(text.replace(/\s+/g, ' ').includes(knob.name.slice(0, 25)), knob.name);
    }
    assert.not.ok(text.includes('UNEXPLAINED'));
    assert.not.match(text, /\d\.\d{6}|NaN|undefined|Infinity/);
  });
}

selfTest('is told from the fault of one that does nothing', () => {
  const dead: Knob = {
    id: 'dead',
    name: 'dead',
    kind: 'hosts',
    value: '1',
    turn: () => ({ value: '2' }),
    acts: { components: ['dense'] },
  };
  const none = { mean: 0, low: 0, high: 0 };
  const outcome = { side: { value: '2', throughput: none, latency: none }, isSame: true, workChanges: [0] };
  const shown = {
    plan: undefined as never,
    use: [{ group: 'main', resource: 'cores', offered: 0.5 }],
    limitedBy: 'latency' as const,
    medianS: 1,
    ratePerS: 1,
    tailS: components.map((name) => (name === 'dense' ? 1 : 0.1)),
  };
  assert.is(reasonFor(dead, shown, [outcome], 0.2), undefined);
  const small = { ...shown, tailS: components.map((name) => (name === 'dense' ? 0.01 : 1)) };
  assert.match(reasonFor(dead, small, [outcome], 0.2) ?? '', /dense operators: 0\.\d+ % of the latency/);
});

selfTest('without effect and reason is shown as UNEXPLAINED', () => {
  const result = analysed.get('sharded')!;
  const [first, ...others] = result.knobs;
  const { reason: _, ...rest } = first;
  const broken = { ...result, knobs: [{ ...rest, moves: [], state: 'unexplained' as const }, ...others] };
  assert.match(sensitivitySection(broken), /Self-test of the knobs FAILED:\n- .*UNEXPLAINED/s);
});

selfTest.run();

const exact = suite('sensitivity: closed forms');

/** Tables that caches hold whole: nothing but cores works. */
const cached = modelOf(`name: cached
nets:
  - name: net
    dense_features: 16
    bottom_mlp: [256, 32]
    interaction: {kind: cat}
    top_mlp: [256, 1]
    tables:
      - {group: t, count: 2, num_embeddings: 10, embedding_dim: 32, pooling_factor: 2}
`);

async function baseOf(planner: Planner, ratePerS: number) {
  const plan = await planArm(planner.scenario.arms[0]);
  const asked = { plan, limitS: planner.sla.limitS, judgedPerS: ratePerS };
  return measureBase(planner, asked, ratePerS, 2);
}

function knobOf(
  planner: Planner,
  plan: Parameters<typeof knobsOf>[0]['plan'],
  id: string,
  ratePerS: number,
): Knob {
  const found = knobsOf({ plan, ratePerS, limitS: planner.sla.limitS }).find((knob) => knob.id === id);
  assert.ok(found && !isUnused(found), id);
  return found as Knob;
}

exact('a CPU so many times as fast bears as many times the load, where only cores limit it', async () => {
  const planner = await plannerOf(
    tiny(`${load}\nreplications: 2\nfleet: {main: {workers: 2}}\nsharding: {strategy: singular}`),
    { model: cached, limitS: 1000 },
  );
  const base = await baseOf(planner, 100);
  const knob = knobOf(planner, base.plan, 'main.cpu', 100);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(0.5, 0.8, 1.2, 2), async (factor) => {
      const { side } = await turnKnob(planner, base, knob, factor);
      near(1 + side.throughput!.mean, factor, 1e-9);
      near(1 + side.money!.mean, 1 / factor, 1e-9);
    }),
    { numRuns: 4 },
  );
});

exact('more candidates never bear more load, faster cores never less', async () => {
  const planner = await plannerOf(tiny(`replications: 2\n${alternatives.sharded}`), { limitS: 0.02 });
  const base = await baseOf(planner, 200);
  for (const [id, sign] of [
    ['candidates', -1],
    ['main.cpu', 1],
  ] as const) {
    const knob = knobOf(planner, base.plan, id, 200);
    const changes: number[] = [];
    for (const factor of [0.6, 0.8, 1.25, 1.6]) {
      const { side } = await turnKnob(planner, base, knob, factor);
      changes.push(sign * side.throughput!.mean);
    }
    assert.ok(changes[0] < 0 && changes[3] > 0, `${id}: ${changes}`);
    for (const [at, change] of changes.entries()) {
      assert.ok(at === 0 || change >= changes[at - 1] - 0.03, `${id}: ${changes}`);
    }
  }
});

exact('a price moves money alone, by its share of the fleet; power watts alone', () => {
  const result = analysed.get('sharded')!;
  const { moves, up } = knobNamed(result, 'main.price');
  assert.equal(moves, ['money']);
  // One main host and two sparse ones of the same price.
  near(up.money!.mean, 0.2 / 3, 1e-9);
  assert.is(up.throughput!.mean, 0);
  assert.equal(knobNamed(result, 'main.power').moves, ['power']);
});

exact('for a target the fleet is held fixed', async () => {
  const planner = await plannerOf(tiny(`replications: 3\n${alternatives.sharded}`), {
    spec: { precision: 0.3 },
    targetPerS: 2000,
  });
  const best = await buildAlternative(planner, planner.scenario.arms[0]);
  const result = await analyseSensitivity(planner, best);
  assert.not.ok(result.isReplicaSet);
  assert.equal(result.unexplained, []);
  near(result.base.judgedPerS, 2000, 1e-9);
  const hosts = result.fleet.reduce((sum, one) => sum + one.hosts, 0) * result.copies;
  assert.ok(Math.abs(hosts / best.alternative.fleet!.hosts - 1) < 0.05);
  assert.is(knobNamed(result, 'rate').up.throughput!.mean, 0);
  const helping = result.relief.filter(({ knob }) => ['main.cpu', 'sparse.cpu'].includes(knob));
  assert.ok(helping.some(({ throughput }) => throughput.mean > 0.03));
});

exact.run();
