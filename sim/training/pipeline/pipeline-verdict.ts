import type { PipelineFigures, PipelineVerdict, Replicated } from './pipeline-result.ts';
import { type HorizonSpec, type PipelineSpec, secondsPerDay, windowsOf } from './pipeline-spec.ts';

/** A stage that is asked for more than this has no steady state. */
const saturation = 0.99;

/** Whether the figures describe a steady state, and were sampled long enough to. */
export function pipelineVerdict(
  spec: PipelineSpec,
  { measuredS }: HorizonSpec,
  { labelling, training }: Replicated<PipelineFigures>,
  replications: number,
): PipelineVerdict {
  const [labels, trains] = [labelling.use.mean, training.use.mean];
  const saturated: string[] = [];
  if (labels >= saturation)
    saturated.push(`the label service is asked for ${labels.toFixed(2)} of its capacity: labels are lost`);
  if (trains >= saturation)
    saturated.push(
      `FM training is asked for ${trains.toFixed(2)} of its throughput: its lag grows without end`,
    );
  if (saturated.length > 0) return { state: 'SATURATED', reasons: saturated };

  const short: string[] = [];
  if (replications < 2) short.push('one replication has no interval: ask for at least 2');
  const longest = Math.max(spec.snapshots.intervalS, windowsOf(spec).at(-1)!);
  if (measuredS < 2 * longest) {
    const days = (longest / secondsPerDay).toFixed(1);
    short.push(
      `the measured time is shorter than twice the longest window or snapshot interval, ${days} days`,
    );
  }
  if (short.length > 0) return { state: 'UNDER-SAMPLED', reasons: short };

  const reason = `label service ρ ${labels.toFixed(2)}, FM training ρ ${trains.toFixed(2)}`;
  return { state: 'STABLE', reasons: [reason] };
}
