import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import {
  CompileError,
  type ComputeDevice,
  DeviceUnavailable,
  OutOfMemory,
  type Program,
  Unsupported,
} from '../../harness/device.ts';
import { doOnce } from '../../harness/devices/cpu/build-lock.ts';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { cpuBackend } from '../../harness/devices/cpu/cpu-backend.ts';
import { buildLibrary } from '../../harness/devices/cpu/native-build.ts';
import { loadKernels, type NativeKernels } from '../../harness/devices/cpu/native-kernels.ts';
import { describeMachine, parseList } from '../../harness/devices/cpu/processors.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { type MeasuredCase, measureCase } from '../../harness/measure.ts';
import { verify } from '../../harness/verify.ts';

// Compiling takes a while where the cache is empty.
// time-limit: 240 s

const compiler = await findCompiler([]);
const folder = mkdtempSync(join(tmpdir(), 'rankfleet-cpu-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const gemm: Program & MeasuredCase = {
  operator: 'gemm',
  dataType: 'fp32',
  shape: { m: 9, n: 17, k: 33 },
  implementation: 'rankfleet',
};

/** What a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  assert.ok(outcome, 'nothing failed');
  return outcome.error;
}

const plain = suite('CPU device without a compiler');
const { RANKFLEET_CXX } = process.env;

plain.before(() => {
  process.env.RANKFLEET_CXX = '/nonexistent/compiler';
});
plain.after(() => {
  if (RANKFLEET_CXX === undefined) delete process.env.RANKFLEET_CXX;
  else process.env.RANKFLEET_CXX = RANKFLEET_CXX;
});

plain('is found, and says what was looked for', async () => {
  const { devices, looked } = await cpuBackend.find();
  assert.is(devices.length, 1);
  assert.match(looked.join('\n'), /nonexistent\/compiler: not found/);
  assert.match(looked.join('\n'), /plain TypeScript/);
});

plain('computes in plain TypeScript, under that name', async () => {
  const device = await cpuBackend.open();
  try {
    assert.is((await device.describe()).units, 1);
    assert.equal(device.implementations('gemm', 'fp32'), ['typescript']);
    assert.equal(device.implementations('rpc-round-trip', 'bytes'), []);
    assert.instance(await failure(device.compile(gemm)), Unsupported);
    const outcome = await measureCase(device, { ...gemm, implementation: 'typescript', cores: 1 });
    assert.ok('point' in outcome);
    assert.is(outcome.point.implementation, 'typescript');
    assert.ok(outcome.point.medianS > 0);
  } finally {
    await device.close();
  }
});

plain.run();

const native = suite('CPU device');
let device: ComputeDevice;

if (compiler) {
  native.before(async () => {
    device = await cpuBackend.open();
  });
  native.after(() => device.close());
}

/** A test that needs a compiler, or a skip that says so. */
function check(name: string, body: () => Promise<void>): void {
  if (compiler) native(name, body);
  else native.skip(`${name}: no C++ compiler`, body);
}

check('describes itself', async () => {
  const about = await device.describe();
  assert.is(about.kind, 'cpu');
  assert.ok(about.units >= 1 && about.memoryBytes > 2 ** 28 && about.cacheBytes >= 0);
  assert.is(about.versions.compiler, compiler!.version);
  const { coreHz = 1e9 } = await device.clocks();
  assert.ok(coreHz > 1e8 && coreHz < 1e11);
  assert.instance(await failure(cpuBackend.open(1)), DeviceUnavailable);
});

check('measures a verified case end to end', async () => {
  const outcome = await measureCase(device, { ...gemm, cores: 1 }, { longestS: 0.02 });
  assert.ok('point' in outcome, JSON.stringify(outcome));
  assert.ok(outcome.point.medianS > 0 && outcome.point.error <= outcome.point.tolerance);
});

check('copies to and from memories at an offset, and not beyond them', async () => {
  const memory = await device.allocate(64);
  await device.fill(memory, { kind: 'word', word: 0x01020304 });
  await device.write(memory, Uint8Array.of(9, 8, 7, 6), 60);
  assert.equal([...(await device.read(memory, 56, 8))], [4, 3, 2, 1, 9, 8, 7, 6]);
  assert.instance(await failure(device.read(memory, 60, 8)), RangeError);
  assert.instance(await failure(device.write(memory, new Uint8Array(8), -4)), RangeError);
  await device.free(memory);
  assert.match(String(await failure(device.free(memory))), /freed already/);
  assert.match(String(await failure(device.read(memory, 0, 4))), /freed already/);
});

check('says how much memory was asked for and how much is free', async () => {
  const error = await failure(device.allocate(2 ** 50));
  assert.instance(error, OutOfMemory);
  assert.is((error as OutOfMemory).askedBytes, 2 ** 50);
  assert.ok((error as OutOfMemory).freeBytes! > 0);
});

check('refuses what it cannot run', async () => {
  const { units } = await device.describe();
  const refused: [Partial<Program>, new (...all: never[]) => Error][] = [
    [{ dataType: 'fp8' }, Unsupported],
    [{ implementation: 'cublaslt' }, Unsupported],
    [{ cores: units + 1 }, Unsupported],
    [{ cores: 0 }, InputError],
    [{ shape: { m: 0, n: 1, k: 1 } }, InputError],
    [{ shape: { m: 1.5, n: 1, k: 1 } }, InputError],
    [{ operator: 'kernel-launch', dataType: 'bytes', shape: { graph: 1 } }, Unsupported],
    [
      { operator: 'memory-stream', dataType: 'bytes', shape: { bytes: 2 ** 20, busy: units + 1 } },
      Unsupported,
    ],
    [{ operator: 'memory-stream', dataType: 'bytes', shape: { bytes: 2 ** 50, busy: 1 } }, OutOfMemory],
  ];
  for (const [change, kind] of refused) {
    assert.instance(await failure(device.compile({ ...gemm, ...change })), kind, JSON.stringify(change));
  }
});

check('refuses tensors that are too few, too small or of another device', async () => {
  const kernel = await device.compile(gemm);
  const [small, a, w, d] = await Promise.all(
    [4, 9 * 33 * 4, 17 * 33 * 4, 9 * 17 * 4].map((n) => device.allocate(n)),
  );
  assert.match(String(await failure(device.run({ kernel, tensors: [a, w] }))), /takes 3 tensors/);
  assert.match(String(await failure(device.run({ kernel, tensors: [a, w, small] }))), /too small/);
  assert.match(String(await failure(device.run({ kernel, tensors: [a, w, { ...d }] }))), /another device/);
  for (const memory of [small, a, w, d]) await device.free(memory);
});

check('reports what a kernel says about a shape', async () => {
  const shape = { bytes: 4096, rowBytes: 12, busy: 1 };
  const program: Program = { ...gemm, operator: 'memory-gather', dataType: 'bytes', shape };
  assert.match(String(await failure(device.compile(program))), /multiple of 8/);
});

check('may be closed twice, answers nothing after that, and leaves others at work', async () => {
  const other = await cpuBackend.open();
  const kernel = await other.compile({
    ...gemm,
    operator: 'rpc-round-trip',
    dataType: 'bytes',
    shape: { bytes: 64 },
  });
  await other.run({ kernel, tensors: [] });
  await other.allocate(2 ** 20);
  await other.close();
  await other.close();
  assert.match(String(await failure(other.run({ kernel, tensors: [] }))), /closed/);
  assert.ok((await verify(device, await device.compile(gemm))).ok);
});

native.run();

const building = suite('CPU device: building');

function build(name: string, body: () => Promise<void>): void {
  if (compiler) building(name, body);
  else building.skip(`${name}: no C++ compiler`, body);
}

build("shows the compiler's log of a kernel that does not compile, and keeps nothing of it", async () => {
  const sources = mkdtempSync(join(folder, 'broken-'));
  const cache = join(folder, 'broken-cache');
  writeFileSync(join(sources, 'broken.cpp'), 'int answer() { return undeclared_thing; }\n');
  const error = await failure(buildLibrary(compiler!, 'any', { sources, cache }));
  assert.instance(error, CompileError);
  assert.match((error as CompileError).log, /broken\.cpp:1/);
  assert.match((error as CompileError).log, /undeclared_thing/);
  assert.equal(readdirSync(cache), []);
});

build('compiles once for the same sources, compiler and processor', async () => {
  const sources = mkdtempSync(join(folder, 'small-'));
  const cache = join(folder, 'small-cache');
  writeFileSync(join(sources, 'small.cpp'), 'extern "C" int answer() { return 42; }\n');
  const library = await buildLibrary(compiler!, 'one', { sources, cache });
  assert.is(await buildLibrary(compiler!, 'one', { sources, cache }), library);
  assert.is.not(await buildLibrary(compiler!, 'another', { sources, cache }), library);
  writeFileSync(join(sources, 'small.cpp'), 'extern "C" int answer() { return 43; }\n');
  assert.is.not(await buildLibrary(compiler!, 'one', { sources, cache }), library);
  assert.is(readdirSync(cache).length, 3);
});

build('waits for another process that compiles the same, and takes over from one that has died', async () => {
  const lock = join(folder, 'one.lock');
  let isDone = false;
  let times = 0;
  const work = async () => {
    times++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    isDone = true;
    return 'made';
  };
  const done = () => (isDone ? 'found' : undefined);
  assert.equal(await Promise.all([doOnce(lock, done, work), doOnce(lock, done, work)]), ['made', 'found']);
  assert.is(times, 1);

  isDone = false;
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' });
  writeFileSync(lock, dead);
  assert.is(await doOnce(lock, done, work), 'made');

  isDone = false;
  const fail = () => Promise.reject(new Error('no'));
  assert.match(String(await failure(doOnce(lock, done, fail))), /no/);
  assert.not(existsSync(lock));
});

const throwing = `
#include <stdexcept>
#include "launch.h"
static const Register everywhere("throws/everywhere", [](const Launch& launch) {
  launch.device.pool.onEach(launch.cores, [](int core) { throw std::runtime_error("core " + std::to_string(core)); });
});
static const Register last("throws/last", [](const Launch& launch) {
  launch.device.pool.onEach(launch.cores, [&](int core) { if (core == launch.cores - 1) throw std::runtime_error("the last"); });
});
static const Register counts("counts", [](const Launch& launch) {
  int64_t* sum = launch.tensor<int64_t>(0);
  std::atomic<int64_t> total{0};
  launch.each(100000, 10, [&](int64_t begin, int64_t end) { for (int64_t i = begin; i < end; i++) total += i; });
  *sum = total;
});
`;

build('threads outlive exceptions, and share all of the work', async () => {
  const sources = join(folder, 'pool');
  const koffi = (await loadKoffi([]))!;
  for (const name of ['pool.h', 'pool.cpp', 'entry.cpp', 'launch.h', 'vector.h']) {
    cpSync(join(packageRoot, 'harness/kernels/cpu', name), join(sources, name));
  }
  writeFileSync(join(sources, 'throwing.cpp'), throwing);
  const library = await buildLibrary(compiler!, 'pool', {
    sources,
    cache: join(folder, 'pool-cache'),
    flags: ['-O1'],
  });
  const kernels: NativeKernels = loadKernels(koffi, library);
  // Threads that no processor is set aside for: more of them than there are processors.
  const threads = kernels.open(Int32Array.of(-1, -1, -1), 2 ** 20);
  const block = kernels.allocate(8);
  const sum = new BigInt64Array(1);
  const runOn = (name: string, cores: bigint) => {
    const words = [BigInt(kernels.kernel(name)), 0n, cores, 0n, 1n, kernels.addressOf(block)];
    kernels.run(threads, BigInt64Array.from(words), 1);
  };
  try {
    for (let round = 0; round < 20; round++) {
      assert.throws(() => runOn('throws/everywhere', 3n), /core [012]/);
      assert.throws(() => runOn('throws/last', 3n), /the last/);
      assert.throws(() => runOn('throws/everywhere', 1n), /core 0/);
      for (const cores of [1n, 2n, 3n]) {
        runOn('counts', cores);
        kernels.read(new Uint8Array(sum.buffer), kernels.addressOf(block));
        assert.is(sum[0], 4999950000n);
      }
    }
    assert.throws(() => runOn('counts', 4n), /more cores/);
  } finally {
    kernels.free(block);
    kernels.close(threads);
    kernels.unload();
  }
});

const naiveBlas = `
extern "C" void openblas_set_num_threads(int) {}
extern "C" void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda,
                            const float* b, int ldb, float beta, float* c, int ldc) {
  if (order != 101 || ta != 111 || tb != 112) return;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      float sum = 0;
      for (int p = 0; p < k; p++) sum += a[i * lda + p] * b[j * ldb + p];
      c[i * ldc + j] = alpha * sum + (beta == 0 ? 0 : beta * c[i * ldc + j]);
    }
}
`;

const useBlas = `
import { cpuBackend } from './harness/devices/cpu/cpu-backend.ts';
import { verify } from './harness/verify.ts';
const device = await cpuBackend.open();
const names = device.implementations('gemm', 'fp32');
const program = { operator: 'gemm', dataType: 'fp32', shape: { m: 9, n: 17, k: 33 }, implementation: 'openblas', cores: 1 };
const verdict = await verify(device, await device.compile(program));
await device.close();
console.log(JSON.stringify({ names, verdict }));
`;

build('offers a BLAS that the loader finds before our own kernel', async () => {
  if (process.platform !== 'linux') return;
  const source = join(folder, 'blas.cpp');
  writeFileSync(source, naiveBlas);
  const [program, ...leading] = compiler!.command;
  execFileSync(program, [...leading, '-shared', '-fPIC', source, '-o', join(folder, 'libopenblas.so.0')]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', useBlas],
    { cwd: packageRoot, env: { ...process.env, LD_LIBRARY_PATH: folder } },
  );
  const { names, verdict } = JSON.parse(stdout);
  assert.ok(
    names.indexOf('openblas') >= 0 && names.indexOf('openblas') < names.indexOf('rankfleet'),
    names.join(),
  );
  assert.ok(verdict.ok, verdict.reason);
});

building('reads lists of processors', async () => {
  assert.equal(parseList('0-3,8,10-11'), [0, 1, 2, 3, 8, 10, 11]);
  assert.equal(parseList(''), []);
  const { processors, model } = describeMachine();
  assert.ok(
    processors.length >= 1 && new Set(processors.filter((each) => each >= 0)).size <= processors.length,
  );
  assert.ok(model.length > 0);
});

building.run();
