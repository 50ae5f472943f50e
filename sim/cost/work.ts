import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { AccessSkew } from '../../models/model.ts';
import { elementBytes, once, type Work } from './amount-of-work.ts';
import { memoryReads } from './row-cache.ts';
import { searchedWork } from './searched-work.ts';

/** What of a device decides how many bytes an operator moves. */
export interface MemorySystem {
  /** Bytes in which memory is read: a GPU's sector, a CPU's cache line. */
  unitBytes: number;
  /** Last-level cache, which keeps the most popular rows of a table. */
  cacheBytes: number;
}

/** A usual GPU, for those who ask about the amount of work alone. */
const usualMemory: MemorySystem = { unitBytes: 32, cacheBytes: 50e6 };

/**
 * FLOPs and least bytes of an operator of `operatorAxes` on a data type and shape.
 * @param memory rows of a table take whole units of it, and are read again from its cache
 */
export function operatorWork(
  operator: OperatorName,
  dataType: MeasuredDataType,
  shape: Shape,
  memory: MemorySystem = usualMemory,
): Work {
  const e = elementBytes[dataType];
  switch (operator) {
    case 'gemm': {
      const { m, n, k } = shape;
      // fp8 answers in bf16.
      const out = dataType === 'fp8' ? 2 : e;
      return once(2 * m * n * k, (m * k + n * k) * e + m * n * out, k);
    }
    case 'embedding-bag':
      return lookupWork(dataType, shape, memory);
    case 'embedding-bag-backward':
      return updateWork(dataType, shape, memory);
    case 'bias-activation': {
      const { rows, n } = shape;
      return once(2 * rows * n, (2 * rows * n + n) * e);
    }
    case 'elementwise': {
      const { rows, n, inputs } = shape;
      return once((inputs - 1) * rows * n, (inputs + 1) * rows * n * e);
    }
    case 'dot-interaction': {
      const { batch, vectors, dim } = shape;
      const pairs = (vectors * (vectors - 1)) / 2;
      return once(2 * batch * pairs * dim, batch * (vectors * dim + pairs) * e, dim);
    }
    case 'cross-low-rank': {
      const { batch, width, rank } = shape;
      const flops = batch * (4 * width * rank + 3 * width);
      const bytes = (batch * (3 * width + 2 * rank) + 2 * width * rank + width) * e;
      return once(flops, bytes, width + rank);
    }
    case 'factorisation-machine': {
      const { batch, vectors, dim } = shape;
      return once(batch * (3 * vectors + 1) * dim, batch * (vectors * dim * e + 4), vectors);
    }
    case 'layer-norm':
      return once(8 * shape.rows * shape.n, (2 * shape.rows * shape.n + 2 * shape.n) * e, shape.n);
    case 'rms-norm':
      return once(4 * shape.rows * shape.n, (2 * shape.rows * shape.n + shape.n) * e, shape.n);
    case 'attention':
    case 'attention-jagged':
      return attentionWork(operator, shape, e);
    case 'concat':
    case 'split':
      return once(0, 2 * shape.rows * shape.inputs * shape.width * e);
    case 'quantise':
    case 'dequantise': {
      const { rows, dim } = shape;
      return once(3 * rows * dim, rows * (4 * dim + storedRowBytes(dataType, dim)), dim);
    }
    default:
      return searchedWork(operator, shape, e) ?? movedWork(operator, shape);
  }
}

function movedWork(operator: OperatorName, shape: Shape): Work {
  switch (operator) {
    case 'bucketise': {
      const { values, boundaries } = shape;
      const steps = Math.log2(boundaries + 1);
      return once(values * steps, 8 * values + 4 * boundaries, steps);
    }
    case 'hash':
      return once(8 * shape.values, 8 * shape.values);
    default:
      // Copies, collectives, remote calls and reads of memory: the bytes themselves. A launch has none.
      return once(0, shape.bytes ?? 0);
  }
}

