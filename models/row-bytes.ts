import type { TableDataType } from './model.ts';

/**
 * Stored bytes of one embedding row. int8 rows carry an fp32 scale and bias (dim + 8 B), int4 rows an fp16
 * scale and bias (⌈dim / 2⌉ + 4 B), as Caffe2's fused row-wise quantised tables do.
 * @param dim elements of the row
 */
export function rowBytes(dataType: TableDataType, dim: number): number {
  switch (dataType) {
    case 'fp32':
      return 4 * dim;
    case 'fp16':
    case 'bf16':
      return 2 * dim;
    case 'int8':
      return dim + 8;
    case 'int4':
      return Math.ceil(dim / 2) + 4;
  }
}
