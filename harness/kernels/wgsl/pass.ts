import type { MeasuredDataType, Shape } from '../../../hardware-profiles/operators-measured.ts';

/** One dispatch of one WGSL kernel: what it binds, what it does, how many workgroups run it. */
export interface Pass {
  name: string;
  bindings: Binding[];
  /** Threads of a workgroup; kernels know it as `THREADS`. */
  threads: number;
  /** Workgroups in all, counted along one axis; kernels find theirs in `group`. */
  groups: number;
  /** Module scope: constants, workgroup memory, functions. */
  declarations?: string;
  /** Body of the entry point, which sees `lane` (the thread in its workgroup) and `group`. */
  code: string;
}

/** A storage buffer of a kernel. */
export interface Binding {
  /** As the kernel calls it. */
  name: string;
  /** Which tensor of the operator. */
  tensor: number;
  /** Its elements. */
  type: string;
  written?: boolean;
}

/** Passes of an operator on a data type and a shape, in order. */
export type WgslKernel = (dataType: MeasuredDataType, shape: Shape) => Pass[];

/** Most workgroups along one axis that every WebGPU device runs. */
const maxGroupsPerAxis = 65535;

/** Workgroups along x and y; the last row may be incomplete, kernels leave out what is beyond. */
export function dispatchSize(groups: number): [x: number, y: number] {
  const y = Math.max(1, Math.ceil(groups / maxGroupsPerAxis));
  return [Math.ceil(groups / y), y];
}

/** The whole WGSL module of a pass, entry point `main`. */
export function moduleOf({ bindings, threads, groups, declarations = '', code }: Pass): string {
  const module = [
    ...bindings.map(
      ({ name, type, written }, index) =>
        `@group(0) @binding(${index}) var<storage, ${written ? 'read_write' : 'read'}> ${name}: array<${type}>;`,
    ),
    `const THREADS = ${threads}u;`,
    declarations,
    '@compute @workgroup_size(THREADS)',
    'fn main(',
    '  @builtin(local_invocation_index) lane: u32,',
    '  @builtin(workgroup_id) place: vec3<u32>,',
    '  @builtin(num_workgroups) places: vec3<u32>) {',
    '  let group = place.x + place.y * places.x;',
    `  if (group >= ${groups}u) { return; }`,
    code,
    '}',
  ].join('\n');
  return /\bf16\b/.test(module) ? `enable f16;\n${module}` : module;
}

/** How elements are stored, loaded several at a time and computed on. */
export interface Lanes {
  /** Elements of one load. */
  count: 1 | 4;
  /** WGSL types of one load, as stored and as computed on (always fp32). */
  stored: string;
  wide: string;
}

/** Loads of four elements where every one of `lengths` (rows, mostly) allows it, else of one. */
export function lanesFor(dataType: MeasuredDataType, ...lengths: number[]): Lanes {
  const scalar = dataType === 'fp16' ? 'f16' : 'f32';
  return lengths.every((length) => length % 4 === 0)
    ? { count: 4, stored: `vec4<${scalar}>`, wide: 'vec4<f32>' }
    : { count: 1, stored: scalar, wide: 'f32' };
}

/** Sum of the components of an expression of that type. */
export function sumOf({ count }: Lanes, expression: string): string {
  return count === 4 ? `dot(${expression}, vec4<f32>(1))` : `(${expression})`;
}

/** WGSL text for each of 0 … count − 1, a line each. */
export function unrolled(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

/**
 * Sum over each run of `width` threads (a power of two) of `partial`, an array of one value per thread in workgroup
 * memory; the run's first thread has it afterwards. All threads of the workgroup take part.
 */
export function reduceRuns(width: number, combine = '+='): string {
  const lines = ['workgroupBarrier();'];
  for (let step = width / 2; step >= 1; step /= 2) {
    const right = `partial[lane + ${step}u]`;
    const action =
      combine === '+='
        ? `partial[lane] += ${right};`
        : `partial[lane] = ${combine}(partial[lane], ${right});`;
    lines.push(`if (lane % ${width}u < ${step}u) { ${action} }`, 'workgroupBarrier();');
  }
  return lines.join('\n');
}

/** Least power of two that is at least `value`, within bounds that are powers of two themselves. */
export function powerOfTwo(value: number, least: number, most: number): number {
  let power = least;
  while (power < value && power < most) power *= 2;
  return power;
}

/** A pass in which every thread does one of `count` equal pieces of work, numbered `i`. */
export function flatPass(
  name: string,
  bindings: Binding[],
  count: number,
  code: string,
  declarations = '',
): Pass {
  const threads = 256;
  return {
    name,
    bindings,
    threads,
    groups: Math.ceil(count / threads),
    declarations,
    code: `let i = group * THREADS + lane;\nif (i >= ${count}u) { return; }\n${code}`,
  };
}
