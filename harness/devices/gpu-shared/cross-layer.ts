import type { Program } from '../../device.ts';
import { crossEpilogue } from '../../kernels/cuda/kernels.ts';
import { tensorBytes } from '../../patterns.ts';
import type { DeviceKernel, KernelTools } from './device-kernel.ts';
import { productTypes, vendorProduct } from './matrix-kernels.ts';
import { kernelSequence } from './own-kernels.ts';

/**
 * y = x0 ⊙ (hidden · Wᵀ + bias) + x with hidden = x · Vᵀ: two products by the vendor's library and a kernel of ours, as
 * a framework would run them.
 * @throws Unsupported where the library has no algorithm for one of the products
 */
export function vendorCrossLayer(program: Program, tools: KernelTools): DeviceKernel {
  const { dataType, shape } = program;
  const { batch, width, rank } = shape;
  const down = vendorProduct(dataType, { m: batch, n: rank, k: width }, tools);
  const up = vendorProduct(dataType, { m: batch, n: width, k: rank }, tools);
  const enqueueEnd = kernelSequence([crossEpilogue(program, tools.modules.shape)], tools);
  const bytes = tensorBytes(productTypes[dataType]!.output, batch * width);
  return {
    program,
    inGraph: true,
    enqueue(tensors) {
      const [x0, x, v, w, bias, hidden, y] = tensors.map(({ address }) => address);
      const z = tools.scratch.atLeast(bytes);
      down.enqueue(x, v, hidden);
      up.enqueue(hidden, w, z);
      enqueueEnd([x0, z, bias, x, y]);
    },
    release() {
      down.release();
      up.release();
    },
  };
}
