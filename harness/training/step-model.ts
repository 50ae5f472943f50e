import type { StepShape } from '../../hardware-profiles/training-steps.ts';
import { loadModel } from '../../models/files.ts';
import type { Model } from '../../models/model.ts';
import { withDenseDataType } from '../../models/retype.ts';
import { scaleModel } from '../../models/scale-model.ts';

/**
 * The model that a measured step trained: scaled, and its dense operators in the step's type.
 * @throws InputError for an unknown model and for growth beyond what a model may have
 */
export function stepModel({ model, factors, dataType }: StepShape): Model {
  const { tables, rows, dim, dense } = factors;
  return withDenseDataType(scaleModel(loadModel(model), { tables, rows, dim, denseWidth: dense }), dataType);
}
