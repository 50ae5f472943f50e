import type { Subject } from '../../reports/subject.ts';
import { compare } from '../../sim/compare/compare.ts';
import type { Side } from '../../sim/compare/sides.ts';
import { makePlan } from '../../sim/fleet/make-plan.ts';
import { inThisThread } from '../../sim/fleet/workers.ts';
import type { Result } from '../../sim/result.ts';
import type { PointResult, SweepResult } from '../../sim/sweep-result.ts';
import { compareDistillation } from '../../sim/training/comparison/compare-distillation.ts';
import { fieldColumn } from '../../sweep/columns.ts';
import { tasksOf } from '../../sweep/design.ts';
import { threadsEngine } from '../../sweep/engines/threads.ts';
import { plannerOf } from '../fleet/planners.ts';
import { threeArms } from '../reports/distillation/results.ts';
import { Folder } from '../scenarios/folder.ts';
import { answer, scenarioOf } from '../serving/scenarios.ts';
import { designOf, smallSweep } from '../sweep/designs.ts';

const load =
  'load: { arrivals: { kind: poisson, rate: 200 QPS }, candidates: { kind: fixed, value: 400 }, requests: 1500 }';

/** Arms of every verdict, against an SLA. */
export async function resultSubject(): Promise<Subject & { kind: 'result' }> {
  const result = await answer(`
question: What does sharding cost?
model: tiny
${load}
sla: { percentile: p90, latency: 3 ms }
serving: { batch_size: 64 }
fleet: { main: { host: sc-large, workers: 4 }, sparse: { host: sc-small } }
baseline: alone
replications: 3
arms:
  - { name: alone, sharding: { strategy: singular } }
  - { name: two shards, sharding: { strategy: capacity-balanced, shards: 2 } }
  - { name: three shards with a name that is far too long for any list, sharding: { strategy: load-balanced, shards: 3 } }
  - { name: overloaded, sharding: { strategy: singular }, load: { arrivals: { kind: poisson, rate: 200 kQPS } } }
  - { name: too large, model: drm1-like, fleet: { main: { host: sc-small } }, sharding: { strategy: singular } }
`);
  return { kind: 'result', source: 'results', result };
}

export function comparisonSubject(result: Result): Subject & { kind: 'comparison' } {
  const side: Side = { source: 'results', kind: 'result', result };
  const pairs = [
    { a: 'alone', b: 'two shards' },
    { a: 'alone', b: 'overloaded' },
  ];
  const comparison = compare([side, side], { pairs, unmatched: { a: [], b: ['another'] } }, 'test');
  return { kind: 'comparison', source: 'comparison.json', comparison };
}

/** Arms that gain and one that does not fit. */
export function distillationSubject(): Subject & { kind: 'distillation' } {
  return { kind: 'distillation', source: 'distilled', distillation: threeArms() };
}

export function distillationComparisonSubject(): Subject & { kind: 'distillation-comparison' } {
  const side = { source: 'distilled', kind: 'result', result: threeArms() } as const;
  const pairs = [
    { a: '6 h', b: '1 h' },
    { a: '6 h', b: 'too large' },
  ];
  const matched = { pairs, unmatched: { a: [], b: ['another'] } };
  const distillationComparison = compareDistillation([side, side], matched, 'test');
  return { kind: 'distillation-comparison', source: 'comparison.json', distillationComparison };
}

/** A plan with sensitivity, a day with a surge, and growth. */
export async function planSubject(): Promise<Subject & { kind: 'plan' }> {
  const planner = await plannerOf(
    `
question: What to buy?
model: tiny
load: { arrivals: { kind: diurnal, mean_rate: 10 kQPS, peak_to_mean: 1.8 }, requests: 100 }
sla: { percentile: p90, latency: 20 ms }
fleet: { main: { workers: 4 }, sparse: { workers: 4 } }
replications: 2
plan:
  precision: 20 %
  day: { surge: { start: 10 h, duration: 1 h, factor: 2 } }
  growth: { quarters: 3, each_quarter: { rate: 20 % }, owned: { sc-large: 12 } }
arms:
  - { name: alone, sharding: { strategy: singular } }
  - { name: sharded, sharding: { strategy: load-balanced, shards: 2 }, fleet: { sparse: { host: sc-small } } }
`,
    { targetPerS: 18_000, limitS: 0.02, percentile: 'p90' },
  );
  const plan = await makePlan({ ...planner, withSensitivity: true }, 'test');
  return { kind: 'plan', source: 'planned', plan };
}

/** Two workloads on a finite stock, one of which cannot run everywhere. */
export async function mixSubject(): Promise<Subject & { kind: 'plan' }> {
  const scenario = await scenarioOf(`
question: Which runs where?
model: tiny
load: { candidates: { kind: fixed, value: 100 }, requests: 100 }
sharding: { strategy: singular }
sla: { percentile: p90, latency: 20 ms }
replications: 2
plan:
  precision: 20 %
  stock: { sc-small: 3, sc-large: 40 }
  workloads:
    - { name: light, target: 40 kQPS }
    - { name: heavy, target: 10 kQPS, model: drm1-like }
arms:
  - { name: small, fleet: { main: { host: sc-small } } }
  - { name: large, fleet: { main: { host: sc-large } } }
`);
  const planner = {
    scenario,
    spec: scenario.settings.plan!,
    sla: { percentile: 'p90' as const, limitS: 0.02 },
    workers: inThisThread(),
  };
  return { kind: 'plan', source: 'mix', plan: await makePlan(planner, 'test') };
}

/** Twelve points of two arms; the rates reach beyond what the hosts bear. */
export async function sweepSubject(): Promise<Subject & { kind: 'sweep' }> {
  const folder = new Folder();
  const text = smallSweep(
    `  fields:
    load.arrivals.rate: [20 QPS, 2 kQPS, 200 kQPS]
    sharding.shards: [1, 2, 3, 4]
`,
    'sla: { percentile: p90, latency: 5 ms }\narms:\n  - { name: few, serving: { batch_size: 64 } }\n  - { name: many }\n',
  );
  const design = await designOf(folder, text);
  const points: PointResult[] = [];
  const { signal } = new AbortController();
  for await (const point of threadsEngine().run(
    design.bundle,
    tasksOf(design, () => true),
    { signal },
  )) {
    points.push(point);
  }
  folder.remove();
  const sweep: SweepResult = {
    name: design.bundle.name,
    method: design.method,
    product: 'test',
    key: design.key,
    total: design.points,
    fields: design.axes.map(fieldColumn),
    judged: design.judged,
    money: 'usdPerMillionRequests',
    sla: { percentile: 'p90', limitS: 0.005 },
    points,
  };
  return { kind: 'sweep', source: 'swept', sweep };
}
