import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { decodeF16 } from '../../encoding.ts';
import type { TypescriptKernel } from './kernel.ts';
import { decodingTable, store, toFloats, type View } from './views.ts';

export const embeddingBag: TypescriptKernel = ([table, indices, out], { dim, pooling, bags }, dataType) => {
  const addRow = rowAdder(table, dim, dataType);
  const element = dataType === 'fp32' ? 'f32' : 'f16';
  const sum = new Float32Array(dim);
  for (let bag = 0; bag < bags; bag++) {
    sum.fill(0);
    for (let i = bag * pooling; i < (bag + 1) * pooling; i++) addRow(indices[i], sum);
    store(out, element, sum, bag * dim);
  }
};

/** Adds a row of a table to a sum. */
function rowAdder(
  table: View,
  dim: number,
  dataType: MeasuredDataType,
): (row: number, sum: Float32Array) => void {
  if (dataType === 'fp32') {
    return (row, sum) => {
      const start = row * dim;
      for (let d = 0; d < dim; d++) sum[d] += table[start + d];
    };
  }
  if (dataType === 'fp16') {
    const values = decodingTable('f16')!;
    return (row, sum) => {
      const start = row * dim;
      for (let d = 0; d < dim; d++) sum[d] += values[table[start + d]];
    };
  }
  return dataType === 'int8' ? int8RowAdder(table, dim) : int4RowAdder(table, dim);
}

function int8RowAdder(table: View, dim: number): (row: number, sum: Float32Array) => void {
  const floats = new Float32Array(table.buffer, table.byteOffset, table.byteLength / 4);
  const words = dim / 4 + 2;
  return (row, sum) => {
    const scale = floats[(row + 1) * words - 2];
    const bias = floats[(row + 1) * words - 1];
    const start = 4 * row * words;
    for (let d = 0; d < dim; d++) sum[d] += scale * table[start + d] + bias;
  };
}

function int4RowAdder(table: View, dim: number): (row: number, sum: Float32Array) => void {
  const bytes = dim / 2 + 4;
  return (row, sum) => {
    const start = row * bytes;
    const end = start + dim / 2;
    const scale = decodeF16(table[end] | (table[end + 1] << 8));
    const bias = decodeF16(table[end + 2] | (table[end + 3] << 8));
    for (let d = 0; d < dim; d += 2) {
      const codes = table[start + d / 2];
      sum[d] += scale * (codes & 15) + bias;
      sum[d + 1] += scale * (codes >>> 4) + bias;
    }
  };
}

const learningRate = 0.01;
const epsilon = 1e-8;

export const embeddingBagBackward: TypescriptKernel = (
  [table, momentum, rowIds, rowStarts, bagOf, grad],
  { dim },
  dataType,
) => {
  const element = dataType === 'fp32' ? 'f32' : 'f16';
  const sum = new Float32Array(dim);
  for (let u = 0; u < rowIds.length && rowIds[u] >= 0; u++) {
    sum.fill(0);
    for (let i = rowStarts[u]; i < rowStarts[u + 1]; i++) {
      const start = bagOf[i] * dim;
      for (let d = 0; d < dim; d++) sum[d] += grad[start + d];
    }
    const row = rowIds[u];
    let squares = 0;
    for (let d = 0; d < dim; d++) squares += sum[d] * sum[d];
    momentum[row] += squares / dim;
    const step = learningRate / (Math.sqrt(momentum[row]) + epsilon);
    const values = toFloats(table, element, row * dim, dim);
    for (let d = 0; d < dim; d++) values[d] -= step * sum[d];
    store(table, element, values, row * dim);
  }
};
