import type { Program } from '../device.ts';
import { problemTensors, problemTolerance } from '../problem.ts';
import { operatorSpecs } from './index.ts';
import type { OperatorSpec, TensorSpec } from './operator.ts';

/** Tensors of a program, in the order in which its kernel takes them. */
export function tensorsOf(program: Program): TensorSpec[] {
  const { problem, dataType, shape } = program;
  return problem ? problemTensors(problem.problem, dataType) : specOf(program).tensors(dataType, shape);
}

/** The most error that an answer may have. */
export function toleranceOfProgram(program: Program): number {
  const { problem, dataType, shape } = program;
  return problem ? problemTolerance(problem.problem, dataType) : specOf(program).tolerance(dataType, shape);
}

/** The harness's operator that a program is of. @throws Error for one of a problem file */
export function specOf({ operator }: Pick<Program, 'operator'>): OperatorSpec {
  if (operator === 'problem') throw new Error('a problem is no operator of the harness');
  return operatorSpecs[operator];
}
