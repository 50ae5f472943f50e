import type { DenseOperator } from '../../models/model.ts';
import { atCandidates } from '../../models/operators.ts';
import { valuesOf } from '../../models/preprocessing.ts';
import type { OperatorCall } from './operator-calls.ts';

/** Bytes of a border of dense features, as the model counts them. */
const borderBytes = 4;

/**
 * The operator that kernels are searched for and that does the whole of one of a model, for a batch of n candidates: models
 * are priced by what they are composed of instead. None where there is no such operator, or the model does not tell its axes.
 */
export function searchedCallsOf(operator: DenseOperator, candidates: number): OperatorCall[] {
  const { kind, shape, dataType, sharedBytes = 0 } = operator;
  switch (kind) {
    case 'factorisation-machine': {
      const { n, d, k } = shape;
      if (k === undefined) return [];
      const batch = atCandidates(operator.flops, candidates) / (4 * n * d * k);
      return [{ operator: 'optimised-fm', dataType, shape: { batch, vectors: n, dim: d, rank: k } }];
    }
    case 'map-id': {
      const of = { values: valuesOf(operator, candidates), ids: shape.ids };
      return [{ operator: 'map-id', dataType: 'int32', shape: of }];
    }
    case 'merge-bucketised-dense': {
      const { borders } = shape;
      const features = sharedBytes / (borderBytes * borders);
      const of = { batch: valuesOf(operator, candidates) / features, features, borders };
      return [{ operator: 'merge-bucketised', dataType: 'fp32', shape: of }];
    }
    default:
      return [];
  }
}
