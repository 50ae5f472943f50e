import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ComputeDevice, DeviceUnavailable, OutOfMemory, Unsupported } from '../../harness/device.ts';
import { compilePass, DispatchOrder } from '../../harness/devices/webgpu/pipeline.ts';
import { webgpuBackend } from '../../harness/devices/webgpu/webgpu-backend.ts';
import { wgslPasses } from '../../harness/kernels/wgsl/kernels.ts';
import { dispatchSize, moduleOf } from '../../harness/kernels/wgsl/pass.ts';
import { fillWords } from '../../harness/pattern-words.ts';
import type { Element, Pattern } from '../../harness/patterns.ts';
import { hasAdapter, openAdapter } from './webgpu-adapter.ts';

const text = suite('WGSL text');

text('workgroups spread over two axes within the limit of one', () => {
  for (const groups of [1, 65535, 65536, 10_000_019, 2 ** 31]) {
    const [x, y] = dispatchSize(groups);
    assert.ok(x <= 65535 && y <= 65535 && x * y >= groups, `${groups} as ${x} × ${y}`);
    assert.ok(x * (y - 1) < groups, `${groups} as ${x} × ${y}: rows too many`);
  }
});

text('asks for fp16 only where it is used', () => {
  const [half] = wgslPasses('bias-activation', 'fp16', { rows: 3, n: 4 });
  const [full] = wgslPasses('bias-activation', 'fp32', { rows: 3, n: 4 });
  assert.match(moduleOf(half), /^enable f16;/);
  assert.not.match(moduleOf(full), /f16/);
});

text('what WGSL has no arithmetic for is unsupported', () => {
  assert.throws(() => wgslPasses('gemm', 'bf16', { m: 1, n: 1, k: 1 }), isUnsupported);
  assert.throws(() => wgslPasses('all-reduce', 'fp32', { devices: 2, bytes: 4 }), isUnsupported);
  assert.throws(() => wgslPasses('gemm', 'int8', { m: 1, n: 4, k: 6 }), isUnsupported);
  assert.throws(() => wgslPasses('concat', 'int8', { rows: 1, inputs: 2, width: 6 }), isUnsupported);
});

text.run();

const elements: Element[] = ['f32', 'f16', 'bf16', 'f8', 'i8', 'i32', 'rows-int8', 'rows-int4'];
const patterns: Pattern[] = [
  ...elements.flatMap((element) =>
    [0, 7, 0xdeadbeef].map((seed) => ({ kind: 'hashed' as const, element, seed, rowLength: 24 })),
  ),
  { kind: 'word', word: 0xffffffff },
];

const onDevice = suite('WebGPU device');
let device: ComputeDevice;

/** A test on a device that all share, or a skip. */
function check(name: string, body: () => Promise<void>): void {
  if (hasAdapter) onDevice(name, body);
  else onDevice.skip(`${name}: no adapter`, body);
}

if (hasAdapter) {
  onDevice.before(async () => {
    device = await openAdapter();
  });
  onDevice.after(() => device.close());
}

check('fills memory with the words of every pattern', async () => {
  const words = 3001;
  const memory = await device.allocate(4 * words);
  for (const pattern of patterns) {
    await device.fill(memory, pattern);
    const expected = new Uint32Array(words);
    fillWords(expected, pattern);
    const read = await device.read(memory, 0, 4 * words);
    assert.equal(new Uint32Array(read.buffer), expected, JSON.stringify(pattern));
  }
  await device.free(memory);
});

check('writes and reads parts of a memory', async () => {
  const memory = await device.allocate(40);
  await device.fill(memory, { kind: 'word', word: 0x01010101 });
  await device.write(memory, Uint8Array.of(9, 8, 7, 6), 12);
  assert.equal([...(await device.read(memory, 8, 12))], [1, 1, 1, 1, 9, 8, 7, 6, 1, 1, 1, 1]);
  await device.free(memory);
});

check('rounds memory of an odd number of bytes up to whole words', async () => {
  const memory = await device.allocate(6);
  assert.is(memory.bytes, 6);
  await device.fill(memory, { kind: 'word', word: 0xabababab });
  assert.equal([...(await device.read(memory, 4, 4))], [0xab, 0xab, 0xab, 0xab]);
  await device.free(memory);
});

