import type { TypescriptKernel } from './kernel.ts';

export const concat: TypescriptKernel = ([x, out], { rows, inputs, width }) => {
  for (let input = 0; input < inputs; input++) {
    for (let row = 0; row < rows; row++) {
      const from = (input * rows + row) * width;
      out.set(x.subarray(from, from + width), (row * inputs + input) * width);
    }
  }
};

export const split: TypescriptKernel = ([x, out], { rows, inputs, width }) => {
  for (let row = 0; row < rows; row++) {
    for (let input = 0; input < inputs; input++) {
      const from = (row * inputs + input) * width;
      out.set(x.subarray(from, from + width), (input * rows + row) * width);
    }
  }
};
