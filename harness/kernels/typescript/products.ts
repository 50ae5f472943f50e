import { paddingBefore } from '../../operators/conv1d.ts';
import { elementOf } from '../../operators/elements.ts';
import { gelu as geluOf } from '../../operators/gelu.ts';
import type { TypescriptKernel } from './kernel.ts';
import { epsilon } from './norm.ts';
import { store, toFloats } from './views.ts';

export const optimisedFm: TypescriptKernel = ([x, y, out], { batch, vectors, dim, rank }, dataType) => {
  const element = elementOf(dataType);
  const answer = new Float32Array(vectors * rank);
  for (let sample = 0; sample < batch; sample++) {
    const xs = toFloats(x, element, sample * vectors * dim, vectors * dim);
    const ys = toFloats(y, element, sample * vectors * rank, vectors * rank);
    answer.fill(0);
    for (let i = 0; i < vectors; i++) {
      for (let j = 0; j < vectors; j++) {
        let product = 0;
        for (let d = 0; d < dim; d++) product += xs[i * dim + d] * xs[j * dim + d];
        for (let k = 0; k < rank; k++) answer[i * rank + k] += product * ys[j * rank + k];
      }
    }
    store(out, element, answer, sample * vectors * rank);
  }
};

export const pffn: TypescriptKernel = (
  [x, w, bias, gain, out],
  { batch, length, dim, width, gelu },
  dataType,
) => {
  const element = elementOf(dataType);
  const factors = toFloats(gain, element, 0, width);
  for (let sample = 0; sample < batch; sample++) {
    const weights = toFloats(w, element, sample * dim * width, dim * width);
    const shift = toFloats(bias, element, sample * width, width);
    for (let row = sample * length; row < (sample + 1) * length; row++) {
      const values = toFloats(x, element, row * dim, dim);
      const hidden = Float32Array.from(shift);
      for (let d = 0; d < dim; d++) {
        for (let k = 0; k < width; k++) hidden[k] += values[d] * weights[d * width + k];
      }
      let squares = 0;
      for (let k = 0; k < width; k++) {
        if (gelu === 1) hidden[k] = geluOf(hidden[k]);
        squares += hidden[k] * hidden[k];
      }
      const scale = 1 / Math.sqrt(squares / width + epsilon);
      for (let k = 0; k < width; k++) hidden[k] *= scale * factors[k];
      store(out, element, hidden, row * width);
    }
  }
};

export const conv1d: TypescriptKernel = (
  [x, w, bias, out],
  { batch, inChannels, outChannels, length, taps },
  dataType,
) => {
  const element = elementOf(dataType);
  const weights = toFloats(w, element, 0, outChannels * inChannels * taps);
  const shift = toFloats(bias, element, 0, outChannels);
  const answer = new Float32Array(length);
  const before = paddingBefore(taps);
  for (let sample = 0; sample < batch; sample++) {
    const values = toFloats(x, element, sample * inChannels * length, inChannels * length);
    for (let channel = 0; channel < outChannels; channel++) {
      answer.fill(shift[channel]);
      for (let i = 0; i < inChannels; i++) {
        for (let tap = 0; tap < taps; tap++) {
          const weight = weights[(channel * inChannels + i) * taps + tap];
          const moved = tap - before;
          const end = Math.min(length, length - moved);
          for (let l = Math.max(0, -moved); l < end; l++)
            answer[l] += weight * values[i * length + l + moved];
        }
      }
      store(out, element, answer, (sample * outChannels + channel) * length);
    }
  }
};