check('says how much was asked for when it is too much', async () => {
  const error = await failureOf(device.allocate(2 ** 45));
  assert.instance(error, OutOfMemory);
  assert.is((error as OutOfMemory).askedBytes, 2 ** 45);
  assert.match(error.message, /asked for 35184372088832 bytes .* at most \d+/);
});

check('a kernel that is no WGSL gives the compiler’s log', async () => {
  const { device: gpuDevice } = device as unknown as { device: GPUDevice };
  const broken = { name: 'broken', bindings: [], threads: 1, groups: 1, code: '  let x: u32 = 1.5;' };
  const error = await failureOf(compilePass(gpuDevice, new DispatchOrder(gpuDevice), broken));
  assert.is(error.constructor.name, 'CompileError');
  assert.match(error.message, /broken does not compile:\n\d+:\d+: .*u32/);
  assert.match(error.message, /let x: u32 = 1\.5;\n +\^/);
});

check('refuses implementations and copies that it does not have', async () => {
  const program = { operator: 'gemm', dataType: 'fp32', shape: { m: 1, n: 1, k: 1 } } as const;
  assert.instance(await failureOf(device.compile({ ...program, implementation: 'cublaslt' })), Unsupported);
  const pageable = {
    operator: 'copy-to-device',
    dataType: 'bytes',
    shape: { bytes: 64, pinned: 0 },
  } as const;
  const error = await failureOf(device.compile({ ...pageable, implementation: 'rankfleet' }));
  assert.instance(error, Unsupported);
  assert.match(error.message, /clock of the device/);
});

check('times by its own clock, as many repeats as were asked for', async () => {
  const program = { operator: 'memory-stream', dataType: 'bytes', implementation: 'rankfleet' } as const;
  const time = async (bytes: number) => {
    const kernel = await device.compile({ ...program, shape: { bytes, busy: 0 } });
    assert.is(kernel.checkedError, 0);
    return device.time([{ kernel, tensors: [] }], { warmUp: 2, repeats: 9 });
  };
  const small = await time(2 ** 14);
  const large = await time(2 ** 24);
  for (const seconds of [small, large]) {
    assert.is(seconds.length, 9);
    assert.ok(seconds.every((each) => each > 0 && each < 10));
  }
  // A thousand times the bytes: were the clock not the device's own, both would be a round trip long.
  const median = (values: Float64Array) => [...values].sort((a, b) => a - b)[4];
  assert.ok(median(large) > 2 * median(small));
  // Stamps cut to 65 µs would be whole multiples of it.
  assert.ok([...small, ...large].some((each) => Math.abs((each * 1e9) % 65_536) > 1));
});

check('an adapter that is not there is unavailable', async () => {
  const error = await failureOf(webgpuBackend.open(99));
  assert.instance(error, DeviceUnavailable);
  assert.match(error.message, /adapter 99: not there/);
});

check('a lost device says so', async () => {
  const lost = await openAdapter();
  await lost.close();
  for (const work of [lost.allocate(4), lost.compile(launchProgram)]) {
    assert.match((await failureOf(work)).message, /is lost \(destroyed\)/);
  }
});

check('a process that has used a device ends by itself, closed or not', async () => {
  for (const close of ['await device.close();', '']) {
    const script = `
      const { webgpuBackend } = await import('./harness/devices/webgpu/webgpu-backend.ts');
      const device = await webgpuBackend.open();
      const memory = await device.allocate(64);
      await device.fill(memory, { kind: 'word', word: 1 });
      ${close}`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { status, signal, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.equal({ status, signal }, { status: 0, signal: null }, stderr);
  }
});

onDevice.run();

const launchProgram = {
  operator: 'kernel-launch',
  dataType: 'bytes',
  shape: { graph: 0 },
  implementation: 'rankfleet',
} as const;

function isUnsupported(error: unknown): boolean {
  return error instanceof Unsupported;
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing failed');
}
