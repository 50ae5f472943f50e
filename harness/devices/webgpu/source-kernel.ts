import {
  CompileError,
  type KernelSource,
  type Program,
  type SourceLaunch,
  Unsupported,
} from '../../device.ts';
import { tensorsOf } from '../../operators/of-program.ts';
import { guardWgsl } from '../../source-guard/wgsl.ts';
import { boundVariables } from './bound-variables.ts';
import { DispatchKernel, type KernelContext } from './kernel.ts';
import { createBuffer, WebgpuMemory, wholeWords } from './memory.ts';
import { type CompiledPass, compilePipeline, moduleFrom } from './pipeline.ts';

/**
 * A kernel that comes in source: each launch an entry point of one module. Binding i of group 0 is argument i of the launch.
 * @throws CompileError with Dawn's messages; SourceRefused; Unsupported where the device has fewer workgroups than it takes
 */
export async function compileSource(
  { device, order, hasHalf }: KernelContext,
  program: Program,
  { text, launches = [], scratchBytes = 0 }: KernelSource,
): Promise<DispatchKernel> {
  const { dataType } = program;
  guardWgsl(text, dataType);
  if (/^\s*enable\s+f16\b/m.test(text) && !hasHalf) {
    throw new Unsupported('this WebGPU device has no fp16 arithmetic (shader-f16)');
  }
  const names = [...tensorsOf(program).map(({ name }) => name), 'scratch'];
  const module = await moduleFrom(device, 'the source', text);
  const passes = await Promise.all(
    launches.map(async (launch): Promise<CompiledPass> => {
      checkLaunch(launch, device.limits);
      const accesses = boundVariables(text, launch.entry);
      const bindings = launch.pointers.map((name, binding) => {
        const access = accesses.get(binding);
        if (access === undefined)
          throw new CompileError(
            'the source',
            `${launch.entry}: nothing is bound at ${binding}, for ${name}`,
          );
        return { name, tensor: names.indexOf(name), type: '', written: access === 'read_write' };
      });
      const compiled = await compilePipeline(device, order, module, {
        name: launch.entry,
        entry: launch.entry,
        bindings,
      });
      return { ...compiled, size: [...launch.grid] };
    }),
  );
  return new DispatchKernel(device, program, passes, await scratchOf(device, scratchBytes));
}

async function scratchOf(device: GPUDevice, bytes: number): Promise<{ scratch?: WebgpuMemory }> {
  if (bytes === 0) return {};
  const usage = GPUBufferUsage.STORAGE;
  return { scratch: new WebgpuMemory(bytes, await createBuffer(device, { size: wholeWords(bytes), usage })) };
}

function checkLaunch({ entry, grid, integers }: SourceLaunch, limits: GPUSupportedLimits): void {
  if (integers.length > 0) {
    throw new CompileError(
      'the source',
      `${entry}: WGSL takes no numbers as arguments; AXIS_name stands for a size`,
    );
  }
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (grid.some((size) => size > most)) {
    throw new Unsupported(
      `${entry} takes ${grid.join(' × ')} workgroups, the device has ${most} along an axis`,
    );
  }
}
