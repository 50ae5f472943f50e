import type { Kernel, Memory, Program } from '../../device.ts';
import { Unsupported } from '../../device.ts';
import { wgslPasses } from '../../kernels/wgsl/kernels.ts';
import { streamPass } from '../../kernels/wgsl/launch-and-stream.ts';
import { HostCopy } from './host-copy.ts';
import type { WebgpuMemory } from './memory.ts';
import { type CompiledPass, compilePass, type DispatchOrder } from './pipeline.ts';
import type { StreamMemory } from './stream-memory.ts';

/** What kernels of one device share. */
export interface KernelContext {
  device: GPUDevice;
  order: DispatchOrder;
  stream: StreamMemory;
  /** Whether it computes in fp16. */
  hasHalf: boolean;
}

/** A dispatch with its buffers bound. */
export interface Dispatch {
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  size: [x: number, y: number, z?: number];
}

interface Peculiarities {
  /** How often one timed launch runs: more than once only where a single one is too short for any clock. */
  rounds?: number;
  /** Each launch goes to the queue by itself. */
  alone?: boolean;
  /** Memory of the device's own in place of tensors. */
  ownMemories?: () => WebgpuMemory[];
  /** Behind the tensors: what the dispatches of one launch pass on. */
  scratch?: WebgpuMemory;
}

/** A kernel made of dispatches. */
export class DispatchKernel implements Kernel {
  readonly program: Program;
  checkedError?: number;
  readonly rounds: number;
  readonly alone: boolean;
  private readonly device: GPUDevice;
  private readonly passes: readonly CompiledPass[];
  private readonly ownMemories: (() => WebgpuMemory[]) | undefined;
  private readonly scratch: WebgpuMemory[];

  constructor(
    device: GPUDevice,
    program: Program,
    passes: readonly CompiledPass[],
    { rounds = 1, alone = false, ownMemories, scratch }: Peculiarities = {},
  ) {
    this.device = device;
    this.program = program;
    this.passes = passes;
    this.rounds = rounds;
    this.alone = alone;
    this.ownMemories = ownMemories;
    this.scratch = scratch ? [scratch] : [];
  }

  /** Its dispatches on a launch's tensors, in order. */
  dispatches(tensors: readonly Memory[]): Dispatch[] {
    const memories = this.ownMemories?.() ?? [...(tensors as readonly WebgpuMemory[]), ...this.scratch];
    return this.passes.map(({ pipeline, layout, bindings, size }) => {
      const entries = bindings.map(({ tensor }, binding) => ({
        binding,
        resource: { buffer: memories[tensor].buffer },
      }));
      return { pipeline, group: this.device.createBindGroup({ layout, entries }), size };
    });
  }

  /** Lets go what the kernel holds beside its code. */
  release(): void {
    for (const { buffer } of this.scratch) buffer.destroy();
  }
}

export type WebgpuKernel = DispatchKernel | HostCopy;

/** Launches of an empty kernel that are timed together. */
const launchRounds = 256;

/** @throws CompileError, Unsupported, OutOfMemory */
export async function compileKernel(context: KernelContext, program: Program): Promise<WebgpuKernel> {
  const { operator, dataType, shape, implementation } = program;
  if (implementation !== 'rankfleet')
    throw new Unsupported(`webgpu has no implementation '${implementation}'`);
  const { device, order, stream, hasHalf } = context;
  if (dataType === 'fp16' && !hasHalf)
    throw new Unsupported('this WebGPU device has no fp16 arithmetic (shader-f16)');
  switch (operator) {
    case 'copy-to-device':
    case 'copy-from-device':
      return HostCopy.open(device, program);
    case 'memory-stream': {
      const pass = await compilePass(device, order, streamPass(shape.bytes));
      await stream.reserve(shape.bytes, shape.busy);
      return new DispatchKernel(device, program, [pass], { ownMemories: () => stream.memories() });
    }
    case 'problem':
      throw new Unsupported('WGSL has no kernel for a problem');
    default: {
      const passes = wgslPasses(operator, dataType, shape);
      const compiled = await Promise.all(passes.map((pass) => compilePass(device, order, pass)));
      const isLaunch = operator === 'kernel-launch';
      const peculiarities = isLaunch ? { rounds: launchRounds, alone: shape.graph === 0 } : {};
      return new DispatchKernel(device, program, compiled, peculiarities);
    }
  }
}
