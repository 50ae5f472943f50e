import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { grid, powers } from './grid.ts';
import { searchedShapes } from './searched-shapes.ts';

/** What a device can take: candidates that are larger are left out. */
export interface Limits {
  kind: 'cpu' | 'gpu' | 'accelerator';
  /** Memory that one case may take (bytes). */
  memoryBytes: number;
  /** What one case may write: all of it is read back and checked (bytes). */
  outputBytes: number;
  /** Arithmetic of one launch (FLOP). */
  flops: number;
  /** Devices of this kind in the host, and cores of a CPU. */
  devices: number;
  cores: number;
}

/**
 * Widths [n, k] of fully connected layers as recommendation towers have them: bottom and top MLPs of DLRM, RM1 to
 * RM3, DeepFM and Wide & Deep, cross layers, projections of sequence encoders; squares that fill in between, and
 * some that are aligned to nothing.
 */
const layers: readonly (readonly [n: number, k: number])[] = [
  [512, 13],
  [256, 512],
  [128, 256],
  [64, 256],
  [64, 128],
  [32, 64],
  [1, 64],
  [1, 256],
  [1, 512],
  [256, 64],
  [128, 128],
  [256, 288],
  [256, 2112],
  [1024, 479],
  [1024, 480],
  [1024, 1024],
  [512, 1024],
  [256, 1024],
  [512, 3456],
  [3456, 512],
  [1024, 3456],
  [128, 2560],
  [1024, 2560],
  [400, 432],
  [400, 400],
  [80, 208],
  [512, 512],
  [512, 256],
  [256, 256],
  [768, 768],
  [3072, 768],
  [768, 3072],
  [384, 1536],
  [1536, 384],
  [2048, 512],
  [512, 2048],
  [2048, 2048],
  [4096, 1024],
  [1024, 4096],
  [4096, 4096],
  [8192, 2048],
  [160, 5376],
  [128, 11904],
  [256, 320],
  [96, 160],
  [224, 352],
  [640, 320],
  [320, 640],
  [1280, 896],
  [5120, 1280],
  [1, 80],
  [1, 1024],
  [2, 200],
  [36, 80],
  [64, 27],
  [100, 333],
  [200, 429],
  [300, 300],
  [700, 1433],
  [1000, 500],
];

/** Powers of two, what lies half-way, and sizes that divide by no tile. */
const batches = [
  ...powers(1, 64),
  ...[3, 10, 50, 96, 100, 128, 192, 200, 256, 300, 384, 512, 700, 768, 1000, 1024, 1536, 1800, 2048],
  ...[3000, 3072, 4096, 5000, 6144, 8192, 10000, 12288, 16384, 20000, 24576, 32768, 40000, 49152, 65536],
];

/** Shapes that are worth measuring, most common first, before a device's limits. */
export function shapesOf(operator: OperatorName, dataType: MeasuredDataType, limits: Limits): Shape[] {
  switch (operator) {
    case 'gemm':
      return gemmShapes(dataType);
    case 'cross-low-rank':
      return grid({
        batch: [...powers(1, 65536, 4), 3000, 10000],
        width: [512, 688, 1024, 1424, 2048, 3456],
        rank: [64, 176, 256, 512],
      });
    case 'embedding-bag':
    case 'embedding-bag-backward':
      return lookupShapes(limits.kind);
    case 'bias-activation':
    case 'layer-norm':
    case 'rms-norm':
      return grid({ rows: powers(1, 65536, 4), n: [64, 256, 512, 1024, 4096] });
    case 'elementwise':
      return grid({ rows: powers(1, 65536, 4), n: [128, 512, 3456], inputs: [2, 3] });
    case 'dot-interaction':
    case 'factorisation-machine':
      return grid({
        batch: [...powers(1, 65536, 4), 100, 3000],
        vectors: [9, 16, 21, 27, 33],
        dim: [32, 48, 64, 80, 128],
      });
    case 'attention':
    case 'attention-jagged':
      return grid({
        batch: powers(1, 1024, 4),
        heads: [2, 8],
        length: [16, 64, 256, 1024],
        dim: [32, 64, 128],
      });
    case 'concat':
    case 'split':
      return grid({ rows: powers(1, 65536, 4), inputs: [2, 9, 27], width: [32, 128] });
    case 'quantise':
    case 'dequantise':
      return grid({ rows: powers(64, 262144, 8), dim: [32, 64, 128, 256] });
    case 'bucketise':
      return grid({ values: powers(256, 2 ** 22, 8), boundaries: [16, 256, 4096] });
    case 'hash':
      return grid({ values: powers(256, 2 ** 24, 8), rows: [1000, 40_000_000] });
    default:
      return movementShapes(operator, limits);
  }
}

