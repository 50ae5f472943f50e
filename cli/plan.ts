import { join } from 'node:path';
import { checkWritableFolder, makeFolder, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { planReport } from '../reports/plan-report.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import { loadAnyScenario } from '../scenarios/files.ts';
import { type PlanSpec, planDefaults } from '../scenarios/plan-schema.ts';
import { checkGrowthHosts } from '../sim/fleet/growth/build.ts';
import { makePlan, targetOf } from '../sim/fleet/make-plan.ts';
import type { PlanResult } from '../sim/fleet/plan-result.ts';
import type { Planner } from '../sim/fleet/planner.ts';
import { exitCodeOfPlan } from './exit-code-of.ts';
import { fleetWorkers } from './fleet-workers.ts';
import type { PlanOptions } from './plan-options.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { withRunOptions } from './run-options.ts';

/** `rankfleet plan`: data to stdout, progress to stderr; returns the exit code. */
export async function plan(file: string, options: PlanOptions): Promise<number> {
  if (options.out !== undefined) checkWritableFolder(options.out, '--out');
  const loaded = await loadAnyScenario(file);
  if ('kind' in loaded) {
    const { planDistillation } = await import('./plan-distillation.ts');
    return planDistillation(loaded, options);
  }
  if (loaded.workloads) checkOfWorkloads(options);
  checkGrowthHosts(loaded);
  const scenario = withRunOptions(loaded, options);
  const spec = specOf(scenario, options);
  const sla = options.sla ?? slaOf(scenario);
  const targetPerS = options.capacity ? undefined : (options.target ?? targetOf(scenario, spec));
  checkTarget(scenario, spec, targetPerS);
  const workers = fleetWorkers(options.workers);
  const progress = new Progress(scenario.arms.length, 'alternatives');
  const planner: Planner = {
    scenario,
    spec,
    sla,
    ...(targetPerS !== undefined && { targetPerS }),
    workers,
    onStep: () => progress.step(),
    withSensitivity: options.sensitivity,
  };
  try {
    const result = await makePlan(planner, `rankfleet ${productVersion()}`);
    progress.end();
    if (options.out !== undefined) writePlan(options.out, result);
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : planReport(result));
    return exitCodeOfPlan(result);
  } finally {
    progress.end();
    await workers.close();
  }
}

/** The plan that the scenario states, as the command line changes it. */
function specOf(
  { settings, workloads }: ResolvedScenario,
  { capacity, target, headroom, spares, survive }: PlanOptions,
): PlanSpec {
  if (capacity && target !== undefined)
    throw new InputError('--capacity sizes no fleet, so --target has no effect');
  if (capacity && workloads) throw new InputError('--capacity is for one model; this plan has workloads');
  const stated = settings.plan ?? planDefaults();
  const spec = {
    ...stated,
    ...(headroom !== undefined && { headroom }),
    ...(spares !== undefined && { spares }),
    ...(survive !== undefined && { survive }),
  };
  if (!capacity) return spec;
  const { refresh: _, day: __, growth: ___, ...rest } = spec;
  return rest;
}

/** Options of a plan of one model would change nothing where each workload states its own. */
function checkOfWorkloads({ target, sla, arm }: PlanOptions): void {
  const given = [
    ...(target === undefined ? [] : ['--target']),
    ...(sla === undefined ? [] : ['--sla']),
    ...(arm.length === 0 ? [] : ['--arm']),
  ];
  if (given.length === 0) return;
  throw new InputError(
    `${given.join(' and ')} cannot change a plan with workloads: each has its own target, sla and alternatives in the scenario`,
  );
}

function slaOf({ settings: { sla }, problemAt, arms, workloads }: ResolvedScenario): Planner['sla'] {
  if (sla) return { percentile: sla.percentile, limitS: sla.latency };
  // Workloads were resolved with an SLA each.
  if (workloads) return workloads[0].sla;
  throw new InputError([
    problemAt(
      arms[0].name,
      [],
      "a plan needs an SLA: state sla: { percentile: p99, latency: 50 ms } in the scenario, or --sla 'p99 50 ms'",
    ),
  ]);
}

/** What can only be answered for a rate. */
const needTarget = ['refresh', 'day', 'growth'] as const;

function checkTarget(
  { problemAt, arms }: ResolvedScenario,
  spec: PlanSpec,
  target: number | undefined,
): void {
  if (target !== undefined) return;
  const asked = needTarget.find((section) => spec[section] !== undefined);
  if (asked === undefined) return;
  const message = 'needs a rate to plan for: state plan.target, an open load, or --target';
  throw new InputError([problemAt(arms[0].name, ['plan', asked], message)]);
}

function writePlan(folder: string, result: PlanResult): void {
  makeFolder(folder);
  writeWhole(join(folder, 'plan.json'), `${JSON.stringify(result, null, 2)}\n`);
}
