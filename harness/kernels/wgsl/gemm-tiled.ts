import { type Pass, unrolled } from './pass.ts';
import type { Product } from './product.ts';

const components = ['x', 'y', 'z', 'w'];

/** Sizes of one workgroup's work: a tile of D, each thread a block of it. */
interface Tile {
  rows: number;
  columns: number;
  /** Rows and columns of one thread's block, multiples of 4. */
  block: number;
}

const tiles: Tile[] = [
  { rows: 128, columns: 128, block: 8 },
  { rows: 64, columns: 64, block: 4 },
  { rows: 32, columns: 32, block: 4 },
];

/** Workgroups that keep a large device busy. */
const enoughGroups = 128;
/** Units of the inner dimension in workgroup memory at a time. */
const depth = 16;

/**
 * A product by tiles: slices of A and W go to workgroup memory, inner dimension outermost, so that a thread reads
 * its operands four at a time; the next slice is loaded into registers while this one is worked on.
 */
export function tiledPass(product: Product): Pass {
  const { name, m, n, k, arithmetic, a, w, others, declarations = '' } = product;
  const tile = tileFor(m, n);
  const [groupRows, groupColumns] = groupsOf(tile, m, n);
  const { rows, columns, block } = tile;
  const threads = (rows / block) * (columns / block);
  const count = k % 4 === 0 ? 4 : 1;
  const stored = count === 4 ? `vec4<${arithmetic.stored}>` : arithmetic.stored;
  const { shared, sum } = arithmetic;
  const slices = Math.ceil(k / depth);
  const loads = [
    { source: 'a', most: m, from: 'rowStart', width: rows },
    { source: 'w', most: n, from: 'columnStart', width: columns },
  ].map((load) => sliceLoad({ ...load, threads, count, k, shared }));
  const acrossThreads = columns / block;
  return {
    name,
    bindings: [{ name: 'a', tensor: a, type: stored }, { name: 'w', tensor: w, type: stored }, ...others],
    threads,
    groups: groupRows * groupColumns,
    // A vector more than needed in each slice, against bank conflicts.
    declarations: `${declarations}
var<workgroup> aTile: array<array<vec4<${shared}>, ${rows / 4 + 1}>, ${depth}>;
var<workgroup> wTile: array<array<vec4<${shared}>, ${columns / 4 + 1}>, ${depth}>;`,
    code: `
  let rowStart = (group / ${groupColumns}u) * ${rows}u;
  let columnStart = (group % ${groupColumns}u) * ${columns}u;
  let threadRow = lane / ${acrossThreads}u;
  let threadColumn = lane % ${acrossThreads}u;
${unrolled(block * (block / 4), (index) => `  var sum${index} = vec4<${sum}>();`)}
${loads.map(({ declare }) => declare).join('\n')}
  var start = 0u;
${loads.map(({ fetch }) => fetch).join('\n')}
  for (var slice = 0u; slice < ${slices}u; slice++) {
${loads.map(({ place }) => place).join('\n')}
    workgroupBarrier();
    start += ${depth}u;
    if (slice + 1u < ${slices}u) {
${loads.map(({ fetch }) => fetch).join('\n')}
    }
    for (var i = 0u; i < ${depth}u; i++) {
${multiplyBlock(tile, arithmetic.multiplyAdd)}
    }
    workgroupBarrier();
  }
${storeBlock(tile, product)}`,
  };
}

function tileFor(m: number, n: number): Tile {
  const fitting = tiles.find((tile) => {
    const [down, across] = groupsOf(tile, m, n);
    return down * across >= enoughGroups;
  });
  return fitting ?? tiles.at(-1)!;
}

function groupsOf({ rows, columns }: Tile, m: number, n: number): [down: number, across: number] {
  return [Math.ceil(m / rows), Math.ceil(n / columns)];
}