function gemmShapes(dataType: MeasuredDataType): Shape[] {
  // Eight-bit matrix units take rows of 16 bytes.
  const isAligned = dataType === 'fp8' || dataType === 'int8';
  const all = [...layers, ...scatteredLayers(isAligned ? [64, 16] : [64, 32, 16, 8, 1])];
  const fitting = isAligned ? all.filter(([n, k]) => n % 16 === 0 && k % 16 === 0) : all;
  return fitting.flatMap(([n, k]) => batches.map((m) => ({ m, n, k })));
}

/**
 * Layers of any width from 16 to 4096, spread evenly over both in octaves, in multiples of each of some alignments in
 * turn: towers are not all powers of two, and tiles and vectors that do not divide cost time.
 */
function scatteredLayers(alignments: readonly number[]): [n: number, k: number][] {
  // Steps of the two-dimensional golden section: low discrepancy without a generator.
  const steps = [0.7548776662, 0.569840291];
  return Array.from({ length: 80 }, (_, index) => {
    const multiple = alignments[index % alignments.length];
    const [n, k] = steps.map((step) => {
      const width = 2 ** (4 + 8 * ((index * step) % 1));
      return Math.max(1, Math.round(width / multiple)) * multiple;
    });
    return [n, k];
  });
}

/** Most indices of one launch: enough to fill the device, few enough to draw afresh for every set of inputs. */
const mostLookups = { cpu: 2 ** 18, gpu: 2 ** 22, accelerator: 2 ** 22 };

function lookupShapes(kind: Limits['kind']): Shape[] {
  return grid({
    rows: [1_000, 10_000, 100_000, 300_000, 1_000_000, 10_000_000, 40_000_000],
    dim: [16, 24, 32, 40, 64, 96, 128, 176, 256, 384, 512],
    pooling: [1, 2, 3, 5, 10, 20, 30, 50, 100, 200],
    bags: [1, 8, 64, 150, 512, 2048, 4000, 8192, 20000, 32768, 65536, 524288],
    skew: [0, 0.6, 1.05],
  }).filter(({ pooling, bags }) => pooling * bags <= mostLookups[kind]);
}

function movementShapes(operator: OperatorName, { kind, devices, cores }: Limits): Shape[] {
  const bytes = powers(256, 2 ** 29, 4);
  switch (operator) {
    case 'copy-to-device':
    case 'copy-from-device':
      return grid({ bytes, pinned: [1, 0] });
    case 'kernel-launch':
      return kind === 'cpu' ? [{ graph: 0 }] : grid({ graph: [0, 1] });
    case 'all-to-all':
    case 'all-reduce':
      return devices < 2 ? [] : grid({ devices: [devices], bytes: powers(256, 2 ** 29, 2) });
    case 'rpc-serialise':
    case 'rpc-round-trip':
    case 'rpc-deserialise':
      return grid({ bytes: powers(64, 2 ** 22, 4) });
    case 'memory-stream':
      return grid({ bytes: [2 ** 28, 2 ** 30], busy: kind === 'cpu' ? busyCores(cores) : [0] });
    case 'memory-gather':
      return kind === 'cpu'
        ? grid({ bytes: [2 ** 28], rowBytes: [64, 128, 256, 512], busy: busyCores(cores) })
        : [];
    default:
      return searchedShapes(operator);
  }
}

/** One core, all of them, and powers of two in between. */
function busyCores(cores: number): number[] {
  return [...new Set([...powers(1, cores), cores])];
}
