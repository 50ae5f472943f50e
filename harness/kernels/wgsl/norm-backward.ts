import { powerOfTwo, reduceRuns, type WgslKernel } from './pass.ts';

const epsilon = 1e-5;
const threads = 256;
/** Columns of the gain's gradient that a workgroup sums, and rows that it takes at a time. */
const together = 16;

/**
 * Gradients of RMS norm. First dx, a run of threads to each row; then dgain, a workgroup to some columns, which
 * works out the factor of each row again, since nothing is kept from the first pass.
 */
export const rmsNormBackward: WgslKernel = (dataType, { rows, n }) => {
  const type = dataType === 'fp16' ? 'f16' : 'f32';
  const width = powerOfTwo(Math.ceil(n / 4), 4, threads);
  const inputs = [
    { name: 'x', tensor: 0, type },
    { name: 'dy', tensor: 2, type },
  ];
  return [
    {
      name: 'rms-norm-backward, input',
      bindings: [
        ...inputs,
        { name: 'gain', tensor: 1, type },
        { name: 'dx', tensor: 3, type, written: true },
      ],
      threads,
      groups: Math.ceil((rows * width) / threads),
      declarations: 'var<workgroup> partial: array<vec2<f32>, THREADS>;',
      code: `
  let row = group * ${threads / width}u + lane / ${width}u;
  let start = lane % ${width}u;
  // Squares, and products with the gradient.
  var sums = vec2<f32>();
  if (row < ${rows}u) {
    for (var column = start; column < ${n}u; column += ${width}u) {
      let value = f32(x[row * ${n}u + column]);
      sums += value * vec2<f32>(value, f32(dy[row * ${n}u + column]) * f32(gain[column]));
    }
  }
  partial[lane] = sums;
${reduceRuns(width)}
  if (row >= ${rows}u) { return; }
  let means = partial[lane - start] * ${1 / n};
  let factor = inverseSqrt(means.x + ${epsilon});
  let along = means.y * factor * factor;
  for (var column = start; column < ${n}u; column += ${width}u) {
    let at = row * ${n}u + column;
    dx[at] = ${type}(factor * (f32(dy[at]) * f32(gain[column]) - f32(x[at]) * along));
  }`,
    },
    {
      name: 'rms-norm-backward, gain',
      bindings: [...inputs, { name: 'dgain', tensor: 4, type, written: true }],
      threads,
      groups: Math.ceil(n / together),
      declarations: 'var<workgroup> partial: array<f32, THREADS>;',
      code: `
  let column = group * ${together}u + lane % ${together}u;
  var sum = 0f;
  for (var first = 0u; first < ${rows}u; first += ${together}u) {
    let row = first + lane / ${together}u;
    var squares = 0f;
    if (row < ${rows}u) {
      for (var c = lane % ${together}u; c < ${n}u; c += ${together}u) {
        let value = f32(x[row * ${n}u + c]);
        squares += value * value;
      }
    }
    partial[lane] = squares;
${reduceRuns(together)}
    let factor = inverseSqrt(partial[lane - lane % ${together}u] * ${1 / n} + ${epsilon});
    workgroupBarrier();
    if (row < ${rows}u && column < ${n}u) { sum += f32(dy[row * ${n}u + column]) * f32(x[row * ${n}u + column]) * factor; }
  }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane >= ${together}u || column >= ${n}u) { return; }
  for (var down = ${together}u; down < THREADS; down += ${together}u) { sum += partial[lane + down]; }
  dgain[column] = ${type}(sum);`,
    },
  ];
};
