import { type Interval, interval } from '../../statistics/interval.ts';
import { checkPipeline } from './check-pipeline.ts';
import type { PipelineFigures, PipelineReplication, PipelineResult, Replicated } from './pipeline-result.ts';
import type { HorizonSpec, PipelineSpec } from './pipeline-spec.ts';
import { pipelineVerdict } from './pipeline-verdict.ts';
import { pipelineWarnings } from './pipeline-warnings.ts';
import { runPipeline } from './run-pipeline.ts';

export interface PipelineSettings {
  seed: number;
  replications: number;
  /** Confidence, such as 0.95. */
  level: number;
}

/**
 * Simulates a pipeline of external distillation in independent replications.
 * @throws InputError with all that is wrong with the pipeline or the horizon
 */
export function simulatePipeline(
  spec: PipelineSpec,
  horizon: HorizonSpec,
  { seed, replications, level }: PipelineSettings,
): PipelineResult {
  checkPipeline(spec, horizon);
  const runs = Array.from({ length: replications }, (_, replication) =>
    runPipeline(spec, horizon, { seed, replication }),
  );
  return resultOf(spec, horizon, runs, level);
}

/** Joins the replications of one pipeline, wherever they were run. */
export function resultOf(
  spec: PipelineSpec,
  horizon: HorizonSpec,
  runs: readonly PipelineReplication[],
  level: number,
): PipelineResult {
  const figures = replicated(
    runs.map((run) => run.figures),
    level,
  ) as Replicated<PipelineFigures>;
  const [{ snapshots, course }] = runs;
  const verdict = pipelineVerdict(spec, horizon, figures, runs.length);
  return { figures, verdict, warnings: pipelineWarnings(spec, figures), snapshots, course };
}

/** The mean and interval of every number; a figure that some replications lack is that of those that have it. */
function replicated(samples: readonly unknown[], level: number): unknown {
  const present = samples.filter((sample) => sample !== undefined);
  const [first] = present;
  if (typeof first === 'number') return interval(present as number[], level) satisfies Interval;
  if (Array.isArray(first))
    return first.map((_, index) =>
      replicated(
        (present as unknown[][]).map((list) => list[index]),
        level,
      ),
    );
  if (typeof first !== 'object' || first === null) return first;
  const records = present as Record<string, unknown>[];
  return Object.fromEntries(
    Object.keys(first).map((field) => [
      field,
      replicated(
        records.map((record) => record[field]),
        level,
      ),
    ]),
  );
}
