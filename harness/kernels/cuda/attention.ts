import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import { accessElements, blocksOf, type CudaElement, elementOf } from './layout.ts';

interface Tiling {
  source: string;
  /** Queries and threads of a block. */
  queries: number;
  threads: number;
  sharedBytes: number;
  defines: GpuKernel['defines'];
}

/** Padded (q, k, v, out) or jagged (q, k, v, offsets, out) attention without a mask. */
export function attentionKernels(
  { operator, dataType, shape: { batch, heads, length, dim } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType];
  if (!element || element.bytes === 1) return undefined;
  const isJagged = operator === 'attention-jagged';
  // Jagged sequences have up to 2 · length − 1 tokens.
  const longest = isJagged ? 2 * length - 1 : length;
  const tiling = tensorTiling(element, longest, dim, device) ?? plainTiling(element, longest, dim, device);
  if (!tiling) return undefined;
  const tiles = blocksOf(longest, tiling.queries);
  return [
    {
      source: tiling.source,
      entry: 'attention',
      defines: { ...tiling.defines, ELEMENT: element.number, DIM: dim, IS_JAGGED: isJagged ? 1 : 0 },
      grid: [batch * heads * tiles, 1, 1],
      block: [tiling.threads, 1, 1],
      sharedBytes: tiling.sharedBytes,
      scalars: [i32(tiles), i32(isJagged ? heads : length)],
    },
  ];
}

/** Tensor cores: 16 queries a warp, up to four warps; two buffers of keys and values. */
function tensorTiling(
  element: CudaElement,
  longest: number,
  dim: number,
  device: GpuShape,
): Tiling | undefined {
  if (element.bytes !== 2 || device.warpSize !== 32 || dim % 8 !== 0 || dim > 256) return undefined;
  const warps = longest <= 16 ? 1 : longest <= 32 ? 2 : 4;
  // A longer head leaves fewer registers for scores.
  const keys = dim > 128 || longest <= 32 ? (longest <= 16 ? 16 : 32) : 64;
  const rowBytes = (Math.ceil(dim / 16) * 16 + 8) * 2;
  const sharedBytes = (16 * warps + 4 * keys) * rowBytes;
  if (sharedBytes > device.maxSharedBytes) return undefined;
  return {
    source: 'attention-tensor.cu',
    queries: 16 * warps,
    threads: 32 * warps,
    sharedBytes,
    defines: { WARP: 32, WARPS: warps, KEYS: keys },
  };
}

function plainTiling(
  element: CudaElement,
  longest: number,
  dim: number,
  device: GpuShape,
): Tiling | undefined {
  const columns = dim <= 16 ? 16 : dim <= 32 ? 32 : Math.ceil(dim / 64) * 64;
  for (const [rows, keys] of [
    [4, 64],
    [4, 32],
    [2, 32],
    [1, 16],
  ]) {
    const sharedBytes = 4 * ((16 * rows + 2 * keys) * (columns + 4) + 16 * rows * (keys + 4));
    // Half a unit's shared memory at most, and no more rows than there are queries for.
    if (rows > 1 && (sharedBytes > device.maxSharedBytes / 2 || longest <= 8 * rows)) continue;
    if (columns > 256 || sharedBytes > device.maxSharedBytes) return undefined;
    return {
      source: 'attention.cu',
      queries: 16 * rows,
      threads: 256,
      sharedBytes,
      defines: {
        WARP: device.warpSize,
        COLUMNS: columns,
        ROWS: rows,
        KEYS: keys,
        PER: accessElements(element, dim),
      },
    };
  }
  return undefined;
}
