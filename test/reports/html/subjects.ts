import { inventedSweep } from '../../../bench/invented-sweep.ts';
import type { Subject } from '../../../reports/subject.ts';
import { loadScenario } from '../../../scenarios/files.ts';
import { compare } from '../../../sim/compare/compare.ts';
import { withAttributions } from '../../../sim/compare/explain.ts';
import { matchArms } from '../../../sim/compare/match-arms.ts';
import { answered, armNames, type Runner } from '../../../sim/compare/sides.ts';
import { makePlan } from '../../../sim/fleet/make-plan.ts';
import { runScenario } from '../../../sim/run.ts';
import { simulateReplication } from '../../../sim/serving/replication.ts';
import { compareDistillation } from '../../../sim/training/comparison/compare-distillation.ts';
import { plannerOf } from '../../fleet/planners.ts';
import { Folder } from '../../scenarios/folder.ts';
import { tiny } from '../../serving/scenarios.ts';
import { planOf as distillationPlanOf } from '../../training/plan/planners.ts';
import { distillationOf, distilledArm, distilledMisfit } from '../distillation/results.ts';

/** A name that must do no harm, whatever it is put into. */
export const hostileName = `</script><script>alert(1)</script>"&'<img src=x onerror=a>`;

const scenario = `model: small.yaml
question: Does ${hostileName} hold?
load: { arrivals: { kind: poisson, rate: 200 QPS }, candidates: { kind: lognormal, median: 60, sigma: 1, max: 600 }, requests: 120 }
serving: { batch_size: 32 }
fleet: { main: { host: sc-large, workers: 4 }, sparse: { host: sc-large } }
replications: 3
sla: { percentile: p95, latency: 20 ms }
arms:
  - { name: one, sharding: { strategy: singular } }
  - { name: two, sharding: { strategy: capacity-balanced, shards: 2 } }
  - { name: ${JSON.stringify(hostileName)}, sharding: { strategy: load-balanced, shards: 3 } }
  - { name: flooded, load: { arrivals: { kind: poisson, rate: 900 kQPS } }, sharding: { strategy: singular } }
`;

/** One subject of each kind, simulated in no time. */
export async function subjects(): Promise<Record<Subject['kind'], Subject>> {
  const folder = new Folder();
  try {
    const file = folder.write('scenario.yaml', scenario);
    const resolved = await loadScenario(file);
    return {
      result: { kind: 'result', source: hostileName, result: await runScenario(resolved, 'rankfleet 0') },
      comparison: { kind: 'comparison', source: 'compared.json', comparison: await comparisonOf(file) },
      plan: { kind: 'plan', source: 'planned', plan: await planOf() },
      sweep: { kind: 'sweep', source: 'swept', sweep: inventedSweep(150) },
      distillation: { kind: 'distillation', source: 'distilled', distillation: hostileDistillation() },
      'distillation-plan': {
        kind: 'distillation-plan',
        source: 'distilled',
        distillationPlan: await hostileDistillationPlan(),
      },
      'distillation-comparison': {
        kind: 'distillation-comparison',
        source: 'compared.json',
        distillationComparison: distillationComparisonOf(),
      },
    };
  } finally {
    folder.remove();
  }
}

function hostileDistillation() {
  return distillationOf([
    distilledArm('base'),
    distilledArm(hostileName, { gain: 0.0024, extra: 7500, gapS: 2000, isBaseline: false }),
    distilledMisfit('too large'),
  ]);
}

function hostileDistillationPlan() {
  const name = JSON.stringify(hostileName);
  return distillationPlanOf(`question: ${name}\narms: [{name: one}, {name: ${name}, join: 30 s}]\n`);
}

function distillationComparisonOf() {
  const side = { source: 'distilled', kind: 'result', result: hostileDistillation() } as const;
  const matched = { pairs: [{ a: 'base', b: hostileName }], unmatched: { a: [], b: ['too large'] } };
  return compareDistillation([side, side], matched, 'rankfleet 0');
}

async function comparisonOf(file: string) {
  const run: Runner = async (jobs) => jobs.map(({ plan, key }) => simulateReplication(plan, key));
  const side = async () => ({ source: file, kind: 'scenario' as const, scenario: await loadScenario(file) });
  const given = [await side(), await side()] as const;
  const matched = matchArms(armNames(given[0]), armNames(given[1]), {
    arm: [],
    armA: 'one',
    armB: hostileName,
  });
  const sides = await answered([...given], matched, run, 'rankfleet 0');
  return withAttributions(compare(sides, matched, 'rankfleet 0'), sides, run);
}

async function planOf() {
  const yaml = tiny(`
replications: 2
load: {arrivals: {kind: serial}, candidates: {kind: uniform, min: 20, max: 100}, requests: 300}
fleet: {main: {workers: 4}, sparse: {workers: 4, host: sc-small}}
arms:
  - {name: alone, sharding: {strategy: singular}}
  - {name: two, sharding: {strategy: load-balanced, shards: 2}}`);
  return makePlan(await plannerOf(yaml, { targetPerS: 20_000, limitS: 0.004 }), 'rankfleet 0');
}
