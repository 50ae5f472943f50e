import type { DenseOperator } from '../../../models/model.ts';
import { flopsPerRequest, summariseModel } from '../../../models/summary.ts';
import type { DistilledVertical } from '../distillation-result.ts';
import { distillationOperators } from '../step/distillation-operators.ts';
import type { StepResult } from '../step/step-result.ts';
import type { TrainingJob } from '../step/training-job.ts';

/**
 * What is served of a vertical model, with distillation and without: the model as its file has it, and what a training
 * step with heads and adapter takes and holds beside those.
 * @throws Error where the two differ: then something of the teacher would be served
 */
export function servingOf(
  { model, distillation }: Pick<TrainingJob, 'model' | 'distillation'>,
  withHeads: StepResult,
): DistilledVertical['serving'] {
  const summary = summariseModel(model);
  const own = model.nets.flatMap((net) => net.operators);
  const added = distillationOperators(model, distillation);
  const parameters = (operators: readonly DenseOperator[]) =>
    operators.reduce((sum, operator) => sum + operator.parameters, 0);
  const figures = {
    flopPerExample: flopsPerRequest(summary, 1),
    parameters: summary.denseParameters + summary.embeddingParameters,
    trainedFlopPerExample: withHeads.flopsPerExample.forward,
    trainedParameters: parameters(own) + summary.embeddingParameters,
    droppedParameters: parameters(added),
  };
  const unchanged =
    isSame(figures.flopPerExample, figures.trainedFlopPerExample) &&
    isSame(figures.parameters, figures.trainedParameters);
  if (!unchanged) throw new Error(`serving of '${model.name}' would change: ${JSON.stringify(figures)}`);
  return { ...figures, unchanged };
}

/** Sums in another order may round otherwise. */
function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-9 * Math.abs(one);
}
