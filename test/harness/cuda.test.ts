import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { cudaBackend } from '../../harness/devices/cuda/cuda-backend.ts';
import { cudaPlatform } from '../../harness/devices/cuda/platform.ts';
import { cudaOnlyCalls, driverCalls } from '../../harness/devices/gpu-shared/driver-calls.ts';
import { GpuDriver } from '../../harness/devices/gpu-shared/gpu-driver.ts';
import { expandPattern, loadKoffi, openLibrary } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { probe } from '../../harness/devices/gpu-shared/probe.ts';
import { RuntimeCompiler } from '../../harness/devices/gpu-shared/runtime-compiler.ts';
import { hasCompiler } from './gpu-stub/build.ts';
import { gpuChecks } from './gpu-stub/checks.ts';

const variable = 'RANKFLEET_CUDA_LIBRARIES';
const checks = gpuChecks({
  backend: cudaBackend,
  platform: cudaPlatform,
  variable,
  vendor: 'cublaslt',
  files: { driver: 'libcuda.so.1', compiler: 'libnvrtc.so.13', blas: 'libcublasLt.so.13' },
});

if (hasCompiler) {
  checks(
    'are asked for machine code of their own, else of the newest kind that the compiler knows',
    async () => {
      const koffi = (await loadKoffi([]))!;
      const open = (name: string) =>
        openLibrary(koffi, [name], { firstFolders: [process.env[variable]!], folders: [] }, [])!;
      const library = open('libcuda.so.1');
      const compiler = new RuntimeCompiler('cuda', koffi, open('libnvrtc.so.13'));
      const driver = new GpuDriver('cuda', koffi, library, cudaPlatform.dialect(koffi, library));
      driver.deviceNames();
      driver.open(0);
      const architectureFor = (compute: string) => {
        process.env.STUB_COMPUTE = compute;
        const image = compiler.compile('any.cu', 'text', cudaPlatform.targets(driver, compiler));
        return new TextDecoder().decode(image).split('\n', 1)[0];
      };
      assert.is(architectureFor('90'), '--gpu-architecture=sm_90a');
      assert.is(architectureFor('80'), '--gpu-architecture=sm_80');
      assert.is(architectureFor('86'), '--gpu-architecture=compute_80');
      assert.is(architectureFor('103'), '--gpu-architecture=compute_90');
      driver.close();
    },
  );

  checks('tell their clocks and versions', async () => {
    const device = await cudaBackend.open();
    assert.equal(await device.clocks(), { coreHz: 1.755e9, memoryHz: 2.619e9 });
    const { versions, details } = await device.describe();
    assert.equal(versions, { cuda: '13.0', driver: '580.159.04', nvrtc: '13.0', cublaslt: '130100' });
    assert.is(details.powerLimitW, 700);
    assert.is(details.computeCapability, '9.0');
    await device.close();
  });

  checks('are allowed more shared memory than the default when a kernel wants it', async () => {
    const koffi = (await loadKoffi([]))!;
    const places = { firstFolders: [process.env[variable]!], folders: [] };
    const library = openLibrary(koffi, ['libcuda.so.1'], places, [])!;
    const driver = new GpuDriver('cuda', koffi, library, cudaPlatform.dialect(koffi, library));
    driver.deviceNames();
    driver.open(0);
    const module = driver.loadModule(new TextEncoder().encode('source\0'));
    const geometry = { grid: [1, 1, 1], block: [32, 1, 1], sharedBytes: 100_000 } as const;
    driver.launch(driver.kernel(module, 'any', 100_000), geometry, [], []);
    assert.throws(() => driver.launch(driver.kernel(module, 'any', 0), geometry, [], []), /INVALID_VALUE/);
    assert.throws(() => driver.kernel(module, 'any', 300_000), /let any have 300000 bytes/);
    driver.unloadModule(module);
    driver.close();
  });

  checks('are probed step by step', async () => {
    const lines: string[] = [];
    const failures = await probe(cudaBackend, 0, (line) => lines.push(line));
    assert.ok(lines.includes('memory and fill: largest difference 0'), lines.join('\n'));
    assert.ok(lines.some((line) => /^gemm fp32 cublaslt: 5\.00 µs .*error \d/.test(line)));
    assert.ok(lines.some((line) => line.startsWith('gemm bf16 cublaslt: unsupported: ')));
    assert.is(lines.at(-1), 'close: ok');
    // The stand-in carries out few kernels: the others answer wrongly.
    assert.is(
      failures,
      lines.filter((line) => /: (unsupported|wrong answer|run|compile): /.test(line)).length,
    );
  });
}

const header = expandPattern('/usr/local/cuda*/include')
  .map((folder) => join(folder, 'cuda.h'))
  .find(existsSync);
if (header) {
  checks('are called by the names that the driver’s header gives', () => {
    const text = readFileSync(header, 'utf8');
    const symbols = [
      ...Object.values(driverCalls).map(({ cuda }) => cuda),
      ...Object.values(cudaOnlyCalls).map(({ symbol }) => symbol),
    ];
    const renamed = new Map<string, string>();
    for (const [, name, symbol] of text.matchAll(/^#define (cu\w+) +(?:__CUDA_API_\w+\()?(cu\w+)\)?$/gm)) {
      renamed.set(name, symbol);
    }
    // The first form of this one serves drivers before 12.8 too.
    renamed.delete('cuEventElapsedTime');
    const declared = [...text.matchAll(/^CUresult CUDAAPI (cu\w+)\(/gm)].map(([, name]) => name);
    const exported = new Set(declared.map((name) => renamed.get(name) ?? name));
    assert.equal(
      symbols.filter((symbol) => !exported.has(symbol)),
      [],
    );
  });
} else {
  console.log('SKIPPED: no cuda.h under /usr/local/cuda*/include to compare the driver’s symbols with');
  checks.skip('no cuda.h', () => {});
}

checks.run();
