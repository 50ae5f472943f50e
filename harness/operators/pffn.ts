import { InputError } from '../../foundation/problem.ts';
import { elementOf, remembered, toleranceOf } from './elements.ts';
import { gelu as geluOf } from './gelu.ts';
import { normEpsilon } from './norm.ts';
import type { OperatorSpec } from './operator.ts';

/** Products that the reference may spend on the rows of the answer. */
const work = 2 ** 22;

/**
 * One half of InterFormer's personalised FFN: h = x·w + bias, then GELU (gelu 1; the second half has none: 0), then RMS norm
 * over width with a gain. x [batch, length, dim]; every batch has its own w [batch, dim, width] and bias [batch, width].
 */
export const pffn: OperatorSpec = {
  name: 'pffn',
  dataTypes: ['fp32', 'tf32', 'bf16', 'fp16'],
  tensors: (dataType, { batch, length, dim, width, gelu }) => {
    if (gelu !== 0 && gelu !== 1) throw new InputError(`pffn: gelu is ${gelu}, neither 0 nor 1`);
    const element = elementOf(dataType);
    return [
      { name: 'x', role: 'input', element, length: batch * length * dim },
      { name: 'w', role: 'input', element, length: batch * dim * width },
      { name: 'bias', role: 'input', element, length: batch * width },
      { name: 'gain', role: 'input', element, length: width },
      {
        name: 'out',
        role: 'output',
        element,
        length: batch * length * width,
        rowLength: width,
        checkedRows: Math.max(2, Math.min(16, Math.floor(work / (dim * width)))),
      },
    ];
  },
  reference: (_, { length, dim, width, gelu }, { value, values }) => {
    const weights = remembered((row) => values('w', row * width, width));
    const normalised = remembered((row) => {
      const batch = Math.floor(row / length);
      const hidden = values('bias', batch * width, width);
      values('x', row * dim, dim).forEach((x, d) => {
        const w = weights(batch * dim + d);
        for (let k = 0; k < width; k++) hidden[k] += x * w[k];
      });
      const activated = gelu === 1 ? hidden.map(geluOf) : hidden;
      const square = activated.reduce((sum, each) => sum + each * each, 0) / width;
      return activated.map((each) => each / Math.sqrt(square + normEpsilon));
    });
    return (_tensor, index) => {
      const row = Math.floor(index / width);
      const column = index - row * width;
      return normalised(row)[column] * value('gain', column);
    };
  },
  // The product may be rounded before it is normalised.
  tolerance: (dataType) => 2 * toleranceOf(dataType),
};
