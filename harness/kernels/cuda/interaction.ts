import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import {
  accessBytes,
  accessElements,
  blocksOf,
  type CudaElement,
  elementOf,
  lanesFor,
  powerAbove,
} from './layout.ts';

/** Dot products of a sample's vectors, lower triangle: tensors x, out. On tensor cores where the type and device have them. */
export function dotInteractionKernels(program: Program, device: GpuShape): GpuKernel[] | undefined {
  const element = elementOf[program.dataType];
  if (!element || element.bytes === 1) return undefined;
  const kernel = onTensorCores(program, element, device) ?? onPlainCores(program, element, device);
  return kernel && [kernel];
}

function onTensorCores(
  { shape: { batch, vectors, dim } }: Program,
  element: CudaElement,
  device: GpuShape,
): GpuKernel | undefined {
  if (element.bytes !== 2 || device.warpSize !== 32) return undefined;
  // A warp holds the sums of one tile of 16 rows at a time.
  if (vectors > 128) return undefined;
  const warps = powerAbove(Math.ceil(vectors / 32));
  const stride = Math.ceil(dim / 16) * 16 + 8;
  const sampleBytes = vectors * stride * 2 + 16 * Math.ceil((vectors * (vectors - 1)) / 16);
  const samples = samplesOfBlock(batch, Math.max(1, 4 / warps), sampleBytes, device);
  if (samples === 0) return undefined;
  return dotKernel(element, { batch, vectors, dim }, samples, warps * 32, sampleBytes, {
    WARP: 32,
    ON_TENSOR_CORES: 1,
    WARPS: warps,
  });
}

function onPlainCores(
  { shape: { batch, vectors, dim } }: Program,
  element: CudaElement,
  device: GpuShape,
): GpuKernel | undefined {
  const tiles = Math.ceil(vectors / 4);
  const threads = Math.ceil((tiles * (tiles + 1)) / 2 / device.warpSize) * device.warpSize;
  if (threads > 1024) return undefined;
  const answersBytes = 16 * Math.ceil((vectors * (vectors - 1) * element.bytes) / 32);
  let depth = Math.ceil(dim / 16) * 16;
  const sampleBytes = () => vectors * (depth + 4) * 4 + answersBytes;
  // Half a unit's shared memory at most, so that one block computes while another one waits for its vectors.
  while (depth > 16 && sampleBytes() > device.maxSharedBytes / 2) depth = Math.ceil(depth / 32) * 16;
  const samples = samplesOfBlock(batch, Math.max(1, Math.floor(128 / threads)), sampleBytes(), device);
  if (samples === 0) return undefined;
  return dotKernel(element, { batch, vectors, dim }, samples, threads, sampleBytes(), {
    WARP: device.warpSize,
    ON_TENSOR_CORES: 0,
    THREADS: threads,
    DEPTH: depth,
  });
}

function dotKernel(
  element: CudaElement,
  { batch, vectors, dim }: Record<'batch' | 'vectors' | 'dim', number>,
  samples: number,
  threads: number,
  sampleBytes: number,
  defines: GpuKernel['defines'],
): GpuKernel {
  const pairs = (vectors * (vectors - 1)) / 2;
  return {
    source: 'dot-interaction.cu',
    entry: 'dotInteraction',
    defines: {
      ...defines,
      ELEMENT: element.number,
      VECTORS: vectors,
      DIM: dim,
      PER: accessElements(element, dim),
      OUT_PER: accessBytes(samples * pairs * element.bytes) / element.bytes,
      SAMPLES: samples,
    },
    grid: [blocksOf(batch, samples), 1, 1],
    block: [samples * threads, 1, 1],
    sharedBytes: samples * sampleBytes,
    scalars: [i32(batch)],
  };
}

/** Samples of a block: up to `most`, fewer where the batch is small or shared memory short; 0 where none fits. */
function samplesOfBlock(batch: number, most: number, sampleBytes: number, device: GpuShape): number {
  let samples = most;
  while (samples > 1 && (batch < samples * device.units || samples * sampleBytes > device.maxSharedBytes)) {
    samples = Math.floor(samples / 2);
  }
  return sampleBytes > device.maxSharedBytes ? 0 : samples;
}

/** ½ Σ [(Σ v)² − Σ v²]: tensors x, out. */
export function factorisationMachineKernels(
  { dataType, shape: { batch, vectors, dim } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType];
  if (!element || element.bytes === 1) return undefined;
  const per = accessElements(element, dim);
  const { lanes, chunks } = lanesFor(dim / per, device.warpSize);
  if (chunks * per > 64) return undefined;
  const block = batch >= device.units * 8 ? 128 : device.warpSize;
  return [
    {
      source: 'factorisation-machine.cu',
      entry: 'factorisationMachine',
      defines: {
        WARP: device.warpSize,
        ELEMENT: element.number,
        PER: per,
        LANES: lanes,
        CHUNKS: chunks,
        BLOCK: block,
      },
      grid: [blocksOf(batch, block / device.warpSize), 1, 1],
      block: [block, 1, 1],
      sharedBytes: 0,
      scalars: [i32(batch), i32(vectors), i32(dim)],
    },
  ];
}
