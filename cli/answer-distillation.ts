import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { prepareScenario } from '../sim/training/distillation/prepare-scenario.ts';
import { pipelineJobs, pipelinesByArm } from '../sim/training/distillation/run-pipelines.ts';
import type { DistillationResult } from '../sim/training/distillation-result.ts';
import type { PipelineReplication } from '../sim/training/pipeline/pipeline-result.ts';
import { answerDistillation } from '../sim/training/run-distillation.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { TaskPool } from './task-pool.ts';
import { doTask, type Task } from './tasks.ts';

/** Answers a scenario of external distillation: its pipelines run on as many threads as are asked for. */
export async function answerOfDistillation(
  scenario: ResolvedDistillation,
  { workers }: { workers?: number | undefined },
): Promise<DistillationResult> {
  const prepared = prepareScenario(scenario);
  const jobs = pipelineJobs(scenario, prepared);
  const progress = new Progress(jobs.length);
  const pool = new TaskPool<Task, unknown>({ here: doTask, workers, onDone: () => progress.step() });
  try {
    const outcomes = await pool.run(jobs.map((job) => ({ kind: 'pipeline', job })));
    const pipelines = pipelinesByArm(prepared, jobs, outcomes as PipelineReplication[]);
    return answerDistillation(scenario, prepared, pipelines, `rankfleet ${productVersion()}`);
  } finally {
    progress.end();
    await pool.close();
  }
}
