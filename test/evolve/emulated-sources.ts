import { candidateProgram } from '../../evolve/evaluation/candidate-program.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../harness/device.ts';
import { i32 } from '../../harness/kernels/cuda/gpu-kernel.ts';
import type { View } from '../../harness/kernels/typescript/views.ts';
import { tensorsOf } from '../../harness/operators/of-program.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';
import { guardCuda } from '../../harness/source-guard/cuda.ts';
import { verify } from '../../harness/verify.ts';
import { type EmulatedKernel, emulate } from '../harness/gpu-emulation/emulated-kernels.ts';

/** A CUDA source with its knobs turned, for one shape. */
export interface SourceCase {
  /** Said where it fails. */
  title: string;
  task: KernelTask;
  dataType: MeasuredDataType;
  shape: Shape;
  text: string;
}

/** Compiles all cases at once for the host, runs each as a GPU would, and compares its answers with float64. */
export async function wrongSources(compiler: string, cases: readonly SourceCase[]): Promise<string[]> {
  const programs = cases.map(({ task, dataType, shape, text }) =>
    candidateProgram({ language: 'cuda', text }, task, dataType, shape, 0),
  );
  const kernels = programs.map(emulatedKernels);
  const library = await emulate(compiler, kernels.flat(), 'cuda');
  const wrong: string[] = [];
  for (const [i, program] of programs.entries()) {
    const run = (tensors: readonly View[]) => library.run(kernels[i], tensors.map(bytesOf));
    const host = new ReferenceDevice({ kernels: { [program.operator]: run } });
    const { source: _, ...plain } = program;
    const verdict = await verify(host, await host.compile({ ...plain, implementation: 'reference' })).catch(
      (error) => ({ ok: false, error: Number.NaN, reason: String(error) }),
    );
    if (!verdict.ok) wrong.push(`${cases[i].title}: ${verdict.reason}, relative error ${verdict.error}`);
  }
  return wrong;
}

function emulatedKernels(program: Program): EmulatedKernel[] {
  const { text, launches = [], scratchBytes = 0 } = program.source!;
  guardCuda(text, program.dataType);
  const names = tensorsOf(program).map(({ name }) => name);
  return launches.map(({ entry, grid, block, sharedBytes, pointers, integers }) => ({
    source: 'candidate',
    text,
    entry,
    defines: { WARP: 32 },
    grid: [...grid],
    block: [...block],
    sharedBytes,
    scalars: integers.map(i32),
    pointers: pointers.map((name) => (name === 'scratch' ? names.length : names.indexOf(name))),
    scratchBytes,
  }));
}

const bytesOf = (view: View) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
