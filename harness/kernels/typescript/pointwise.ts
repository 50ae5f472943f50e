import { elementOf } from '../../operators/elements.ts';
import type { TypescriptKernel } from './kernel.ts';
import { store, toFloats } from './views.ts';

export const biasActivation: TypescriptKernel = ([x, bias, out], { rows, n }, dataType) => {
  const element = elementOf(dataType);
  const shift = toFloats(bias, element, 0, n);
  const answer = new Float32Array(n);
  for (let row = 0; row < rows; row++) {
    const values = toFloats(x, element, row * n, n);
    for (let i = 0; i < n; i++) answer[i] = Math.max(0, values[i] + shift[i]);
    store(out, element, answer, row * n);
  }
};

export const elementwise: TypescriptKernel = ([x, out], { rows, n, inputs }, dataType) => {
  const element = elementOf(dataType);
  const size = rows * n;
  const answer = Float32Array.from(toFloats(x, element, 0, size));
  for (let input = 1; input < inputs; input++) {
    const values = toFloats(x, element, input * size, size);
    for (let i = 0; i < size; i++) answer[i] *= values[i];
  }
  store(out, element, answer);
};

export const swiglu: TypescriptKernel = ([a, b, out], { rows, n }, dataType) => {
  const element = elementOf(dataType);
  const [gates, values] = [a, b].map((each) => toFloats(each, element, 0, rows * n));
  store(
    out,
    element,
    gates.map((gate, i) => (gate / (1 + Math.exp(-gate))) * values[i]),
  );
};
