import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { type Binding, type Pass, powerOfTwo, reduceRuns, type WgslKernel } from './pass.ts';

const threads = 256;

/** e^x over its sum, for each row. */
export const softmax: WgslKernel = (dataType, { rows, n }) => {
  const type = dataType === 'fp16' ? 'f16' : 'f32';
  const out: Binding = { name: 'out', tensor: 1, type, written: true };
  const store = `
  for (var column = start; column < ${n}u; column += WIDTH) {
    out[first + column] = ${type}(exp(f32(x[first + column]) - most) / sum);
  }`;
  return [exponentialsPass('softmax', dataType, { rows, n }, [out], store)];
};

/** −log of what softmax gives to the target of each row. */
export const crossEntropy: WgslKernel = (dataType, { rows, classes }) => {
  const others: Binding[] = [
    { name: 'targets', tensor: 1, type: 'u32' },
    { name: 'loss', tensor: 2, type: 'f32', written: true },
  ];
  const store = 'if (start == 0u) { loss[row] = log(sum) + most - f32(x[first + targets[row]]); }';
  return [exponentialsPass('cross-entropy', dataType, { rows, n: classes }, others, store)];
};

/** A run of threads to each row: its largest element, the sum of exponentials, then `store`. */
function exponentialsPass(
  name: string,
  dataType: MeasuredDataType,
  { rows, n }: { rows: number; n: number },
  others: Binding[],
  store: string,
): Pass {
  const width = powerOfTwo(Math.ceil(n / 4), 4, threads);
  const each = (action: string) => `
  if (row < ${rows}u) {
    for (var column = start; column < ${n}u; column += WIDTH) {
      let value = f32(x[first + column]);
      ${action}
    }
  }`;
  return {
    name,
    bindings: [{ name: 'x', tensor: 0, type: dataType === 'fp16' ? 'f16' : 'f32' }, ...others],
    threads,
    groups: Math.ceil((rows * width) / threads),
    declarations: `const WIDTH = ${width}u;\nvar<workgroup> partial: array<f32, THREADS>;`,
    code: `
  let row = group * ${threads / width}u + lane / WIDTH;
  let start = lane % WIDTH;
  let first = row * ${n}u;
  var largest = -0x1.fffffep+127f;
${each('largest = max(largest, value);')}
  partial[lane] = largest;
${reduceRuns(width, 'max')}
  let most = partial[lane - start];
  workgroupBarrier();
  var total = 0f;
${each('total += exp(value - most);')}
  partial[lane] = total;
${reduceRuns(width)}
  if (row >= ${rows}u) { return; }
  let sum = partial[lane - start];
  ${store}`,
  };
}
