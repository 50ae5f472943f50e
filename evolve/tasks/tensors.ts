import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import { specOf } from '../../harness/operators/of-program.ts';
import type { TensorSpec } from '../../harness/operators/operator.ts';
import { problemTensors } from '../../harness/problem.ts';
import type { KernelTask } from '../kernel-task.ts';

/** Tensors of a task for one of its shapes, in the order in which kernels take them. */
export function taskTensors(
  { operator, problem }: Pick<KernelTask, 'operator' | 'problem'>,
  dataType: MeasuredDataType,
  shape: Shape,
): TensorSpec[] {
  return problem ? problemTensors(problem, dataType) : specOf({ operator }).tensors(dataType, shape);
}
