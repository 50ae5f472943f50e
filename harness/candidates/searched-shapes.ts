import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { grid, powers } from './grid.ts';

/** Elements of a gradient's input beyond which its reference, which sums over all rows, takes seconds. */
const mostSummed = 2 ** 25;

/** (length, dim, width) of InterFormer's personalised FFN. */
const pffnSizes = [
  [200, 256, 160],
  [200, 192, 96],
  [400, 256, 160],
  [150, 96, 192],
] as const;

/** (channels, length) of one-dimensional convolutions over behaviour sequences. */
const convolutions = [
  [96, 200],
  [64, 512],
  [256, 1024],
  [768, 1024],
] as const;

/** Shapes of `searchedOperators` worth measuring: published production shapes, and sizes around them. */
export function searchedShapes(operator: OperatorName): Shape[] {
  switch (operator) {
    case 'jagged-to-padded':
      return grid({
        batch: powers(16, 16384, 4),
        length: [10, 50, 200],
        padded: [20, 100, 200],
        dim: [16, 64, 128],
      });
    case 'map-id':
      return grid({
        values: [2000, 4000, 6000, 8000, 10_000, 50_000, 1_000_000],
        ids: [100, 500, 1000, 5000, 10_000, 1_000_000],
      });
    case 'merge-bucketised':
      return grid({ batch: powers(64, 131_072, 2), features: [2, 8, 32], borders: [2, 4, 10] });
    case 'event-truncate':
      return grid({
        batch: [16, 64, 256, 1024],
        events: [200],
        kept: [100, 200],
        features: [1, 5, 9, 32],
        length: [1, 4],
      });
    case 'optimised-fm':
      return grid({
        batch: powers(16, 2048),
        vectors: [24, 32, 40, 48, 64, 96],
        dim: [224],
        rank: [256, 448, 1024, 2198],
      });
    case 'pffn':
      return pffnSizes.flatMap(([length, dim, width]) =>
        grid({ batch: powers(1, 2048), length: [length], dim: [dim], width: [width], gelu: [1, 0] }),
      );
    case 'conv1d':
      return convolutions.flatMap(([channels, length]) =>
        grid({
          batch: powers(1, 2048),
          inChannels: [channels],
          outChannels: [channels],
          length: [length],
          taps: [3, 1, 5],
        }),
      );
    default:
      return rowShapes(operator);
  }
}

function rowShapes(operator: OperatorName): Shape[] {
  const rows = powers(1, 65536, 4);
  switch (operator) {
    case 'rms-norm-backward':
      return grid({ rows, n: [64, 256, 512, 1024, 4096] }).filter(
        (shape) => shape.rows * shape.n <= mostSummed,
      );
    case 'softmax':
    case 'swiglu':
      return grid({ rows, n: [64, 256, 1024, 4096, 16384] });
    case 'cross-entropy':
      return grid({ rows, classes: [2, 100, 1000, 32_000, 128_000] });
    case 'top-k':
      return grid({
        rows: powers(1, 16384, 4),
        n: [100, 1000, 10_000, 100_000],
        k: [1, 10, 100, 1000],
      }).filter(({ n, k }) => k <= n);
    default:
      return [];
  }
}
