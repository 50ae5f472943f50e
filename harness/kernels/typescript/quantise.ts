import { decodeF16, encodeF16, roundHalfToEven } from '../../encoding.ts';
import type { TypescriptKernel } from './kernel.ts';
import type { View } from './views.ts';

export const quantise: TypescriptKernel = ([x, out], { rows, dim }, dataType) => {
  const row = dataType === 'int8' ? int8Row(out, dim) : int4Row(out, dim);
  for (let r = 0; r < rows; r++) {
    let least = x[r * dim];
    let most = least;
    for (let i = 1; i < dim; i++) {
      const value = x[r * dim + i];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    row(r, x.subarray(r * dim, (r + 1) * dim), least, most);
  }
};

type RowWriter = (row: number, values: View, least: number, most: number) => void;

function int8Row(out: View, dim: number): RowWriter {
  const floats = new Float32Array(out.buffer, out.byteOffset, out.byteLength / 4);
  return (row, values, least, most) => {
    const start = row * (dim + 8);
    const end = (start + dim) / 4;
    floats[end] = (most - least) / 255;
    floats[end + 1] = least;
    const scale = floats[end];
    for (let i = 0; i < dim; i++) out[start + i] = code(values[i], least, scale, 255);
  };
}

function int4Row(out: View, dim: number): RowWriter {
  return (row, values, least, most) => {
    const start = row * (dim / 2 + 4);
    const scaleBits = encodeF16((most - least) / 15);
    const biasBits = encodeF16(least);
    const scale = decodeF16(scaleBits);
    const bias = decodeF16(biasBits);
    for (let i = 0; i < dim; i += 2) {
      out[start + i / 2] = code(values[i], bias, scale, 15) | (code(values[i + 1], bias, scale, 15) << 4);
    }
    const end = start + dim / 2;
    out.set([scaleBits & 255, scaleBits >>> 8, biasBits & 255, biasBits >>> 8], end);
  };
}

function code(value: number, bias: number, scale: number, most: number): number {
  if (scale === 0) return 0;
  return Math.max(0, Math.min(most, roundHalfToEven((value - bias) / scale)));
}

export const dequantise: TypescriptKernel = ([x, out], { rows, dim }, dataType) => {
  const bytes = new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  const view = new DataView(x.buffer, x.byteOffset, x.byteLength);
  for (let row = 0; row < rows; row++) {
    if (dataType === 'int8') {
      const start = row * (dim + 8);
      const scale = view.getFloat32(start + dim, true);
      const bias = view.getFloat32(start + dim + 4, true);
      for (let i = 0; i < dim; i++) out[row * dim + i] = scale * bytes[start + i] + bias;
      continue;
    }
    const start = row * (dim / 2 + 4);
    const scale = decodeF16(view.getUint16(start + dim / 2, true));
    const bias = decodeF16(view.getUint16(start + dim / 2 + 2, true));
    for (let i = 0; i < dim; i++) {
      out[row * dim + i] = scale * ((bytes[start + (i >> 1)] >>> (4 * (i & 1))) & 15) + bias;
    }
  }
};
