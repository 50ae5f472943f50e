import { flatPass, lanesFor, type WgslKernel } from './pass.ts';

/** max(0, x + bias). */
export const biasActivation: WgslKernel = (dataType, { rows, n }) => {
  const { count, stored, wide } = lanesFor(dataType, n);
  return [
    flatPass(
      'bias-activation',
      [
        { name: 'x', tensor: 0, type: stored },
        { name: 'bias', tensor: 1, type: stored },
        { name: 'out', tensor: 2, type: stored, written: true },
      ],
      (rows * n) / count,
      `out[i] = ${stored}(max(${wide}(x[i]) + ${wide}(bias[i % ${n / count}u]), ${wide}()));`,
    ),
  ];
};

/** Product of the inputs, which lie one behind the other. */
export const elementwise: WgslKernel = (dataType, { rows, n, inputs }) => {
  const { count, stored, wide } = lanesFor(dataType, rows * n);
  const pieces = (rows * n) / count;
  const factors = Array.from({ length: inputs }, (_, input) => `${wide}(x[i + ${input * pieces}u])`);
  return [
    flatPass(
      'elementwise',
      [
        { name: 'x', tensor: 0, type: stored },
        { name: 'out', tensor: 1, type: stored, written: true },
      ],
      pieces,
      `out[i] = ${stored}(${factors.join(' * ')});`,
    ),
  ];
};

/** a · sigmoid(a) · b. */
export const swiglu: WgslKernel = (dataType, { rows, n }) => {
  const { count, stored, wide } = lanesFor(dataType, rows * n);
  return [
    flatPass(
      'swiglu',
      [
        { name: 'a', tensor: 0, type: stored },
        { name: 'b', tensor: 1, type: stored },
        { name: 'out', tensor: 2, type: stored, written: true },
      ],
      (rows * n) / count,
      `
  let gate = ${wide}(a[i]);
  out[i] = ${stored}(gate / (1 + exp(-gate)) * ${wide}(b[i]));`,
    ),
  ];
};

/** Integer hash of ids into `rows`. */
export const hash: WgslKernel = (_, { values, rows }) => {
  const type = values % 4 === 0 ? 'vec4<u32>' : 'u32';
  return [
    flatPass(
      'hash',
      [
        { name: 'ids', tensor: 0, type },
        { name: 'out', tensor: 1, type, written: true },
      ],
      values % 4 === 0 ? values / 4 : values,
      `
  var h = ids[i];
  h ^= h >> ${type}(16);
  h *= ${type}(0x85ebca6b);
  h ^= h >> ${type}(13);
  h *= ${type}(0xc2b2ae35);
  h ^= h >> ${type}(16);
  out[i] = h % ${type}(${rows});`,
    ),
  ];
};

/** Number of boundaries ≤ value, by bisection whose steps do not depend on the data. */
export const bucketise: WgslKernel = (_, { values, boundaries }) => [
  flatPass(
    'bucketise',
    [
      { name: 'values', tensor: 0, type: 'f32' },
      { name: 'boundaries', tensor: 1, type: 'f32' },
      { name: 'out', tensor: 2, type: 'i32', written: true },
    ],
    values,
    `
  let value = values[i];
  var low = 0u;
  var length = ${boundaries}u;
  while (length > 0u) {
    let half = (length + 1u) / 2u;
    if (boundaries[low + half - 1u] <= value) { low += half; length -= half; } else { length = half - 1u; }
  }
  out[i] = i32(low);`,
  ),
];
