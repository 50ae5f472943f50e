import type { DenseOperator } from '../../models/model.ts';
import { elementBytes } from '../../models/operators.ts';
import type { CostUnit } from '../cost/cost-unit.ts';
import { TimeBySize } from './time-by-size.ts';

/** Time of several dense operators, one after the other, by the size of a batch. */
export class DenseTime {
  private readonly dependsOnUsers: boolean;
  private readonly seconds: TimeBySize;

  constructor(operators: readonly DenseOperator[], unit: CostUnit) {
    this.dependsOnUsers = operators.some(
      (operator) => perUserBytes(operator) > 0 || operator.flops.fixed > 0,
    );
    this.seconds = new TimeBySize((users, candidates) =>
      operators.reduce(
        (sum, operator) => sum + unit.operator(forUsers(operator, users), candidates).seconds,
        0,
      ),
    );
  }

  /** Seconds for a batch of so many candidates of so many requests. */
  of(users: number, candidates: number): number {
    return this.seconds.of(this.dependsOnUsers ? users : 1, candidates);
  }
}

/**
 * The operator in a batch of several requests: weights are read once, the work for each user is done for each.
 * Launches of a transform count where its time is added up.
 */
export function forUsers(operator: DenseOperator, users: number): DenseOperator {
  if (users === 1) return operator;
  const { flops, bytes } = operator;
  return {
    ...operator,
    flops: { ...flops, fixed: flops.fixed * users },
    bytes: { ...bytes, fixed: bytes.fixed + (users - 1) * perUserBytes(operator) },
  };
}

/** Bytes that an operator moves for each user, beside its weights. */
function perUserBytes({ bytes, parameters, sharedBytes = 0, dataType }: DenseOperator): number {
  return bytes.fixed - sharedBytes - parameters * elementBytes[dataType];
}
