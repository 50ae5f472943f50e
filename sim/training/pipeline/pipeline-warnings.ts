import { formatPercent } from '../../../foundation/units.ts';
import type { PipelineFigures, Replicated } from './pipeline-result.ts';
import type { PipelineSpec } from './pipeline-spec.ts';

/** What a reader of a pipeline's figures should know beside them, the worst of each kind. */
export function pipelineWarnings(
  { labelling: { servers, examplesPerSPerServer } }: PipelineSpec,
  { verticals, labelling, training, snapshots }: Replicated<PipelineFigures>,
): string[] {
  const warnings: string[] = [];
  const tasks = verticals.flatMap(({ name, tasks }) => tasks.map((task) => ({ vertical: name, ...task })));
  const worst = tasks.reduce((a, b) => (b.missShare.mean > a.missShare.mean ? b : a));
  if (worst.missShare.mean > 0) {
    const { requiredPerS } = labelling;
    const enough = requiredPerS && Math.ceil(requiredPerS.mean / examplesPerSPerServer);
    const remedy =
      enough === undefined
        ? 'a batch takes longer than the deadline, whatever the capacity'
        : `${enough} label servers instead of ${servers} miss none`;
    warnings.push(
      `${worst.name} of ${worst.vertical} is read without ${formatPercent(worst.missShare.mean)} of its labels: ${remedy}`,
    );
  }
  if (training.peakUse.mean > 1)
    warnings.push(
      `FM training falls behind at the peak, which asks for ${formatPercent(training.peakUse.mean)} of its throughput`,
    );
  if (snapshots.delayed.mean > 0)
    warnings.push(
      `${formatPercent(snapshots.delayed.mean / snapshots.taken.mean)} of the snapshots wait for the publisher: publishing takes longer than the interval`,
    );
  if (labelling.alreadyTrainedShare.mean > 0)
    warnings.push(
      `${formatPercent(labelling.alreadyTrainedShare.mean)} of the labels come from a teacher that has trained on the very example, and leak its label`,
    );
  return warnings;
}
