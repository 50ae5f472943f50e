import { rowWords } from '../../patterns.ts';
import { flatPass, powerOfTwo, reduceRuns, type WgslKernel } from './pass.ts';

const threads = 256;

/** Reads a row twice: for its range, then for its codes; a run of threads to each row. */
export const quantise: WgslKernel = (dataType, { rows, dim }) => {
  const isInt8 = dataType === 'int8';
  const pieces = dim / 4;
  const codesPerWord = isInt8 ? 4 : 8;
  const codeWords = dim / codesPerWord;
  const words = rowWords(isInt8 ? 'rows-int8' : 'rows-int4', dim);
  const width = powerOfTwo(codeWords, 4, 64);
  const bounds = `
  var low = vec4<f32>(0x1.fffffep+127f);
  var high = -low;
  if (row < ${rows}u) {
    for (var piece = start; piece < ${pieces}u; piece += ${width}u) {
      let value = x[row * ${pieces}u + piece];
      low = min(low, value);
      high = max(high, value);
    }
  }
  partial[lane] = min(min(low.x, low.y), min(low.z, low.w));
${reduceRuns(width, 'min')}
  let least = partial[lane - start];
  workgroupBarrier();
  partial[lane] = max(max(high.x, high.y), max(high.z, high.w));
${reduceRuns(width, 'max')}
  let most = partial[lane - start];`;
  const int8 = `
  let scale = (most - least) / 255;
  let bias = least;
  for (var word = start; word < ${codeWords}u; word += ${width}u) {
    out[row * ${words}u + word] = pack4xU8(codes(x[row * ${pieces}u + word], scale, bias));
  }
  if (start == 0u) { out[row * ${words}u + ${words - 2}u] = bitcast<u32>(scale); }
  if (start == 0u) { out[row * ${words}u + ${words - 1}u] = bitcast<u32>(bias); }`;
  const int4 = `
  let ending = pack2x16float(vec2<f32>((most - least) / 15, least));
  let scale = unpack2x16float(ending).x;
  let bias = unpack2x16float(ending).y;
  for (var word = start; word < ${codeWords}u; word += ${width}u) {
    let low4 = codes(x[row * ${pieces}u + 2u * word], scale, bias) << vec4<u32>(0, 4, 8, 12);
    let high4 = codes(x[row * ${pieces}u + 2u * word + 1u], scale, bias) << vec4<u32>(16, 20, 24, 28);
    let both = low4 | high4;
    out[row * ${words}u + word] = both.x | both.y | both.z | both.w;
  }
  if (start == 0u) { out[row * ${words}u + ${words - 1}u] = ending; }`;
  return [
    {
      name: 'quantise',
      bindings: [
        { name: 'x', tensor: 0, type: 'vec4<f32>' },
        { name: 'out', tensor: 1, type: 'u32', written: true },
      ],
      threads,
      groups: Math.ceil((rows * width) / threads),
      declarations: `
var<workgroup> partial: array<f32, THREADS>;
fn codes(value: vec4<f32>, scale: f32, bias: f32) -> vec4<u32> {
  if (scale == 0) { return vec4<u32>(); }
  return vec4<u32>(clamp(round((value - bias) / scale), vec4<f32>(), vec4<f32>(${isInt8 ? 255 : 15})));
}`,
      code: `
  let row = group * ${threads / width}u + lane / ${width}u;
  let start = lane % ${width}u;
${bounds}
  if (row >= ${rows}u) { return; }
${isInt8 ? int8 : int4}`,
    },
  ];
};

/** Four columns to a thread from int8, eight from int4: one word of codes. */
export const dequantise: WgslKernel = (dataType, { rows, dim }) => {
  const isInt8 = dataType === 'int8';
  const words = rowWords(isInt8 ? 'rows-int8' : 'rows-int4', dim);
  const codeWords = dim / (isInt8 ? 4 : 8);
  const int8 = `
  let scale = bitcast<f32>(x[row * ${words}u + ${words - 2}u]);
  let bias = bitcast<f32>(x[row * ${words}u + ${words - 1}u]);
  out[i] = scale * vec4<f32>(unpack4xU8(codes)) + bias;`;
  const int4 = `
  let ending = unpack2x16float(x[row * ${words}u + ${words - 1}u]);
  let low = (vec4<u32>(codes) >> vec4<u32>(0, 4, 8, 12)) & vec4<u32>(15);
  let high = (vec4<u32>(codes) >> vec4<u32>(16, 20, 24, 28)) & vec4<u32>(15);
  out[2u * i] = ending.x * vec4<f32>(low) + ending.y;
  out[2u * i + 1u] = ending.x * vec4<f32>(high) + ending.y;`;
  return [
    flatPass(
      'dequantise',
      [
        { name: 'x', tensor: 0, type: 'u32' },
        { name: 'out', tensor: 1, type: 'vec4<f32>', written: true },
      ],
      rows * codeWords,
      `
  let row = i / ${codeWords}u;
  let codes = x[row * ${words}u + i % ${codeWords}u];
${isInt8 ? int8 : int4}`,
    ),
  ];
};
