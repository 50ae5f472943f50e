import { CompileError, Unsupported } from '../../device.ts';
import { type Binding, dispatchSize, moduleOf, type Pass } from '../../kernels/wgsl/pass.ts';

/** A pass ready to be dispatched. */
export interface CompiledPass {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  bindings: readonly Binding[];
  size: [x: number, y: number, z?: number];
}

/**
 * A buffer that every dispatch binds for writing and none uses. Dawn puts a barrier between dispatches only where they
 * share a buffer; with it each waits for the one before, as kernels of a stream do.
 */
export class DispatchOrder {
  readonly layout: GPUBindGroupLayout;
  readonly group: GPUBindGroup;
  private readonly buffer: GPUBuffer;

  constructor(device: GPUDevice) {
    this.buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    this.layout = device.createBindGroupLayout({
      entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } }],
    });
    this.group = device.createBindGroup({
      layout: this.layout,
      entries: [{ binding: 0, resource: { buffer: this.buffer } }],
    });
  }
}

/**
 * Compiles a pass.
 * @throws CompileError with Dawn's messages
 * @throws Unsupported where the device has less workgroup memory or fewer threads than it takes
 */
export async function compilePass(
  device: GPUDevice,
  order: DispatchOrder,
  pass: Pass,
): Promise<CompiledPass> {
  const module = await moduleFrom(device, pass.name, moduleOf(pass));
  checkLimits(device.limits, pass);
  const compiled = await compilePipeline(device, order, module, { ...pass, entry: 'main' });
  return { ...compiled, size: dispatchSize(pass.groups) };
}

/** @throws CompileError with Dawn's messages */
export async function moduleFrom(device: GPUDevice, name: string, source: string): Promise<GPUShaderModule> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: name, code: source });
  const { messages } = await module.getCompilationInfo();
  const invalid = await device.popErrorScope();
  const log = messages.filter(({ type }) => type === 'error').map((message) => located(message, source));
  if (log.length > 0 || invalid) throw new CompileError(name, log.join('\n') || invalid!.message);
  return module;
}

/** @throws CompileError where the entry point does not fit its bindings, or the device */
export async function compilePipeline(
  device: GPUDevice,
  order: DispatchOrder,
  module: GPUShaderModule,
  { name, entry, bindings }: { name: string; entry: string; bindings: readonly Binding[] },
): Promise<Omit<CompiledPass, 'size'>> {
  const layout = device.createBindGroupLayout({
    entries: bindings.map(({ written }, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: written ? ('storage' as const) : ('read-only-storage' as const) },
    })),
  });
  try {
    const pipeline = await device.createComputePipelineAsync({
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout, order.layout] }),
      compute: { module, entryPoint: entry },
    });
    return { pipeline, layout, bindings };
  } catch (error) {
    throw new CompileError(name, error instanceof Error ? error.message : String(error));
  }
}

function located({ lineNum, linePos, message }: GPUCompilationMessage, source: string): string {
  const line = source.split('\n')[lineNum - 1] ?? '';
  return `${lineNum}:${linePos}: ${message}\n  ${line}\n  ${' '.repeat(Math.max(0, linePos - 1))}^`;
}

function checkLimits(limits: GPUSupportedLimits, { name, threads, groups }: Pass): void {
  const most = Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);
  if (threads > most)
    throw new Unsupported(`${name} takes ${threads} threads to a workgroup, the device has ${most}`);
  const mostGroups = limits.maxComputeWorkgroupsPerDimension ** 2;
  if (groups > mostGroups)
    throw new Unsupported(`${name} takes ${groups} workgroups, the device has ${mostGroups}`);
}
