import type { PreprocessingOperator } from '../../models/model.ts';
import { addAffine, affine, scaleAffine } from '../../models/operators.ts';
import { meanLookups } from '../../models/summary.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { CostUnit } from '../cost/cost-unit.ts';
import { forUsers } from './dense-time.ts';
import { TimeBySize } from './time-by-size.ts';

/** Bytes on the wire of one index, one length and one dense feature, as between main and sparse hosts. */
const indexBytes = 8;
const lengthBytes = 4;
const featureBytes = 4;

/** What preprocessing takes on one core or accelerator, and the bytes of what goes in and comes out. */
export class PreprocessingWork {
  private readonly time: TimeBySize;
  private readonly input: { fixed: number; perCandidate: number };
  private readonly output: { fixed: number; perCandidate: number };

  constructor(operators: readonly PreprocessingOperator[], unit: CostUnit) {
    this.time = new TimeBySize((users, candidates) =>
      operators.reduce(
        (sum, operator) =>
          sum + operator.launches * unit.operator(forUsers(operator, users), candidates).seconds,
        0,
      ),
    );
    const total = (bytes: (operator: PreprocessingOperator) => { fixed: number; perCandidate: number }) =>
      operators.reduce((sum, operator) => addAffine(sum, bytes(operator)), affine(0, 0));
    this.input = total(({ inputBytes }) => inputBytes);
    this.output = total(({ outputBytes }) => outputBytes);
  }

  seconds(users: number, candidates: number): number {
    return this.time.of(users, candidates);
  }

  inputBytes(users: number, candidates: number): number {
    return users * this.input.fixed + candidates * this.input.perCandidate;
  }

  outputBytes(users: number, candidates: number): number {
    return users * this.output.fixed + candidates * this.output.perCandidate;
  }
}

/** The work of an arm whose main hosts preprocess, on what serves there; undefined for others. */
export function workOnMain(
  { model, preprocessing }: ArmDeployment,
  unit: CostUnit,
): PreprocessingWork | undefined {
  const isOnMain = model.preprocessing && preprocessing && !preprocessing.tier;
  return isOnMain ? new PreprocessingWork(model.preprocessing!, unit) : undefined;
}

/** Mean bytes of a request that is ready for the nets: indices, lengths of bags, dense features. */
export function requestBytes({ model, poolingScale }: ArmDeployment): (candidates: number) => number {
  let total = affine(0, 0);
  for (const { tables, denseFeatures } of model.nets) {
    total = addAffine(total, affine(0, denseFeatures * featureBytes));
    for (const table of tables) {
      const level = table.level === 'user' ? affine(1, 0) : affine(0, 1);
      const bytes = meanLookups(table) * poolingScale * indexBytes + lengthBytes;
      total = addAffine(total, scaleAffine(level, bytes));
    }
  }
  return (candidates) => total.fixed + candidates * total.perCandidate;
}
