import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Backend,
  CompileError,
  type ComputeDevice,
  DeviceUnavailable,
  OutOfMemory,
  type Program,
  Unsupported,
} from '../../../harness/device.ts';
import { GpuDriver, GpuError } from '../../../harness/devices/gpu-shared/gpu-driver.ts';
import { type Koffi, loadKoffi, openLibrary } from '../../../harness/devices/gpu-shared/native-libraries.ts';
import { type GpuPlatform, openGpu } from '../../../harness/devices/gpu-shared/open-gpu.ts';
import { RuntimeCompiler } from '../../../harness/devices/gpu-shared/runtime-compiler.ts';
import { type MeasuredCase, measureCase } from '../../../harness/measure.ts';
import { type Element, hashedValue } from '../../../harness/patterns.ts';
import { verify } from '../../../harness/verify.ts';
import { buildHollowDriver, buildStub, hasCompiler } from './build.ts';

/** What one platform calls its things. */
export interface Wording {
  backend: Backend;
  platform: GpuPlatform;
  variable: string;
  vendor: string;
  files: { driver: string; compiler: string; blas: string };
}

const kernelS = 5e-6;

/** The checks that CUDA and HIP share, against libraries built here; skipped where there is no C compiler. */
export function gpuChecks({ backend, platform, variable, vendor, files }: Wording) {
  const checks = suite(`${platform.name} devices`);
  if (!hasCompiler) {
    console.log(
      `SKIPPED: ${platform.name} checks need a C compiler (cc) on Linux to build a stand-in driver`,
    );
    checks.skip('no C compiler', () => {});
    return checks;
  }
  const folder = buildStub(platform.name);
  process.env[variable] = folder;
  let koffi: Koffi;
  const counts = (file: string, name: string): number =>
    Number(koffi.load(join(folder, file)).func(name, 'int64', [])());

  checks.before(async () => {
    koffi = (await loadKoffi([]))!;
  });
  checks.after.each(() => {
    for (const name of ['STUB_DEVICES', 'STUB_MEMORY', 'STUB_COMPUTE', 'STUB_WRONG'])
      delete process.env[name];
    process.env[variable] = folder;
  });

  /** Opens a device for a check; afterwards nothing may be left on it. */
  const onDevice = async (check: (device: ComputeDevice) => Promise<void>, index = 0) => {
    const device = await backend.open(index);
    try {
      await check(device);
    } finally {
      await device.close();
    }
    assert.is(counts(files.driver, 'stub_allocated'), 0, 'memory is left');
    assert.is(counts(files.driver, 'stub_modules'), 0, 'modules are left');
    assert.is(counts(files.blas, 'stub_held'), 0, 'descriptors are left');
  };
  const program = (changes: Partial<Program & MeasuredCase>): Program & MeasuredCase => ({
    operator: 'gemm',
    dataType: 'fp32',
    shape: { m: 5, n: 12, k: 20 },
    implementation: vendor,
    ...changes,
  });

  checks('are found and described', async () => {
    process.env.STUB_DEVICES = '2';
    const found = await backend.find();
    assert.equal(found.devices, ['Stub 0', 'Stub 1']);
    assert.ok(found.looked.includes(`${join(folder, files.driver)}: loaded`));
    await onDevice(async (device) => {
      const description = await device.describe();
      assert.is(description.name, 'Stub 1');
      assert.is(description.units, 132);
      assert.is(description.cacheBytes, 62914560);
      assert.is(description.memoryBytes, 2 ** 30 + 1);
      assert.is(description.details.coreHz, 1.98e9);
      assert.match(String(description.details.libraries), files.blas);
    }, 1);
    const beyond = await failure(() => backend.open(2));
    assert.instance(beyond, DeviceUnavailable);
    assert.match(beyond.message, 'device 2: there are 2');
  });

  checks('are missing with a word on what was looked for', async () => {
    const names = { driver: ['libnone-such.so.1'], compiler: ['libnone-either.so'], blas: [] };
    const none = await failure(() => openGpu({ ...platform, libraries: names }));
    assert.instance(none, DeviceUnavailable);
    assert.match(none.message, 'libnone-such.so.1: not found');
    assert.match(none.message, folder);
    process.env[variable] = buildHollowDriver(platform.name);
    const hollow = { ...platform, folders: () => [folder] };
    const lacking = await failure(() => openGpu(hollow));
    assert.instance(lacking, DeviceUnavailable);
    assert.match(lacking.message, `${files.driver} lacks `);
    process.env[variable] = folder;
    process.env.STUB_DEVICES = '0';
    assert.equal((await backend.find()).devices, []);
    assert.match((await failure(() => backend.open())).message, 'knows of no device');
  });

  checks('hand a kernel its arguments and geometry as they are', async () => {
    const library = openLibrary(koffi, [files.driver], { firstFolders: [folder], folders: [] }, [])!;
    const driver = new GpuDriver(platform.name, koffi, library, platform.dialect(koffi, library));
    driver.deviceNames();
    driver.open(0);
    const module = driver.loadModule(new TextEncoder().encode('source\0'));
    const out = driver.allocate(32);
    const geometry = { grid: [3, 4, 5], block: [32, 2, 1], sharedBytes: 96 } as const;
    const scalars = [
      { type: 'i32', value: -7 },
      { type: 'f32', value: 0.1 },
      { type: 'i64', value: -(2 ** 40) - 3 },
    ] as const;
    driver.launch(driver.kernel(module, 'record', 0), geometry, [out, 0x7fedcba987654321n], scalars);
    const read = new DataView(driver.copyToHost(out, 32).buffer);
    assert.is(read.getBigInt64(0, true), 0x7fedcba987654321n);
    assert.is(read.getBigInt64(8, true), -7n);
    assert.is(read.getFloat32(16, true), Math.fround(0.1));
    assert.is(read.getBigInt64(24, true), BigInt(-(2 ** 40) - 3));
    const told = koffi.load(join(folder, files.driver)).func('stub_geometry', 'str', [])();
    assert.is(told, 'record 3,4,5 32,2,1 96');

    const failed = driver.kernel(module, 'fail', 0);
    const lost = await failure(async () => driver.launch(failed, geometry, [], []));
    assert.instance(lost, GpuError);
    assert.ok((lost as GpuError).isLost);
    assert.match(lost.message, /LaunchKernel failed: .*LAUNCH_?FAIL.*nothing more runs/i);
    assert.throws(
      () => driver.launch(failed, { ...geometry, block: [2048, 1, 1] }, [], []),
      /INVALID_?VALUE/i,
    );
    driver.free(out);
    driver.unloadModule(module);
    driver.close();
  });

  checks('fill memory on the device and compile each fill once', () =>
    onDevice(async (device) => {
      const before = counts(files.compiler, 'stub_compilations');
      for (const element of ['f32', 'i32', 'i8', 'f32'] satisfies Element[]) {
        const memory = await device.allocate(400);
        await device.fill(memory, { kind: 'hashed', element, seed: 9, rowLength: 1 });
        const bytes = await device.read(memory, 40, 80);
        const at = new DataView(bytes.buffer, bytes.byteOffset);
        const value = {
          f32: () => at.getFloat32(4, true),
          i32: () => at.getInt32(4, true),
          i8: () => at.getInt8(4),
        };
        assert.is(value[element](), hashedValue(element, element === 'i8' ? 44 : 11, 9));
        await device.free(memory);
      }
      assert.is(counts(files.compiler, 'stub_compilations') - before, 3);
    }),
  );

  checks('copy parts of a memory and refuse what is outside', () =>
    onDevice(async (device) => {
      const memory = await device.allocate(16);
      await device.fill(memory, { kind: 'word', word: 0xffffffff });
      await device.write(memory, Uint8Array.of(1, 2, 3, 4), 8);
      const read = await device.read(memory, 4, 12);
      assert.equal([...read], [255, 255, 255, 255, 1, 2, 3, 4, 255, 255, 255, 255]);
      assert.instance(await failure(() => device.read(memory, 8, 12)), RangeError);
      assert.instance(await failure(() => device.write(memory, new Uint8Array(4), -4)), RangeError);
      await device.free(memory);
    }),
  );

  checks('say what was asked and what is free when memory runs out', () =>
    onDevice(async (device) => {
      const memory = await device.allocate(2 ** 20);
      process.env.STUB_MEMORY = String(2 ** 20 + 4096);
      const error = await failure(() => device.allocate(8192));
      assert.instance(error, OutOfMemory);
      assert.is((error as OutOfMemory).askedBytes, 8192);
      assert.is((error as OutOfMemory).freeBytes, 4096);
      await device.free(memory);
    }),
  );

  checks('hand on what the compiler says', async () => {
    const places = { firstFolders: [folder], folders: [] };
    const compiler = new RuntimeCompiler(
      platform.name,
      koffi,
      openLibrary(koffi, [files.compiler], places, [])!,
    );
    const error = await failure(async () => compiler.compile('broken.cu', 'text', [['-DSTUB_FAILS=1']]));
    assert.instance(error, CompileError);
    assert.match(error.message, 'broken.cu does not compile');
    assert.match((error as CompileError).log, 'identifier "x" is undefined');
    const image = compiler.compile('good.cu', 'text', [['-DA=1', '-DB=2']]);
    assert.is(new TextDecoder().decode(image), '-DA=1\n-DB=2\ntext\0');
  });

  checks('multiply matrices by the vendor’s library, and say what it cannot', () =>
    onDevice(async (device) => {
      assert.is(device.implementations('gemm', 'fp32')[0], vendor);
      const float = await device.compile(program({}));
      assert.ok((await verify(device, float)).ok);
      const integer = await device.compile(program({ dataType: 'int8', shape: { m: 3, n: 8, k: 64 } }));
      assert.ok((await verify(device, integer)).ok);
      const odd = await failure(() =>
        device.compile(program({ dataType: 'int8', shape: { m: 3, n: 8, k: 62 } })),
      );
      assert.instance(odd, Unsupported);
      assert.match(odd.message, 'multiples of 4');
      const half = await failure(() => device.compile(program({ dataType: 'bf16' })));
      assert.instance(half, Unsupported);
      assert.match(half.message, 'bf16 to bf16');
      const foreign = await failure(() => device.compile(program({ implementation: 'triton' })));
      assert.match(
        foreign.message,
        `no triton kernel for gemm of fp32 on ${platform.name}; it has: ${vendor}`,
      );
    }),
  );

  checks('chain products and a kernel of ours in a cross layer', () =>
    onDevice(async (device) => {
      const cross = program({ operator: 'cross-low-rank', shape: { batch: 6, width: 24, rank: 8 } });
      const kernel = await device.compile(cross);
      assert.ok((await verify(device, kernel)).ok);
      const tensors = await Promise.all([576, 576, 768, 768, 96, 192, 576].map((b) => device.allocate(b)));
      const [seconds] = await device.time([{ kernel, tensors }], { warmUp: 1, repeats: 1 });
      close(seconds, 3 * kernelS);
      for (const tensor of tensors) await device.free(tensor);
    }),
  );

  checks('check a read of their memory themselves', () =>
    onDevice(async (device) => {
      const stream = program({
        operator: 'memory-stream',
        dataType: 'bytes',
        shape: { bytes: 100000, busy: 0 },
        implementation: 'rankfleet',
      });
      const kernel = await device.compile(stream);
      assert.ok((await verify(device, kernel)).ok);
      process.env.STUB_WRONG = '123456';
      assert.not.ok((await verify(device, kernel)).ok);
      const cores = await failure(() => device.compile({ ...stream, shape: { bytes: 64, busy: 2 } }));
      assert.instance(cores, Unsupported);
    }),
  );

  checks('copy to and from the host, pinned and pageable', () =>
    onDevice(async (device) => {
      for (const operator of ['copy-to-device', 'copy-from-device'] as const) {
        for (const pinned of [0, 1]) {
          const shape = { bytes: 40960, pinned };
          const [implementation] = device.implementations(operator, 'bytes');
          const kernel = await device.compile(
            program({ operator, dataType: 'bytes', shape, implementation }),
          );
          const verdict = await verify(device, kernel);
          assert.ok(verdict.ok, verdict.reason);
          const tensors = [await device.allocate(40960), await device.allocate(40960)];
          const launch = { kernel, tensors };
          const times = await device.time([launch, launch, launch], { warmUp: 1, repeats: 2 });
          assert.is(times.length, 2);
          // The stand-in's clock: 1 µs, and another for each 4096 bytes.
          for (const seconds of times) close(seconds, 11e-6);
          for (const tensor of tensors) await device.free(tensor);
        }
      }
    }),
  );

  checks('time a list as one graph, launches from the host one by one', () =>
    onDevice(async (device) => {
      for (const graph of [0, 1]) {
        const empty = { operator: 'kernel-launch', dataType: 'bytes', shape: { graph } } as const;
        const kernel = await device.compile(program({ ...empty, implementation: 'rankfleet' }));
        const launches = Array.from({ length: 10 }, () => ({ kernel, tensors: [] }));
        const graphs = counts(files.driver, 'stub_graph_launches');
        const calls = counts(files.driver, 'stub_launches');
        const times = await device.time(launches, { warmUp: 2, repeats: 3 });
        assert.is(times.length, 3);
        for (const seconds of times) close(seconds, kernelS);
        assert.is(counts(files.driver, 'stub_graph_launches') - graphs, graph === 1 ? 5 : 0);
        assert.is(counts(files.driver, 'stub_launches') - calls, graph === 1 ? 1 : 50);
      }
    }),
  );

  checks('carry a whole measurement', () =>
    onDevice(async (device) => {
      const outcome = await measureCase(device, program({ shape: { m: 4, n: 8, k: 8 } }), { maxSets: 4 });
      assert.ok('point' in outcome, JSON.stringify(outcome));
      close(outcome.point.medianS, kernelS);
      assert.is(outcome.point.backend, platform.name);
      assert.is(outcome.point.implementation, vendor);
    }),
  );
  return checks;
}

async function failure(act: () => Promise<unknown>): Promise<Error> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** Events tell milliseconds in single precision. */
function close(got: number, wanted: number): void {
  assert.ok(Math.abs(got - wanted) < 1e-4 * wanted, `${got} is not ${wanted}`);
}
