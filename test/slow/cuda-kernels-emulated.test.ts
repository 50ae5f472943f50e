// time-limit: 240 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../harness/device.ts';
import {
  crossEpilogue,
  fillKernel,
  type GpuKernel,
  type GpuShape,
  gpuKernels,
} from '../../harness/kernels/cuda/kernels.ts';
import type { View } from '../../harness/kernels/typescript/views.ts';
import { fillWords } from '../../harness/pattern-words.ts';
import type { Element, Pattern } from '../../harness/patterns.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { verify } from '../../harness/verify.ts';
import { emulate, hostCompiler } from '../harness/gpu-emulation/emulated-kernels.ts';
import { everyCase } from '../harness/operator-cases.ts';

const compiler = hostCompiler();
const emulated = suite('CUDA kernels, emulated');

/** A test that needs the compiler, or a skip that says so. */
const check = (name: string, run: () => Promise<void>) =>
  compiler ? emulated(name, run) : emulated.skip(`${name} (no C++ compiler that knows _Float16)`, run);

const nvidia: GpuShape = { units: 132, warpSize: 32, maxSharedBytes: 227 * 1024 };
/** So small that it takes the kernels' ways for large work, with warps of 64 lanes. */
const amd: GpuShape = { units: 1, warpSize: 64, maxSharedBytes: 64 * 1024 };

/** Shapes that take the ways which small ones do not. */
const moreShapes: [OperatorName, MeasuredDataType[], Shape][] = [
  // One bag for a whole block; rows of several vectors a lane; rows that no power of two of lanes fills.
  ['embedding-bag', ['fp16', 'int4'], { rows: 500, dim: 96, pooling: 200, bags: 1, skew: 0 }],
  ['embedding-bag', ['fp32', 'int8', 'int4'], { rows: 300, dim: 512, pooling: 37, bags: 3, skew: 0 }],
  // Rows with lookups in many segments, in two, and in none.
  ['embedding-bag-backward', ['fp32', 'fp16'], { rows: 5, dim: 48, pooling: 9, bags: 300, skew: 0.6 }],
  ['layer-norm', ['fp32', 'bf16'], { rows: 3, n: 5000 }],
  ['rms-norm', ['fp16'], { rows: 700, n: 1024 }],
  ['dot-interaction', ['fp32', 'fp16', 'bf16'], { batch: 3, vectors: 41, dim: 20 }],
  ['attention', ['fp16', 'bf16'], { batch: 1, heads: 2, length: 150, dim: 24 }],
  ['attention', ['fp32', 'fp16'], { batch: 1, heads: 1, length: 70, dim: 136 }],
  ['attention-jagged', ['fp32', 'fp16', 'bf16'], { batch: 3, heads: 2, length: 60, dim: 64 }],
  ['gemm', ['fp32', 'fp16', 'int8'], { m: 140, n: 136, k: 80 }],
  ['factorisation-machine', ['fp32', 'fp16'], { batch: 3, vectors: 27, dim: 200 }],
  ['concat', ['int8', 'fp16'], { rows: 3, inputs: 5, width: 640 }],
  ['quantise', ['int8', 'int4'], { rows: 5, dim: 520 }],
  ['jagged-to-padded', ['fp16'], { batch: 5, length: 9, padded: 6, dim: 72 }],
  // More samples and more events of a feature than threads of a block.
  ['event-truncate', ['int32'], { batch: 300, events: 4, kept: 2, features: 2, length: 1 }],
  ['optimised-fm', ['fp16'], { batch: 2, vectors: 40, dim: 20, rank: 70 }],
  ['pffn', ['fp16'], { batch: 2, length: 70, dim: 20, width: 300, gelu: 1 }],
  ['conv1d', ['fp16'], { batch: 2, inChannels: 6, outChannels: 20, length: 70, taps: 5 }],
  ['rms-norm-backward', ['fp16'], { rows: 9, n: 3000 }],
  ['softmax', ['fp16', 'fp32'], { rows: 3, n: 5000 }],
  ['cross-entropy', ['bf16'], { rows: 3, classes: 5000 }],
  // Equals fall together at the last place that is left.
  ['top-k', ['bf16', 'fp32'], { rows: 2, n: 1500, k: 300 }],
];

const moreCases: Program[] = moreShapes.flatMap(([operator, dataTypes, shape]) =>
  dataTypes.map((dataType) => ({ operator, dataType, shape, implementation: 'rankfleet' })),
);

const bytesOf = (view: View) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Compiles all kernels at once, then compares every program's answer with its reference. */
async function wrongAnswers(
  cases: readonly Program[],
  platform: 'cuda' | 'hip',
  device: GpuShape,
): Promise<string[]> {
  const kernelsOf = (program: Program) => {
    const kernels = gpuKernels(program, device);
    assert.ok(kernels, `no kernel for ${JSON.stringify(program)}`);
    return kernels;
  };
  const library = await emulate(compiler!, cases.flatMap(kernelsOf), platform);
  const wrong: string[] = [];
  for (const program of cases) {
    const run = (tensors: readonly View[]) => library.run(kernelsOf(program), tensors.map(bytesOf));
    const host = new ReferenceDevice({ kernels: { [program.operator]: run } });
    const verdict = await verify(host, await host.compile({ ...program, implementation: 'reference' })).catch(
      (error) => ({
        ok: false,
        reason: String(error),
      }),
    );
    if (!verdict.ok) wrong.push(`${JSON.stringify(program)}: ${verdict.reason}`);
  }
  return wrong;
}

