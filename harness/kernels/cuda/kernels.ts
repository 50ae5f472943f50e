import type { OperatorName } from '../../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../device.ts';
import { biasActivationKernels, elementwiseKernels, emptyKernels, memoryStreamKernels } from './columns.ts';
import { embeddingBagKernels } from './embedding.ts';
import type { GpuKernel, GpuShape } from './gpu-kernel.ts';
import { dotInteractionKernels, factorisationMachineKernels } from './interaction.ts';
import { normKernels } from './norm.ts';

export { crossEpilogue } from './columns.ts';
export { fillKernel } from './fill.ts';
export { type GpuKernel, type GpuShape, kernelText, type Scalar } from './gpu-kernel.ts';

type KernelMaker = (program: Program, device: GpuShape) => GpuKernel[] | undefined;

const makers: Partial<Record<OperatorName, KernelMaker>> = {
  'embedding-bag': embeddingBagKernels,
  'bias-activation': biasActivationKernels,
  elementwise: elementwiseKernels,
  'dot-interaction': dotInteractionKernels,
  'factorisation-machine': factorisationMachineKernels,
  'layer-norm': normKernels,
  'rms-norm': normKernels,
  'kernel-launch': emptyKernels,
  'memory-stream': memoryStreamKernels,
};

/**
 * Our kernels for a program, to be run one after another on its tensors.
 * @returns undefined where we have none for that operator, data type or shape
 */
export function gpuKernels(program: Program, device: GpuShape): GpuKernel[] | undefined {
  return makers[program.operator]?.(program, device);
}
