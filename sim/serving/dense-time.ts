import type { DenseOperator } from '../../models/model.ts';
import { elementBytes } from '../../models/operators.ts';
import type { CostUnit } from '../cost/cost-unit.ts';

/** Users of a batch that the key of a known time tells apart from its candidates. */
const keyStride = 2 ** 30;

/** Time of several dense operators, one after the other, computed once for each size of a batch. */
export class DenseTime {
  private readonly operators: readonly DenseOperator[];
  private readonly unit: CostUnit;
  private readonly dependsOnUsers: boolean;
  private readonly known = new Map<number, number>();

  constructor(operators: readonly DenseOperator[], unit: CostUnit) {
    this.operators = operators;
    this.unit = unit;
    this.dependsOnUsers = operators.some(
      (operator) => perUserBytes(operator) > 0 || operator.flops.fixed > 0,
    );
  }

  /** Seconds for a batch of so many candidates of so many requests. */
  of(users: number, candidates: number): number {
    const counted = this.dependsOnUsers ? users : 1;
    const key = counted * keyStride + candidates;
    let seconds = this.known.get(key);
    if (seconds === undefined) {
      seconds = this.operators.reduce(
        (sum, operator) => sum + this.unit.operator(forUsers(operator, counted), candidates).seconds,
        0,
      );
      this.known.set(key, seconds);
    }
    return seconds;
  }
}

/** The operator in a batch of several requests: weights are read once, the work for each user is done for each. */
function forUsers(operator: DenseOperator, users: number): DenseOperator {
  if (users === 1) return operator;
  const { flops, bytes } = operator;
  return {
    ...operator,
    flops: { ...flops, fixed: flops.fixed * users },
    bytes: { ...bytes, fixed: bytes.fixed + (users - 1) * perUserBytes(operator) },
  };
}

/** Bytes that an operator moves for each user, beside its weights. */
function perUserBytes({ bytes, parameters, dataType }: DenseOperator): number {
  return bytes.fixed - parameters * elementBytes[dataType];
}
