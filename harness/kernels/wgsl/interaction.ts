import { lanesFor, powerOfTwo, reduceRuns, sumOf, type WgslKernel } from './pass.ts';

const threads = 256;
/** Floats of workgroup memory that vectors may take: every device has as many. */
const stagedFloats = 4096;

/**
 * Dot products of all pairs. Vectors come to workgroup memory a few columns at a time; a thread computes a 4 × 4 block
 * of pairs, and a workgroup does as many samples as it has threads for.
 */
export const dotInteraction: WgslKernel = (dataType, { batch, vectors, dim }) => {
  const { count, stored } = lanesFor(dataType, dim);
  const across = Math.ceil(vectors / 4);
  const blocks = (across * (across + 1)) / 2;
  const samples = Math.max(
    1,
    Math.min(Math.floor(threads / blocks), Math.floor(stagedFloats / (across * 4 * 8)), batch),
  );
  // Columns in fours, as many as there is room for; one vector more in a row against bank conflicts.
  const width = Math.max(4, Math.min(32, Math.floor(stagedFloats / (samples * across * 4) / 4) * 4));
  const staged = across * 4 * (width / 4);
  const rounds = Math.ceil(blocks / threads);
  const perSample = Math.min(blocks, threads);
  const pairs = (vectors * (vectors - 1)) / 2;
  const load =
    count === 4
      ? `if (row < ${vectors}u && column < ${dim}u) { loaded = vec4<f32>(x[((first + s) * ${vectors}u + row) * ${dim / 4}u + column / 4u]); }`
      : `if (row < ${vectors}u) {
        for (var c = 0u; c < 4u; c++) {
          if (column + c < ${dim}u) { loaded[c] = f32(x[((first + s) * ${vectors}u + row) * ${dim}u + column + c]); }
        }
      }`;
  return [
    {
      name: 'dot-interaction',
      bindings: [
        { name: 'x', tensor: 0, type: stored },
        { name: 'out', tensor: 1, type: dataType === 'fp16' ? 'f16' : 'f32', written: true },
      ],
      threads,
      groups: Math.ceil(batch / samples) * rounds,
      declarations: `var<workgroup> staged: array<vec4<f32>, ${samples * staged}>;`,
      code: `
  let first = (group / ${rounds}u) * ${samples}u;
  let sample = lane / ${perSample}u;
  let block = lane % ${perSample}u + (group % ${rounds}u) * THREADS;
  // Block (i, j) of the lower triangle: i(i + 1)/2 + j.
  var i = u32(sqrt(2 * f32(block) + 0.25) - 0.5);
  if (i * (i + 1u) / 2u > block) { i--; }
  if ((i + 1u) * (i + 2u) / 2u <= block) { i++; }
  let j = block - i * (i + 1u) / 2u;
  let works = sample < ${samples}u && first + sample < ${batch}u && block < ${blocks}u;
  var sums: array<vec4<f32>, 4>;
  for (var start = 0u; start < ${dim}u; start += ${width}u) {
    for (var at = lane; at < ${samples * staged}u; at += THREADS) {
      let s = at / ${staged}u;
      let row = (at % ${staged}u) / ${width / 4}u;
      let column = start + (at % ${width / 4}u) * 4u;
      var loaded = vec4<f32>();
      if (first + s < ${batch}u) {
        ${load}
      }
      staged[at] = loaded;
    }
    workgroupBarrier();
    if (works) {
      let left = sample * ${staged}u + i * ${width}u;
      let right = sample * ${staged}u + j * ${width}u;
      for (var c = 0u; c < ${width / 4}u; c++) {
        let b0 = staged[right + c];
        let b1 = staged[right + ${width / 4}u + c];
        let b2 = staged[right + ${width / 2}u + c];
        let b3 = staged[right + ${(3 * width) / 4}u + c];
        for (var r = 0u; r < 4u; r++) {
          let a = staged[left + r * ${width / 4}u + c];
          sums[r] += vec4<f32>(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3));
        }
      }
    }
    workgroupBarrier();
  }
  if (!works) { return; }
  for (var r = 0u; r < 4u; r++) {
    let row = i * 4u + r;
    if (row >= ${vectors}u) { break; }
    let place = (first + sample) * ${pairs}u + row * (row - 1u) / 2u;
    for (var c = 0u; c < 4u; c++) {
      let column = j * 4u + c;
      if (column < row) { out[place + column] = ${dataType === 'fp16' ? 'f16' : 'f32'}(sums[r][c]); }
    }
  }`,
    },
  ];
};

/** ½ Σ [(Σ v)² − Σ v²]: a run of threads to each sample, side by side over the columns. */
export const factorisationMachine: WgslKernel = (dataType, { batch, vectors, dim }) => {
  const lanes = lanesFor(dataType, dim);
  const { stored, wide, count } = lanes;
  const pieces = dim / count;
  const width = powerOfTwo(pieces, 4, 64);
  return [
    {
      name: 'factorisation-machine',
      bindings: [
        { name: 'x', tensor: 0, type: stored },
        { name: 'out', tensor: 1, type: 'f32', written: true },
      ],
      threads,
      groups: Math.ceil((batch * width) / threads),
      declarations: 'var<workgroup> partial: array<f32, THREADS>;',
      code: `
  let sample = group * ${threads / width}u + lane / ${width}u;
  let start = lane % ${width}u;
  var twice = ${wide}();
  if (sample < ${batch}u) {
    for (var piece = start; piece < ${pieces}u; piece += ${width}u) {
      var sum = ${wide}();
      var squares = ${wide}();
      for (var v = 0u; v < ${vectors}u; v++) {
        let value = ${wide}(x[(sample * ${vectors}u + v) * ${pieces}u + piece]);
        sum += value;
        squares += value * value;
      }
      twice += sum * sum - squares;
    }
  }
  partial[lane] = ${sumOf(lanes, 'twice')};
${reduceRuns(width)}
  if (start == 0u && sample < ${batch}u) { out[sample] = 0.5 * partial[lane]; }`,
    },
  ];
};