/** Stored bytes of a table's row, as tables of models have them. */
export function storedRowBytes(dataType: MeasuredDataType, dim: number): number {
  if (dataType === 'int8') return dim + 8;
  if (dataType === 'int4') return dim / 2 + 4;
  return dim * elementBytes[dataType];
}

/** Mean bytes of the whole sectors that a row touches, rows lying one after the other: row + sector − their gcd. */
export function touchedBytes(rowBytes: number, unitBytes: number): number {
  return rowBytes + unitBytes - greatestCommonDivisor(rowBytes, unitBytes);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function skewOf(exponent: number): AccessSkew {
  return exponent > 0 ? { kind: 'zipf', exponent } : { kind: 'uniform' };
}

/** Pooled lookup of one table; fp32 tables answer in fp32, others in fp16. */
function lookupWork(dataType: MeasuredDataType, shape: Shape, memory: MemorySystem): Work {
  const { rows, dim, pooling, bags, skew } = shape;
  const lookups = bags * pooling;
  const rowBytes = storedRowBytes(dataType, dim);
  const reads = memoryReads(skewOf(skew), rows, keptRows(rowBytes, memory))(lookups);
  const valueBytes = dataType === 'fp32' ? 4 : 2;
  return pooledWork({ lookups, bags, reads, dim, rowBytes, valueBytes }, memory);
}

/** Share of a cache that keeps rows; the rest holds what streams through, and copies of its other half. */
const keptShare = 0.5;

/** Rows of a table that a cache keeps. */
export function keptRows(rowBytes: number, { unitBytes, cacheBytes }: MemorySystem): number {
  return (keptShare * cacheBytes) / touchedBytes(rowBytes, unitBytes);
}

/**
 * Pooled lookup: an index for each lookup, the rows in whole units of memory, and the sums.
 * @param reads lookups whose row comes from memory; the others find it in the cache
 * @param valueBytes of one element of a sum
 */
export function pooledWork(
  {
    lookups,
    bags,
    reads,
    dim,
    rowBytes,
    valueBytes,
  }: { lookups: number; bags: number; reads: number; dim: number; rowBytes: number; valueBytes: number },
  { unitBytes }: MemorySystem,
): Work {
  const touched = touchedBytes(rowBytes, unitBytes);
  const fromMemory = Math.min(lookups, reads);
  return {
    flops: lookups * dim,
    bytes: fromMemory * touched + 4 * lookups + bags * dim * valueBytes,
    rereadBytes: (lookups - fromMemory) * touched,
    depth: lookups / bags,
  };
}

/** Gradients summed by row, the row and its momentum read and written. */
function updateWork(dataType: MeasuredDataType, shape: Shape, { unitBytes }: MemorySystem): Work {
  const { rows, dim, pooling, bags, skew } = shape;
  const lookups = bags * pooling;
  const distinct = Math.min(lookups, memoryReads(skewOf(skew), rows, rows)(lookups));
  const rowBytes = touchedBytes(storedRowBytes(dataType, dim), unitBytes);
  const gradient = bags * dim * 4;
  return {
    flops: lookups * dim + 5 * distinct * dim,
    bytes: 2 * distinct * (rowBytes + unitBytes) + gradient + 12 * lookups,
    rereadBytes: Math.max(0, lookups * dim * 4 - gradient),
    depth: lookups / distinct,
  };
}

/** Two products for each pair of positions. Jagged lengths are uniform on 1 … 2·length − 1. */
function attentionWork(operator: OperatorName, shape: Shape, e: number): Work {
  const { batch, heads, length, dim } = shape;
  const isJagged = operator === 'attention-jagged';
  const meanSquare = length ** 2 + (isJagged ? ((2 * length - 1) ** 2 - 1) / 12 : 0);
  return once(4 * batch * heads * meanSquare * dim, 4 * batch * heads * length * dim * e, length);
}
