import type { SourceDocument } from '../../../foundation/document.ts';
import { type ModelFactors, scaleModel } from '../../../models/scale-model.ts';
import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import type { GrowthSpec } from '../../../scenarios/plan-growth-schema.ts';
import { withScaledCandidates } from '../../../scenarios/scale-load.ts';
import { type ArmPlan, planArm } from '../../serving/plan.ts';

/** By what load and model have grown at the end of a quarter; 1 is as today. */
export interface GrowthFactors {
  rate: number;
  candidates: number;
  tables: number;
  rows: number;
  embeddingDim: number;
  pooling: number;
  denseWidth: number;
}

/** Growth compounded to the end of each quarter, the first one first. */
export function factorsByQuarter({ quarters, each_quarter }: GrowthSpec): GrowthFactors[] {
  const at = (growth: number | number[], quarter: number): number => {
    if (!Array.isArray(growth)) return (1 + growth) ** quarter;
    return growth.slice(0, quarter).reduce((product, step) => product * (1 + step), 1);
  };
  return Array.from({ length: quarters }, (_, index) => ({
    rate: at(each_quarter.rate, index + 1),
    candidates: at(each_quarter.candidates, index + 1),
    tables: at(each_quarter.tables, index + 1),
    rows: at(each_quarter.rows, index + 1),
    embeddingDim: at(each_quarter.embedding_dim, index + 1),
    pooling: at(each_quarter.pooling, index + 1),
    denseWidth: at(each_quarter.dense_width, index + 1),
  }));
}

/** Whether a request takes the same work under both, whatever the number of requests. */
export function isSameWork(a: GrowthFactors, b: GrowthFactors): boolean {
  const keys = Object.keys(a) as (keyof GrowthFactors)[];
  return keys.every((key) => key === 'rate' || a[key] === b[key]);
}

/** An arm whose model and requests have grown; tables that it names stay. @throws InputError for absurd growth */
export function grownArm(arm: ArmDeployment, factors: GrowthFactors): ArmDeployment {
  const { row_wise, column_wise } = arm.sharding;
  const model = scaleModel(arm.model, modelFactors(factors), {
    keep: [...row_wise, ...Object.keys(column_wise)],
  });
  const grown = { ...arm, model, poolingScale: arm.poolingScale * factors.pooling };
  return withScaledCandidates(grown, factors.candidates);
}

function modelFactors({ tables, rows, embeddingDim, denseWidth }: GrowthFactors): ModelFactors {
  return { tables, rows, dim: embeddingDim, denseWidth };
}

/**
 * A grown arm with its tables placed anew. A placement of the user's own holds as long as the model has the tables that
 * it places; afterwards the arm's strategy places them.
 * @throws CapacityError where they do not fit
 */
export function placeGrown(
  arm: ArmDeployment,
  factors: GrowthFactors,
  file: SourceDocument | undefined,
): Promise<ArmPlan> {
  const hasOtherTables = factors.tables !== 1 || factors.rows !== 1 || factors.embeddingDim !== 1;
  return planArm(grownArm(arm, factors), hasOtherTables ? undefined : file);
}
