import { problemTolerance } from '../../harness/problem.ts';
import type { Context } from '../operator.ts';
import { fenced } from './fenced.ts';

/** A problem as a model is asked to solve it: the file, and what its tensors are called. */
export function problemSection({ task, dataType, language }: Context): string {
  const { text, tensors, constants } = task.problem!;
  const rows = tensors.map(({ name, from, part, kind, dtype, dims }) => {
    const type = kind === 'float' ? dataType : `int32 (${dtype} in PyTorch)`;
    return `- ${name}: ${part}${from === name ? '' : ` (${from} of the model)`}, ${type}, [${dims.join(', ')}]`;
  });
  const others = constants.map(({ name, value }) => `- ${name} is always ${value}`);
  const most = problemTolerance(task.problem!, dataType);
  return [
    `# Task: ${task.title}`,
    `A kernel in ${language}, in ${dataType}, for what Model.forward of this file computes on its own inputs and weights:`,
    fenced(text, 'python'),
    `Tensors, in this order, contiguous:\n${[...rows, ...others].join('\n')}`,
    `Sizes that the contract calls axes: ${Object.keys(task.search[0].shape).join(', ')} (a number is the place among the tensor's dimensions).`,
    ...(language === 'triton' ? [asModel] : []),
    `Every element may be off by ${most} · (1 + |right one|), right being the model in ${task.problem!.precision}.`,
  ].join('\n\n');
}

const asModel =
  'Instead of launch(tensors, axes) the source may have class ModelNew(nn.Module): the constructor and the forward of Model, its weights under the same names, with @triton.jit kernels for all of its arithmetic. Other classes, state that forward keeps, and operators of PyTorch that compute are refused.';
