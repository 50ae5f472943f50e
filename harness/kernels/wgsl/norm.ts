import type { Shape } from '../../../hardware-profiles/operators-measured.ts';
import { lanesFor, type Pass, powerOfTwo, reduceRuns, sumOf, unrolled, type WgslKernel } from './pass.ts';

const epsilon = 1e-5;
const threads = 256;

/** (x − mean) / deviation · gain + bias. */
export const layerNorm: WgslKernel = (dataType, shape) => [normPass(dataType, shape, true)];

/** x / root mean square · gain. */
export const rmsNorm: WgslKernel = (dataType, shape) => [normPass(dataType, shape, false)];

/** A run of threads to each row, which stays in registers between the sums and the answer. */
function normPass(dataType: Parameters<WgslKernel>[0], { rows, n }: Shape, centred: boolean): Pass {
  const lanes = lanesFor(dataType, n);
  const { stored, wide, count } = lanes;
  const pieces = n / count;
  const width = powerOfTwo(Math.ceil(pieces / 4), 4, threads);
  const perThread = Math.ceil(pieces / width);
  const isThere = (k: number) => `row < ${rows}u && start + ${k * width}u < ${pieces}u`;
  const each = (line: (k: number) => string) => unrolled(perThread, line);
  const mean = `
  partial[lane] = ${sumOf(lanes, Array.from({ length: perThread }, (_, k) => `x${k}`).join(' + '))};
${reduceRuns(width)}
  let mean = partial[lane - start] * ${1 / n};
  workgroupBarrier();
${each((k) => `  if (${isThere(k)}) { x${k} -= mean; }`)}`;
  const tensors = centred ? ['x', 'gain', 'bias', 'out'] : ['x', 'gain', 'out'];
  return {
    name: centred ? 'layer-norm' : 'rms-norm',
    bindings: tensors.map((name, tensor) => ({ name, tensor, type: stored, written: name === 'out' })),
    threads,
    groups: Math.ceil((rows * width) / threads),
    declarations: 'var<workgroup> partial: array<f32, THREADS>;',
    code: `
  let row = group * ${threads / width}u + lane / ${width}u;
  let start = lane % ${width}u;
  let first = row * ${pieces}u + start;
${each((k) => `  var x${k} = ${wide}();\n  if (${isThere(k)}) { x${k} = ${wide}(x[first + ${k * width}u]); }`)}
${centred ? mean : ''}
  partial[lane] = ${sumOf(lanes, Array.from({ length: perThread }, (_, k) => `x${k} * x${k}`).join(' + '))};
${reduceRuns(width)}
  let factor = inverseSqrt(partial[lane - start] * ${1 / n} + ${epsilon});
${each((k) => {
  const column = `start + ${k * width}u`;
  const bias = centred ? ` + ${wide}(bias[${column}])` : '';
  return `  if (${isThere(k)}) { out[first + ${k * width}u] = ${stored}(x${k} * factor * ${wide}(gain[${column}])${bias}); }`;
})}`,
  };
}
