// time-limit: 240 s
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type OperatorName, operatorAxes } from '../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../harness/device.ts';
import { type GpuKernel, type GpuShape, gpuKernels, kernelText } from '../../harness/kernels/cuda/kernels.ts';
import { accessBytes, lanesFor } from '../../harness/kernels/cuda/layout.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import { tensorsOf } from '../../harness/operators/of-program.ts';
import { everyCase } from './operator-cases.ts';

const devices: GpuShape[] = [
  { units: 132, warpSize: 32, maxSharedBytes: 227 * 1024 },
  { units: 304, warpSize: 64, maxSharedBytes: 64 * 1024 },
  { units: 1, warpSize: 32, maxSharedBytes: 48 * 1024 },
];

/** Usual sizes of each axis, none of them a nice number, and the largest that are measured. */
const sizes: Record<string, fc.Arbitrary<number>> = {
  rows: fc.constantFrom(1, 3, 1000, 4_000_001, 40_000_000),
  dim: fc.constantFrom(8, 16, 40, 64, 96, 128, 200, 256, 512),
  pooling: fc.integer({ min: 1, max: 200 }),
  bags: fc.integer({ min: 1, max: 600_000 }),
  vectors: fc.integer({ min: 2, max: 60 }),
  batch: fc.integer({ min: 1, max: 70_000 }),
  inputs: fc.constantFrom(2, 3),
  length: fc.integer({ min: 1, max: 2100 }),
  heads: fc.constantFrom(1, 3, 8),
  graph: fc.constant(0),
  busy: fc.constant(0),
  skew: fc.constant(0),
  gelu: fc.constantFrom(0, 1),
};

/** Axes that mean something else in an operator than in most. */
const ownSizes: Partial<Record<OperatorName, Record<string, fc.Arbitrary<number>>>> = {
  attention: { dim: fc.constantFrom(16, 40, 64, 128), batch: fc.integer({ min: 1, max: 3000 }) },
  'attention-jagged': { dim: fc.constantFrom(16, 40, 64, 128), batch: fc.integer({ min: 1, max: 3000 }) },
  elementwise: { rows: fc.integer({ min: 1, max: 70_000 }) },
  concat: { rows: fc.integer({ min: 1, max: 70_000 }) },
  split: { rows: fc.integer({ min: 1, max: 70_000 }) },
  gemm: {
    m: fc.integer({ min: 1, max: 70_000 }),
    n: fc.integer({ min: 1, max: 9000 }),
    k: fc.integer({ min: 1, max: 9000 }),
  },
  'event-truncate': {
    batch: fc.integer({ min: 1, max: 5000 }),
    events: fc.integer({ min: 1, max: 300 }),
    kept: fc.integer({ min: 1, max: 300 }),
    features: fc.constantFrom(1, 5, 32),
    length: fc.integer({ min: 1, max: 9 }),
  },
  'rms-norm-backward': { rows: fc.integer({ min: 1, max: 70_000 }) },
  'top-k': { n: fc.integer({ min: 1000, max: 100_000 }), k: fc.integer({ min: 1, max: 1000 }) },
};

const ours = (Object.keys(operatorSpecs) as OperatorName[]).flatMap((operator) =>
  operatorSpecs[operator].dataTypes
    .filter((dataType) => !['tf32', 'fp8'].includes(dataType))
    .map((dataType) => ({ operator, dataType })),
);

const hasNone = /^(copy-|all-|rpc-|memory-gather)/;

const anyShape = (operator: OperatorName) =>
  fc.record(
    Object.fromEntries(
      operatorAxes[operator].map((axis) => [
        axis,
        ownSizes[operator]?.[axis] ?? sizes[axis] ?? fc.integer({ min: 1, max: 5000 }),
      ]),
    ),
  );

const geometry = suite('CUDA kernels: geometry');

for (const { operator, dataType } of ours.filter((each) => !hasNone.test(each.operator))) {
  geometry(`of ${operator} ${dataType} is one that devices take, at any shape`, () => {
    fc.assert(
      fc.property(anyShape(operator), fc.constantFrom(...devices), (shape, device) => {
        const program = { operator, dataType, shape, implementation: 'rankfleet' };
        const kernels = gpuKernels(program, device);
        // The shared memory of a small device holds no wide matrix of vectors.
        if (kernels === undefined && device.maxSharedBytes < 100 * 1024) return;
        assert.ok(kernels && kernels.length > 0);
        for (const kernel of kernels) isLaunchable(kernel, program, device);
      }),
      { numRuns: 60 },
    );
  });
}

function isLaunchable(kernel: GpuKernel, program: Program, device: GpuShape): void {
  const { grid, block, sharedBytes, scalars, defines, entry } = kernel;
  const about = JSON.stringify(kernel);
  const isWhole = (x: number, most: number) => Number.isInteger(x) && x >= 1 && x <= most;
  assert.ok(isWhole(grid[0], 2 ** 31 - 1) && isWhole(grid[1], 65535) && isWhole(grid[2], 65535), about);
  const threads = block[0] * block[1] * block[2];
  assert.ok(isWhole(threads, 1024) && threads % device.warpSize === 0, about);
  assert.ok(Number.isInteger(sharedBytes) && sharedBytes <= device.maxSharedBytes, about);
  for (const { type, value } of scalars) {
    assert.ok(type === 'f32' ? Number.isFinite(value) : Number.isSafeInteger(value), about);
    if (type === 'i32') assert.ok(value === (value | 0), about);
  }
  for (const value of Object.values(defines)) assert.ok(Number.isInteger(value), about);
  assert.is(defines.WARP, device.warpSize);
  const tensors = tensorsOf(program).length;
  for (const position of kernel.tensors ?? []) assert.ok(position >= 0 && position < tensors);
  assert.match(kernelText(kernel), new RegExp(`\\b${entry}\\(`));
}

