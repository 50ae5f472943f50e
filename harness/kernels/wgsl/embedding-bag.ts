import type { Shape } from '../../../hardware-profiles/operators-measured.ts';
import { rowWords } from '../../patterns.ts';
import {
  type Binding,
  type Lanes,
  lanesFor,
  type Pass,
  powerOfTwo,
  unrolled,
  type WgslKernel,
} from './pass.ts';

/** How a row of a table is read: each thread sums `columns` neighbouring columns. */
interface RowFormat {
  columns: number;
  /** WGSL type of a table element, of one piece of a row as loaded, and of its sum. */
  table: string;
  loaded: string;
  sum: string;
  /** Expressions: the piece at `piece` of row `row`, and what a loaded piece adds. */
  load(row: string, piece: string): string;
  value(loaded: string): string;
  out: string;
  store: string;
  declarations?: string;
}

/** Rows that one thread has under way at a time. */
const unroll = 8;

/**
 * Pooled sums. Neighbouring threads read neighbouring pieces of a row, each keeps several rows under way; where bags
 * are few and long, several runs of threads share one bag and add up in workgroup memory.
 */
export const embeddingBag: WgslKernel = (dataType, shape) => {
  const format =
    dataType === 'int8'
      ? int8Rows(shape)
      : dataType === 'int4'
        ? int4Rows(shape)
        : floatRows(lanesFor(dataType, shape.dim), shape);
  return [poolingPass(format, shape)];
};

function poolingPass(format: RowFormat, { dim, pooling, bags }: Shape): Pass {
  const pieces = dim / format.columns;
  const splits = splitsOf(pieces, pooling, bags);
  const threads = 256;
  const bindings: Binding[] = [
    { name: 'table', tensor: 0, type: format.table },
    { name: 'indices', tensor: 1, type: 'u32' },
    { name: 'out', tensor: 2, type: format.out, written: true },
  ];
  const perSplit = Math.ceil(pooling / splits);
  const gather = `
  let piece = i % ${pieces}u;
  let split = ${splits === 1 ? '0u' : `(i / ${pieces}u) % ${splits}u`};
  let bag = i / ${pieces * splits}u;
  var sum = ${format.sum}();
  if (bag < ${bags}u) {
    var at = bag * ${pooling}u + split * ${perSplit}u;
    let end = min(at + ${perSplit}u, (bag + 1u) * ${pooling}u);
    for (; at + ${unroll}u <= end; at += ${unroll}u) {
${unrolled(unroll, (k) => `      let row${k} = indices[at + ${k}u];`)}
${unrolled(unroll, (k) => `      let loaded${k} = ${format.load(`row${k}`, 'piece')};`)}
${unrolled(unroll, (k) => `      sum += ${format.value(`loaded${k}`)};`)}
    }
    for (; at < end; at++) {
      let row = indices[at];
      let loaded = ${format.load('row', 'piece')};
      sum += ${format.value('loaded')};
    }
  }`;
  const together = `
  partial[lane] = sum;
  workgroupBarrier();
  if (split > 0u || bag >= ${bags}u) { return; }
  for (var other = 1u; other < ${splits}u; other++) { sum += partial[lane + other * ${pieces}u]; }`;
  return {
    name: 'embedding-bag',
    bindings,
    threads,
    groups: Math.ceil((bags * pieces * splits) / threads),
    declarations: `${format.declarations ?? ''}
${splits > 1 ? `var<workgroup> partial: array<${format.sum}, THREADS>;` : ''}`,
    code: `
  let i = group * THREADS + lane;
${gather}
${splits > 1 ? together : `  if (bag >= ${bags}u) { return; }`}
  ${format.store}`,
  };
}

/** Runs of threads that share one bag: only as many as leave a workgroup whole and give each something to do. */
function splitsOf(pieces: number, pooling: number, bags: number): number {
  const enoughThreads = 2 ** 16;
  const wanted = Math.min(enoughThreads / (bags * pieces), pooling / 4);
  if (wanted < 2 || 256 % pieces !== 0) return 1;
  return powerOfTwo(Math.floor(wanted), 2, 256 / pieces);
}

function floatRows({ count, stored, wide }: Lanes, { dim }: Shape): RowFormat {
  const pieces = dim / count;
  return {
    columns: count,
    table: stored,
    loaded: stored,
    sum: wide,
    load: (row, piece) => `table[${row} * ${pieces}u + ${piece}]`,
    value: (loaded) => `${wide}(${loaded})`,
    out: stored,
    store: `out[bag * ${pieces}u + piece] = ${stored}(sum);`,
  };
}

/** Eight sums at a time, as two vectors. */
const eightSums = `
alias Eight = mat2x4<f32>;
fn halves(sum: Eight) -> vec4<u32> {
  return vec4<u32>(pack2x16float(sum[0].xy), pack2x16float(sum[0].zw), pack2x16float(sum[1].xy), pack2x16float(sum[1].zw));
}`;

/** Eight columns to a thread: two words of codes; scale and bias end the row. */
function int8Rows({ dim }: Shape): RowFormat {
  const pairs = rowWords('rows-int8', dim) / 2;
  return {
    columns: 8,
    table: 'vec2<u32>',
    loaded: 'Loaded',
    sum: 'Eight',
    load: (row, piece) =>
      `Loaded(table[${row} * ${pairs}u + ${piece}], table[${row} * ${pairs}u + ${pairs - 1}u])`,
    value: (loaded) => `decoded(${loaded})`,
    out: 'vec4<u32>',
    store: `out[bag * ${dim / 8}u + piece] = halves(sum);`,
    declarations: `${eightSums}
struct Loaded { codes: vec2<u32>, ending: vec2<u32> }
fn decoded(loaded: Loaded) -> Eight {
  let ending = bitcast<vec2<f32>>(loaded.ending);
  return Eight(
    ending.x * vec4<f32>(unpack4xU8(loaded.codes.x)) + ending.y,
    ending.x * vec4<f32>(unpack4xU8(loaded.codes.y)) + ending.y);
}`,
  };
}

/** Eight columns to a thread: one word of nibbles; one word of fp16 scale and bias ends the row. */
function int4Rows({ dim }: Shape): RowFormat {
  const words = rowWords('rows-int4', dim);
  return {
    columns: 8,
    table: 'u32',
    loaded: 'vec2<u32>',
    sum: 'Eight',
    load: (row, piece) =>
      `vec2<u32>(table[${row} * ${words}u + ${piece}], table[${row} * ${words}u + ${words - 1}u])`,
    value: (loaded) => `decoded(${loaded})`,
    out: 'vec4<u32>',
    store: `out[bag * ${dim / 8}u + piece] = halves(sum);`,
    declarations: `${eightSums}
fn decoded(loaded: vec2<u32>) -> Eight {
  let ending = unpack2x16float(loaded.y);
  let low = (vec4<u32>(loaded.x) >> vec4<u32>(0, 4, 8, 12)) & vec4<u32>(15);
  let high = (vec4<u32>(loaded.x) >> vec4<u32>(16, 20, 24, 28)) & vec4<u32>(15);
  return Eight(ending.x * vec4<f32>(low) + ending.y, ending.x * vec4<f32>(high) + ending.y);
}`,
  };
}