/** No device's plain cores are asked for these. */
const isOurs = ({ operator, dataType }: Program) =>
  dataType !== 'tf32' && dataType !== 'fp8' && !operator.startsWith('copy');

const cases = [...everyCase().filter(isOurs), ...moreCases];

check(`answer as their references do: ${cases.length} programs on CUDA`, async () => {
  assert.equal(await wrongAnswers(cases, 'cuda', nvidia), []);
});

check('answer as their references do with warps of 64 lanes and without tensor cores', async () => {
  const isKept = ({ operator }: Program) => operator === 'embedding-bag' || operator === 'gemm';
  const last = new Map(
    cases.map((program) => [`${program.operator} ${isKept(program) ? program.dataType : ''}`, program]),
  );
  assert.equal(await wrongAnswers([...last.values()], 'hip', amd), []);
});

const elements: Element[] = ['f32', 'f16', 'bf16', 'f8', 'i8', 'i32', 'rows-int8', 'rows-int4'];
const patterns: Pattern[] = [
  ...elements.map((element): Pattern => ({ kind: 'hashed', element, seed: 77, rowLength: 24 })),
  { kind: 'word', word: 0xffffffff },
];

check('fill memory with the words that the host makes', async () => {
  const cases = [1, 1283].flatMap((words) => patterns.map((pattern) => ({ words, pattern })));
  const kernels = cases.map(({ words, pattern }) => fillKernel(pattern, words));
  const library = await emulate(compiler!, kernels, 'cuda');
  cases.forEach(({ words, pattern }, i) => {
    const [made, wanted] = [new Uint32Array(words), new Uint32Array(words)];
    library.run([kernels[i]], [new Uint8Array(made.buffer)]);
    fillWords(wanted, pattern);
    assert.equal(made, wanted, JSON.stringify(pattern));
  });
});

check('end a cross layer', async () => {
  const shape = { batch: 3, width: 36, rank: 4 };
  const sizes = [108, 108, 36, 108, 108];
  const int8Program: Program = { operator: 'cross-low-rank', dataType: 'int8', shape, implementation: '' };
  const floatProgram: Program = { ...int8Program, dataType: 'fp32' };
  const kernels = [crossEpilogue(int8Program), crossEpilogue(floatProgram)];
  const library = await emulate(compiler!, kernels, 'cuda');

  const numbers = sizes.map((size, t) => Float32Array.from({ length: size }, (_, i) => Math.sin(7 * t + i)));
  library.run(
    [kernels[1]],
    numbers.map((array) => new Uint8Array(array.buffer)),
  );
  const codes = sizes.map((size, t) => Int8Array.from({ length: size }, (_, i) => 90 * Math.sin(3 * t + i)));
  library.run(
    [kernels[0]],
    codes.map((array) => new Uint8Array(array.buffer)),
  );
  for (let i = 0; i < 108; i++) {
    const [x0, z, bias, x, y] = numbers.map((array) => array[array.length === 36 ? i % 36 : i]);
    assert.ok(Math.abs(y - (x0 * (z + bias) + x)) < 1e-6);
    const [c0, cz, cb, cx, cy] = codes.map((array) => array[array.length === 36 ? i % 36 : i]);
    const exact = (c0 * (cz + cb)) / 128 + cx;
    assert.ok(Math.abs(cy - Math.max(-128, Math.min(127, exact))) <= 0.5, `${cy} for ${exact}`);
  }
});

check('sum the memory that they read', async () => {
  const program: Program = {
    operator: 'memory-stream',
    dataType: 'bytes',
    shape: { bytes: 100_000, busy: 0 },
    implementation: '',
  };
  const [kernel] = gpuKernels(program, { ...nvidia, units: 1 })!;
  const library = await emulate(compiler!, [kernel], 'cuda');
  const words = new Uint32Array(kernel.scratchBytes! / 4);
  const dataWords = Math.ceil(100_000 / 16) * 4;
  for (let i = 0; i < dataWords; i++) words[i] = Math.imul(i, 0x9e3779b1);
  // As a tensor, so that what it writes can be read.
  const { scratchBytes: _, ...asTensor } = kernel;
  library.run([asTensor as GpuKernel], [new Uint8Array(words.buffer)]);
  const sum = (values: Uint32Array) => values.reduce((total, value) => (total + value) >>> 0, 0);
  assert.is(sum(words.subarray(dataWords)), sum(words.subarray(0, dataWords)));
  assert.is(words.length - dataWords, kernel.grid[0]);
});

check('are caught where they write outside or lanes are missing', async () => {
  const bag: Program = {
    operator: 'embedding-bag',
    dataType: 'fp32',
    shape: { rows: 10, dim: 16, pooling: 4, bags: 3, skew: 0 },
    implementation: '',
  };
  const [right] = gpuKernels(bag, nvidia)!;
  const tooManyBags = { ...right, scalars: [right.scalars[0], { type: 'i32', value: 4 } as const] };
  const library = await emulate(compiler!, [right], 'cuda');
  // Table, ids of four bags, room for the answers of three.
  const tensors = () => [640, 64, 192].map((bytes) => new Uint8Array(bytes));
  library.run([right], tensors());
  assert.throws(() => library.run([tooManyBags], tensors()), /written outside/);
  const laneShort: GpuKernel = { ...right, block: [(right.defines.LANES as number) - 1, 1, 1] };
  assert.throws(() => library.run([laneShort], tensors()), /beyond its block/);
});

emulated.run();
