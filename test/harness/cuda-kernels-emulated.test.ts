import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { type GpuShape, gpuKernels } from '../../harness/kernels/cuda/kernels.ts';
import type { View } from '../../harness/kernels/typescript/views.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { verify } from '../../harness/verify.ts';
import { emulate, hostCompiler } from './gpu-emulation/emulated-kernels.ts';
import { everyCase } from './operator-cases.ts';

const compiler = hostCompiler();
const emulated = suite('CUDA kernels, emulated');

const devices: [platform: 'cuda' | 'hip', shape: GpuShape][] = [
  ['cuda', { units: 132, warpSize: 32, maxSharedBytes: 227 * 1024 }],
  ['hip', { units: 2, warpSize: 64, maxSharedBytes: 64 * 1024 }],
];

const bytesOf = (view: View) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

for (const [platform, device] of devices) {
  const cases = everyCase().filter((program) => gpuKernels(program, device));
  const kernels = cases.flatMap((program) => gpuKernels(program, device)!);
  const name = `answer as their references do: ${platform}, ${cases.length} programs`;
  if (!compiler) {
    emulated.skip(`${name} (no C++ compiler with _Float16)`, () => {});
    continue;
  }
  emulated(name, async () => {
    const started = performance.now();
    const library = await emulate(compiler, kernels, platform);
    console.log('compile', performance.now() - started);
    const wrong: string[] = [];
    for (const program of cases) {
      const t = performance.now();
      const run = (tensors: readonly View[], shape: Shape, dataType: MeasuredDataType) => {
        library.run(gpuKernels({ ...program, shape, dataType }, device)!, tensors.map(bytesOf));
      };
      const reference = new ReferenceDevice({ kernels: { [program.operator as OperatorName]: run } });
      const verdict = await verify(reference, await reference.compile(program)).catch((error) => ({
        ok: false,
        reason: String(error),
      }));
      if (performance.now() - t > 300) console.log(JSON.stringify(program), performance.now() - t);
      if (!verdict.ok) wrong.push(`${JSON.stringify(program)}: ${verdict.reason}`);
    }
    assert.equal(wrong, []);
  });
}

emulated.run();
