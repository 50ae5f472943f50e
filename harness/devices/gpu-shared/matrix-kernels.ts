import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { type Program, Unsupported } from '../../device.ts';
import { int8Scale } from '../../operators/gemm.ts';
import { type ComputeType, type MatrixProduct, type MatrixType, workspaceBytes } from './blas-lt.ts';
import type { DeviceKernel, KernelTools } from './device-kernel.ts';

interface ProductTypes {
  input: MatrixType;
  output: MatrixType;
  compute: ComputeType;
}

/** What a data type's products read, write and sum in, where there are such products. */
export const productTypes: Partial<Record<MeasuredDataType, ProductTypes>> = {
  fp32: { input: 'f32', output: 'f32', compute: 'fp32' },
  tf32: { input: 'f32', output: 'f32', compute: 'tf32' },
  bf16: { input: 'bf16', output: 'bf16', compute: 'fp32' },
  fp16: { input: 'f16', output: 'f16', compute: 'fp32' },
  fp8: { input: 'f8', output: 'bf16', compute: 'fp32' },
  int8: { input: 'i8', output: 'i8', compute: 'int32' },
};

/**
 * D = A · Wᵀ by the vendor's library.
 * @throws Unsupported where it has no algorithm for the data type and shape
 */
export function vendorGemm(program: Program, tools: KernelTools): DeviceKernel {
  const { m, n, k } = program.shape;
  const product = vendorProduct(program.dataType, { m, n, k }, tools);
  return {
    program,
    inGraph: true,
    enqueue: ([a, w, d]) => product.enqueue(a.address, w.address, d.address),
    release: product.release,
  };
}

/** A product that is ready to run on the stream, by addresses. */
export interface VendorProduct {
  enqueue(a: bigint, w: bigint, d: bigint): void;
  release(): void;
}

/** @throws Unsupported where the vendor's library has no algorithm for the data type and shape */
export function vendorProduct(
  dataType: MeasuredDataType,
  shape: Pick<MatrixProduct, 'm' | 'n' | 'k'>,
  { blas, workspace, driver }: KernelTools,
): VendorProduct {
  const types = productTypes[dataType];
  if (blas === undefined || types === undefined) throw new Unsupported(`no library of ${dataType} products`);
  const scale = dataType === 'int8' ? int8Scale(shape.k) : 1;
  const plan = blas.plan({ ...shape, ...types, scale });
  return {
    enqueue: (a, w, d) => plan.enqueue(a, w, d, workspace.atLeast(workspaceBytes), driver.stream),
    release: plan.release,
  };
}
