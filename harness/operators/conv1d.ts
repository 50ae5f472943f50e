import { elementOf, remembered, toleranceOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/** Products that the reference may spend on the rows of the answer. */
const work = 2 ** 22;

/** Zeros before the first element; one more follows the last where taps are even. */
export function paddingBefore(taps: number): number {
  return Math.floor((taps - 1) / 2);
}

/**
 * One-dimensional convolution of neural networks (cross-correlation), stride 1, zeros around it so that the length stays:
 * out[b, o, l] = bias[o] + Σ w[o, i, t] · x[b, i, l + t − paddingBefore]. x [batch, inChannels, length], w [outChannels,
 * inChannels, taps].
 */
export const conv1d: OperatorSpec = {
  name: 'conv1d',
  dataTypes: ['fp32', 'tf32', 'bf16', 'fp16'],
  tensors: (dataType, { batch, inChannels, outChannels, length, taps }) => {
    const element = elementOf(dataType);
    const perElement = inChannels * taps;
    return [
      { name: 'x', role: 'input', element, length: batch * inChannels * length },
      { name: 'w', role: 'input', element, length: outChannels * inChannels * taps },
      { name: 'bias', role: 'input', element, length: outChannels },
      {
        name: 'out',
        role: 'output',
        element,
        length: batch * outChannels * length,
        rowLength: length,
        checkedRows: Math.max(2, Math.min(16, Math.floor(work / (32 * perElement)))),
      },
    ];
  },
  reference: (_, { inChannels, outChannels, length, taps }, { value, values }) => {
    const weights = remembered((channel) => values('w', channel * inChannels * taps, inChannels * taps));
    return (_tensor, index) => {
      const row = Math.floor(index / length);
      const sample = Math.floor(row / outChannels);
      const first = index - row * length - paddingBefore(taps);
      const [from, to] = [Math.max(0, first), Math.min(length, first + taps)];
      const w = weights(row - sample * outChannels);
      let sum = value('bias', row - sample * outChannels);
      for (let i = 0; i < inChannels; i++) {
        const x = values('x', (sample * inChannels + i) * length + from, to - from);
        for (let l = from; l < to; l++) sum += w[i * taps + (l - first)] * x[l - from];
      }
      return sum;
    };
  },
  tolerance: toleranceOf,
};