interface SliceLoad {
  source: string;
  /** Rows of the source, and the first of this tile. */
  most: number;
  from: string;
  /** Rows of the tile. */
  width: number;
  threads: number;
  count: 1 | 4;
  k: number;
  shared: string;
}

/**
 * WGSL that brings a slice of one operand from memory to registers (`fetch`) and on to workgroup memory (`place`).
 * Without branches, of which some drivers take minutes to compile as many.
 */
function sliceLoad({ source, most, from, width, threads, count, k, shared }: SliceLoad) {
  const piecesPerRow = depth / count;
  const perThread = Math.ceil((width * piecesPerRow) / threads);
  const type = count === 4 ? `vec4<${shared}>` : shared;
  const where = (index: number) => {
    const piece = `(lane + ${index * threads}u)`;
    return { row: `${piece} / ${piecesPerRow}u`, inner: `(${piece} % ${piecesPerRow}u) * ${count}u` };
  };
  return {
    declare: unrolled(perThread, (index) => `  var ${source}Next${index} = ${type}();`),
    fetch: unrolled(perThread, (index) => {
      const { row, inner } = where(index);
      return `  {
    let row = ${from} + ${row};
    let inner = start + ${inner};
    let inside = row < ${most}u && inner < ${k}u;
    let loaded = ${type}(${source}[select(0u, (row * ${k}u + inner) / ${count}u, inside)]);
    ${source}Next${index} = select(${type}(), loaded, inside);
  }`;
    }),
    place: unrolled(perThread, (index) => {
      const { row, inner } = where(index);
      const target = (step: number) => `${source}Tile[inner + ${step}u][row / 4u][row % 4u]`;
      const values = count === 4 ? ['.x', '.y', '.z', '.w'] : [''];
      return `  {
    let row = ${row};
    let inner = ${inner};
${values.map((component, step) => `    ${target(step)} = ${source}Next${index}${component};`).join('\n')}
  }`;
    }),
  };
}

/** One step along the inner dimension: every row of the thread's block times four columns at a time. */
function multiplyBlock(
  { block, rows, columns }: Tile,
  multiplyAdd: (sum: string, a: string, w: string) => string,
) {
  const vectors = block / 4;
  // The block's vectors lie a whole tile's width over `vectors` apart: neighbours read neighbouring addresses.
  const spread = (width: number, vector: number) => (width / 4 / vectors) * vector;
  const operands = unrolled(
    vectors,
    (v) => `      let a${v} = aTile[i][threadRow + ${spread(rows, v)}u];
      let w${v} = wTile[i][threadColumn + ${spread(columns, v)}u];`,
  );
  const products = unrolled(block * vectors, (index) => {
    const row = Math.floor(index / vectors);
    const a = `a${row >> 2}.${components[row & 3]}`;
    return `      sum${index} = ${multiplyAdd(`sum${index}`, a, `w${index % vectors}`)};`;
  });
  return `${operands}\n${products}`;
}

function storeBlock({ block, rows, columns }: Tile, { m, n, store, storeWidth, arithmetic }: Product) {
  const vectors = block / 4;
  return unrolled(block * vectors, (index) => {
    const row = Math.floor(index / vectors);
    const vector = index % vectors;
    const rowAt = `rowStart + (threadRow + ${(rows / 4 / vectors) * (row >> 2)}u) * 4u + ${row & 3}u`;
    const columnAt = `columnStart + (threadColumn + ${(columns / 4 / vectors) * vector}u) * 4u`;
    const whole = `    if (row < ${m}u && column < ${n}u) { let value = sum${index}; ${store} }`;
    const single = unrolled(4, (c) => {
      const value = `${arithmetic.sum}(sum${index}.${components[c]})`;
      return `    { let column = first + ${c}u; if (row < ${m}u && column < ${n}u) { let value = ${value}; ${store} } }`;
    });
    return `  {
    let row = ${rowAt};
    let ${storeWidth === 4 ? 'column' : 'first'} = ${columnAt};
${storeWidth === 4 ? whole : single}
  }`;
  });
}
