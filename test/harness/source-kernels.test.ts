import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CompileError, type KernelSource, type Program, SourceRefused } from '../../harness/device.ts';
import { cudaBackend } from '../../harness/devices/cuda/cuda-backend.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { boundVariables } from '../../harness/devices/webgpu/bound-variables.ts';
import { failure } from '../failure.ts';
import { buildStub, hasCompiler } from './gpu-stub/build.ts';

const gpu = suite('kernels in source: on a GPU');

const program = (source: KernelSource): Program => ({
  operator: 'rms-norm',
  dataType: 'fp32',
  shape: { rows: 4, n: 8 },
  implementation: 'candidate',
  source,
});

const launch = {
  entry: 'normalise',
  grid: [2, 3, 1],
  block: [32, 4, 1],
  sharedBytes: 0,
  pointers: ['x', 'out'],
  integers: [4, 8],
} as const;

if (hasCompiler) {
  const folder = buildStub('cuda');
  process.env.RANKFLEET_CUDA_LIBRARIES = folder;
  const koffi = (await loadKoffi([]))!;
  const driver = koffi.load(`${folder}/libcuda.so.1`);
  const geometry = driver.func('stub_geometry', 'str', []);
  const [modules, launches, allocated] = ['stub_modules', 'stub_launches', 'stub_allocated'].map((name) =>
    driver.func(name, 'int64', []),
  );

  gpu('is launched as its plan says, one kernel after another, and let go', async () => {
    const device = await cudaBackend.open();
    const second = { ...launch, entry: 'second', grid: [7, 1, 1] as const, sharedBytes: 100_000 };
    const scratch = { ...second, pointers: ['scratch', 'gain'] };
    const kernel = await device.compile(
      program({ text: 'text', launches: [launch, scratch], scratchBytes: 512 }),
    );
    assert.is(kernel.resources?.blocks, 7);
    assert.is(kernel.resources?.dynamicSharedBytes, 100_000);
    assert.is(Number(modules()), 1);
    const tensors = [128, 32, 128].map((bytes) => device.allocate(bytes));
    const memories = await Promise.all(tensors);
    const before = Number(launches());
    await device.run({ kernel, tensors: memories });
    assert.is(Number(launches()) - before, 2);
    assert.is(geometry(), 'second 7,1,1 32,4,1 100000');
    const seconds = await device.time([{ kernel, tensors: memories }], { warmUp: 1, repeats: 2 });
    assert.ok(seconds.every((each) => Math.abs(each - 10e-6) < 1e-9));
    await device.release!(kernel);
    assert.is(Number(modules()), 0);
    for (const memory of memories) await device.free(memory);
    await device.close();
    assert.is(Number(allocated()), 0);
  });

  gpu('may include headers of our kernels, and lines keep their numbers', async () => {
    const device = await cudaBackend.open();
    const text = '#include "common.cuh"\nextern "C" __global__ void normalise() {}';
    await device.compile(program({ text, launches: [launch] }));
    const error = await failure(
      device.compile(program({ text: '#include "nothing.cuh"', launches: [launch] })),
    );
    assert.instance(error, CompileError);
    assert.match(error.message, 'there is no header nothing.cuh');
    await device.close();
    assert.is(Number(modules()), 0);
  });

  gpu('is compiled once for all who ask at the same time, each with a module of its own', async () => {
    const device = await cudaBackend.open();
    const compilations = koffi.load(`${folder}/libnvrtc.so.13`).func('stub_compilations', 'int64', []);
    const before = Number(compilations());
    const texts = ['same', 'same', 'other', 'same'];
    const kernels = await Promise.all(
      texts.map((text) => device.compile(program({ text, launches: [launch] }))),
    );
    assert.is(Number(compilations()) - before, 2);
    assert.is(Number(modules()), 4);
    // What was compiled earlier is not kept: a search compiles each text once.
    await device.compile(program({ text: 'same', launches: [launch] }));
    assert.is(Number(compilations()) - before, 3);
    for (const kernel of kernels) await device.release!(kernel);
    assert.is(Number(modules()), 1);
    await device.close();
    assert.is(Number(modules()), 0);
  });

  gpu('is refused for what no kernel may, and for tensors that the operator has not', async () => {
    const device = await cudaBackend.open();
    const streams = await failure(
      device.compile(program({ text: 'cudaStreamCreate(&s);', launches: [launch] })),
    );
    assert.instance(streams, SourceRefused);
    const foreign = { ...launch, pointers: ['y'] };
    const error = await failure(device.compile(program({ text: '', launches: [foreign] })));
    assert.match(error.message, 'normalise takes y, which is none of x, gain, out');
    await device.close();
  });
} else {
  console.log('SKIPPED: kernels in source on a GPU need a C compiler for a stand-in of the driver');
  gpu.skip('no C compiler', () => {});
}

gpu.run();

const wgsl = suite('kernels in source: bindings of WGSL');

wgsl('are those of the variables that an entry point, or what it calls, names', () => {
  const text = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@binding(1) @group(0) var<storage,read_write> sums : array<f32>; // not means
@group(0) @binding(1) var<storage> gain: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(2) var<storage, read> other: array<f32>;
fn add(i: u32) { sums[i] = x[i]; }
@compute @workgroup_size(64) fn first(@builtin(global_invocation_id) id: vec3<u32>) { if (id.x < 3u) { add(id.x); } }
@compute @workgroup_size(64) fn last(@builtin(global_invocation_id) id: vec3<u32>) { out[id.x] = gain[id.x]; }
`;
  assert.equal(boundVariables(text, 'first').get(1), 'read_write');
  assert.equal(boundVariables(text, 'last').get(1), 'read');
  assert.equal([...boundVariables(text, 'last').keys()].sort(), [0, 1, 2]);
  assert.equal(boundVariables(text, 'last').get(2), 'read_write');
});

wgsl.run();
