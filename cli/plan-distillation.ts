import { join } from 'node:path';
import { makeFolder, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { distillationPlanReport } from '../reports/distillation-plan/plan-report.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { distillationPlanDefaults } from '../scenarios/distillation/plan-schema.ts';
import { TimedJobs } from '../sim/training/distillation/timed-jobs.ts';
import type { PipelineReplication } from '../sim/training/pipeline/pipeline-result.ts';
import { makeDistillationPlan } from '../sim/training/plan/make-distillation-plan.ts';
import { exitCodeOfDistillationPlan } from './exit-code-of.ts';
import type { PlanOptions } from './plan-options.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { withRunOptions } from './run-options.ts';
import { TaskPool } from './task-pool.ts';
import { doTask, type Task } from './tasks.ts';

/** `rankfleet plan` on a scenario of kind distillation; returns the exit code. */
export async function planDistillation(loaded: ResolvedDistillation, options: PlanOptions): Promise<number> {
  checkOptions(options);
  const scenario = withRunOptions(loaded, options);
  const { headroom, spares } = options;
  const spec = {
    ...(scenario.settings.plan ?? distillationPlanDefaults()),
    ...(headroom !== undefined && { headroom }),
    ...(spares !== undefined && { spares }),
  };
  const pool = new TaskPool<Task, unknown>({ here: doTask, workers: options.workers });
  const progress = new Progress(scenario.arms.length, 'alternatives');
  try {
    const plan = await makeDistillationPlan(
      {
        scenario,
        spec,
        jobs: new TimedJobs(),
        runPipelines: async (jobs) =>
          (await pool.run(jobs.map((job) => ({ kind: 'pipeline', job })))) as PipelineReplication[],
        withSensitivity: options.sensitivity,
        onStep: () => progress.step(),
      },
      `rankfleet ${productVersion()}`,
    );
    progress.end();
    if (options.out !== undefined) {
      makeFolder(options.out);
      writeWhole(join(options.out, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    }
    process.stdout.write(options.json ? `${JSON.stringify(plan, null, 2)}\n` : distillationPlanReport(plan));
    return exitCodeOfDistillationPlan(plan);
  } finally {
    progress.end();
    await pool.close();
  }
}

/** What only plans of serving fleets have. */
function checkOptions({ target, sla, survive, capacity }: PlanOptions): void {
  const given = [
    ...(target === undefined ? [] : ['--target']),
    ...(sla === undefined ? [] : ['--sla']),
    ...(survive === undefined ? [] : ['--survive']),
    ...(capacity ? ['--capacity'] : []),
  ];
  if (given.length === 0) return;
  throw new InputError(
    `${given.join(' and ')}: a scenario of kind distillation serves no requests; its plan goes by the examples of its ` +
      'verticals, and by plan.budget, plan.miss, plan.gain and plan.limits',
  );
}
