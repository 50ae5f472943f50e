import { type Interval, interval } from '../../statistics/interval.ts';
import { checkPipeline } from './check-pipeline.ts';
import type {
  PipelineFigures,
  PipelineReplication,
  PipelineResult,
  PipelineVerdict,
  Replicated,
} from './pipeline-result.ts';
import { type HorizonSpec, type PipelineSpec, secondsPerDay, windowsOf } from './pipeline-spec.ts';
import { runPipeline } from './run-pipeline.ts';

export interface PipelineSettings {
  seed: number;
  replications: number;
  /** Confidence, such as 0.95. */
  level: number;
}

/** A stage that is asked for more than this has no steady state. */
const saturation = 0.99;

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
  return { figures, verdict: verdictOf(spec, horizon, figures, runs.length), snapshots, course };
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

function verdictOf(
  spec: PipelineSpec,
  { measuredS }: HorizonSpec,
  { labelling, training }: Replicated<PipelineFigures>,
  replications: number,
): PipelineVerdict {
  const saturated = [
    ...(labelling.use.mean >= saturation
      ? [`the label service is asked for ${labelling.use.mean.toFixed(2)} of its capacity: labels are lost`]
      : []),
    ...(training.use.mean >= saturation
      ? [
          `FM training is asked for ${training.use.mean.toFixed(2)} of its throughput: its lag grows without end`,
        ]
      : []),
  ];
  if (saturated.length > 0) return { state: 'SATURATED', reasons: saturated };
  const longest = Math.max(spec.snapshots.intervalS, windowsOf(spec).at(-1)!);
  const short = [
    ...(replications < 2 ? ['one replication has no interval: ask for at least 2'] : []),
    ...(measuredS < 2 * longest
      ? [`the measured time holds less than two of ${(longest / secondsPerDay).toFixed(1)} days`]
      : []),
  ];
  if (short.length > 0) return { state: 'UNDER-SAMPLED', reasons: short };
  const use = `label service ρ ${labelling.use.mean.toFixed(2)}, FM training ρ ${training.use.mean.toFixed(2)}`;
  return { state: 'STABLE', reasons: [use] };
}