geometry('has a thread group for every bag and row', () => {
  const bagShape = fc.record({
    bags: sizes.bags,
    pooling: sizes.pooling,
    dim: sizes.dim,
    rows: fc.constant(1000),
  });
  fc.assert(
    fc.property(bagShape, fc.constantFrom(...devices), (shape, device) => {
      const program = {
        operator: 'embedding-bag' as const,
        dataType: 'int8' as const,
        shape,
        implementation: '',
      };
      const [{ grid, block, defines }] = gpuKernels(program, device)!;
      const lanesOfBag = Number(defines.LANES) * Number(defines.SPLIT);
      assert.ok((grid[0] * block[0]) / lanesOfBag >= shape.bags);
      assert.ok(((grid[0] - 1) * block[0]) / lanesOfBag < shape.bags);
      // Every vector of a row has a lane.
      assert.ok(Number(defines.LANES) * Number(defines.CHUNKS) * Number(defines.BYTES) >= shape.dim);
    }),
  );
});

geometry('compiles the same code for batches of any size', () => {
  const defines = (batch: number) =>
    gpuKernels(
      {
        operator: 'layer-norm',
        dataType: 'bf16',
        shape: { rows: batch, n: 512 },
        implementation: '',
      },
      devices[0],
    )![0].defines;
  assert.equal(defines(1_000_000), defines(60_001));
});

geometry('leaves out what it has no arithmetic for', () => {
  const small = { rows: 8, n: 8, inputs: 2, m: 8, k: 8, dim: 8, pooling: 1, bags: 1 };
  const none = [
    ['elementwise', 'int8'],
    ['gemm', 'fp8'],
    ['gemm', 'tf32'],
    ['embedding-bag', 'bf16'],
    ['all-reduce', 'fp32'],
  ] as const;
  for (const [operator, dataType] of none) {
    assert.is(gpuKernels({ operator, dataType, shape: small, implementation: '' }, devices[0]), undefined);
  }
  const oddRows: Program = {
    operator: 'embedding-bag',
    dataType: 'int4',
    shape: { ...small, dim: 12 },
    implementation: '',
  };
  assert.is(gpuKernels(oddRows, devices[0]), undefined);
});

geometry.run();

const layout = suite('CUDA kernels: layout');

layout('gives every vector a lane and few lanes nothing', () => {
  assert.equal(lanesFor(8, 32), { lanes: 8, chunks: 1 });
  assert.equal(lanesFor(12, 32), { lanes: 4, chunks: 3 });
  assert.equal(lanesFor(128, 32), { lanes: 32, chunks: 4 });
  assert.equal(lanesFor(1, 64), { lanes: 1, chunks: 1 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 160 }), fc.constantFrom(32, 64), (vectors, warp) => {
      const { lanes, chunks } = lanesFor(vectors, warp);
      assert.ok(lanes * chunks >= vectors && lanes <= warp && Number.isInteger(Math.log2(lanes)));
      assert.ok(lanes * chunks < 2 * vectors);
    }),
  );
});

layout('has the widest access that divides all sizes', () => {
  assert.is(accessBytes(64, 72), 8);
  assert.is(accessBytes(32, 36), 4);
  assert.is(accessBytes(7), 1);
  assert.is(accessBytes(256), 16);
});

layout.run();

const compiled = suite('CUDA kernels: nvcc');

const hasNvcc = spawnSync('nvcc', ['--version']).status === 0;

/** The last small shape of every operator and data type: kernels as they are compiled for a device of today. */
function usualKernels(): GpuKernel[] {
  const programs = new Map(everyCase().map((each) => [`${each.operator} ${each.dataType}`, each]));
  const kernels = [...programs.values()].flatMap((program) => gpuKernels(program, devices[0]) ?? []);
  return [
    ...new Map(kernels.map((kernel) => [JSON.stringify([kernel.source, kernel.defines]), kernel])).values(),
  ];
}

for (const architecture of ['sm_90', 'sm_80']) {
  const name = `has nothing against them for ${architecture}`;
  if (!hasNvcc) {
    compiled.skip(`${name} (no nvcc)`, () => {});
    continue;
  }
  compiled(name, () => {
    const all = usualKernels();
    // The older architecture only for what is written with instructions of its own.
    const chosen = architecture === 'sm_90' ? all : all.filter(({ source }) => /tensor|dot/.test(source));
    assert.ok(chosen.length >= 3);
    const folder = mkdtempSync(join(tmpdir(), 'cuda-kernels-'));
    try {
      writeFileSync(join(folder, 'all.cu'), chosen.map(asVariant).join('\n'));
      execFileSync(
        'nvcc',
        [`-arch=${architecture}`, '--cubin', '-Werror', 'all-warnings', 'all.cu', '-o', 'all.cubin'],
        {
          cwd: folder,
          stdio: 'pipe',
        },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** A kernel's text with its constants, in a name space of its own. */
function asVariant(kernel: GpuKernel, i: number): string {
  const text = kernelText(kernel).replaceAll('extern "C" ', '');
  const macros = new Set([...text.matchAll(/^ *#define (\w+)/gm)].map(([, name]) => name));
  for (const name of Object.keys(kernel.defines)) macros.add(name);
  return [
    ...Object.entries(kernel.defines).map(([name, value]) => `#define ${name} ${value}`),
    `namespace variant${i} {`,
    text,
    '}',
    ...[...macros].map((name) => `#undef ${name}`),
  ].join('\n');
}

compiled.run();
