import { elementOf } from '../../operators/elements.ts';
import type { TypescriptKernel } from './kernel.ts';
import { store, toFloats } from './views.ts';

export const epsilon = 1e-5;

export const layerNorm: TypescriptKernel = ([x, gain, bias, out], { rows, n }, dataType) => {
  const element = elementOf(dataType);
  const [factors, shifts] = [gain, bias].map((each) => toFloats(each, element, 0, n));
  const answer = new Float32Array(n);
  for (let row = 0; row < rows; row++) {
    const values = toFloats(x, element, row * n, n);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[i];
    const mean = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    const scale = 1 / Math.sqrt(squares / n + epsilon);
    for (let i = 0; i < n; i++) answer[i] = (values[i] - mean) * scale * factors[i] + shifts[i];
    store(out, element, answer, row * n);
  }
};

export const rmsNorm: TypescriptKernel = ([x, gain, out], { rows, n }, dataType) => {
  const element = elementOf(dataType);
  const factors = toFloats(gain, element, 0, n);
  const answer = new Float32Array(n);
  for (let row = 0; row < rows; row++) {
    const values = toFloats(x, element, row * n, n);
    let squares = 0;
    for (let i = 0; i < n; i++) squares += values[i] * values[i];
    const scale = 1 / Math.sqrt(squares / n + epsilon);
    for (let i = 0; i < n; i++) answer[i] = values[i] * scale * factors[i];
    store(out, element, answer, row * n);
  }
};

export const rmsNormBackward: TypescriptKernel = ([x, gain, dy, dx, dgain], { rows, n }, dataType) => {
  const element = elementOf(dataType);
  const factors = toFloats(gain, element, 0, n);
  const answer = new Float32Array(n);
  const gainSums = new Float32Array(n);
  for (let row = 0; row < rows; row++) {
    const [values, gradient] = [x, dy].map((each) => toFloats(each, element, row * n, n));
    let squares = 0;
    let projection = 0;
    for (let i = 0; i < n; i++) {
      squares += values[i] * values[i];
      projection += gradient[i] * factors[i] * values[i];
    }
    const scale = 1 / Math.sqrt(squares / n + epsilon);
    const along = (projection / n) * scale * scale;
    for (let i = 0; i < n; i++) {
      answer[i] = scale * (gradient[i] * factors[i] - values[i] * along);
      gainSums[i] += gradient[i] * values[i] * scale;
    }
    store(dx, element, answer, row * n);
  }
  store(dgain, element, gainSums);
};
