import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import type {
  ComputeDevice,
  DeviceDescription,
  Kernel,
  Launch,
  Memory,
  Program,
  ProgramOperator,
} from '../../device.ts';
import { hasWgslKernel } from '../../kernels/wgsl/kernels.ts';
import { dispatchSize } from '../../kernels/wgsl/pass.ts';
import type { Pattern } from '../../patterns.ts';
import { type AdapterName, isSoftware, packageVersion } from './adapters.ts';
import { fillName, fillParameters, fillPass, fillThreads } from './fill.ts';
import { compileKernel, DispatchKernel, type WebgpuKernel } from './kernel.ts';
import { createBuffer, readBuffer, WebgpuMemory, wholeWords } from './memory.ts';
import { type CompiledPass, compilePass, DispatchOrder } from './pipeline.ts';
import { compileSource } from './source-kernel.ts';
import { StreamMemory } from './stream-memory.ts';
import { runOnce, timeLaunches } from './submit.ts';

/** A GPU through WebGPU. */
export class WebgpuDevice implements ComputeDevice {
  readonly backend = 'webgpu';
  /** Kept alive, then let go, for its own sake: Dawn ends with the last reference to it. */
  private readonly keepAlive: { gpu?: GPU };
  private readonly adapter: GPUAdapter;
  private readonly name: AdapterName;
  private readonly device: GPUDevice;
  private readonly order: DispatchOrder;
  private readonly stream: StreamMemory;
  private readonly fills = new Map<string, Promise<CompiledPass>>();
  /** Why the device is gone, once it is. */
  private lost: string | undefined;

  private constructor(gpu: GPU, adapter: GPUAdapter, device: GPUDevice, name: AdapterName) {
    this.keepAlive = { gpu };
    this.adapter = adapter;
    this.device = device;
    this.name = name;
    this.order = new DispatchOrder(device);
    this.stream = new StreamMemory(this);
    device.lost.then(({ reason, message }) => {
      this.lost = `the WebGPU device ${name.name} is lost (${reason}): ${message}`;
    });
  }

  /** Opens an adapter with all that it allows. */
  static async open(gpu: GPU, adapter: GPUAdapter, name: AdapterName): Promise<WebgpuDevice> {
    const wanted: GPUFeatureName[] = ['timestamp-query', 'shader-f16'];
    const limits = adapter.limits;
    const device = await adapter.requestDevice({
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      },
    });
    return new WebgpuDevice(gpu, adapter, device, name);
  }

  async describe(): Promise<DeviceDescription> {
    const { vendor, architecture, description } = this.adapter.info;
    const { limits } = this.device;
    return {
      name: this.name.name,
      kind: isSoftware(this.name) ? 'cpu' : 'gpu',
      // WebGPU tells neither memory nor caches nor processors: what one buffer may hold stands for the memory.
      memoryBytes: limits.maxStorageBufferBindingSize,
      cacheBytes: 0,
      units: isSoftware(this.name) ? 1 : 0,
      versions: { driver: description, webgpu: packageVersion() },
      details: {
        vendor,
        architecture,
        api: this.name.api,
        fp16: this.hasHalf() ? 'yes' : 'no',
        maxBufferBytes: limits.maxBufferSize,
        maxBindingBytes: limits.maxStorageBufferBindingSize,
        maxWorkgroupMemoryBytes: limits.maxComputeWorkgroupStorageSize,
      },
    };
  }

  implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[] {
    const ofDevice =
      ['copy-to-device', 'copy-from-device', 'memory-stream'].includes(operator) && dataType === 'bytes';
    return ofDevice || hasWgslKernel(operator, dataType, this.hasHalf()) ? ['rankfleet'] : [];
  }

  compile(program: Program): Promise<Kernel> {
    return this.guarded(async () => {
      const { device, order, stream } = this;
      const context = { device, order, stream, hasHalf: this.hasHalf() };
      if (program.source) return compileSource(context, program, program.source);
      const kernel = await compileKernel(context, program);
      if (program.operator === 'memory-stream' && kernel instanceof DispatchKernel) {
        await runOnce(device, order, kernel, []);
        kernel.checkedError = await stream.error(program.shape.bytes);
      }
      return kernel;
    });
  }

  async release(kernel: Kernel): Promise<void> {
    if (kernel instanceof DispatchKernel) kernel.release();
  }

  allocate(bytes: number): Promise<WebgpuMemory> {
    return this.guarded(async () => {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      return new WebgpuMemory(bytes, await createBuffer(this.device, { size: wholeWords(bytes), usage }));
    });
  }

  async free(memory: Memory): Promise<void> {
    (memory as WebgpuMemory).buffer.destroy();
  }

  fill(memory: Memory, pattern: Pattern): Promise<void> {
    return this.guarded(async () => {
      const { buffer } = memory as WebgpuMemory;
      const { pipeline, layout } = await this.fillPipeline(pattern);
      const words = buffer.size / 4;
      const parameters = this.device.createBuffer({
        size: 16,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
      });
      this.device.queue.writeBuffer(parameters, 0, fillParameters(pattern, words));
      const group = this.device.createBindGroup({
        layout,
        entries: [buffer, parameters].map((each, binding) => ({ binding, resource: { buffer: each } })),
      });
      const size = dispatchSize(Math.ceil(words / fillThreads));
      await runOnce(this.device, this.order, { dispatches: () => [{ pipeline, group, size }] }, []);
      parameters.destroy();
    });
  }

  write(memory: Memory, data: Uint8Array, offset = 0): Promise<void> {
    return this.guarded(async () => {
      this.device.queue.writeBuffer((memory as WebgpuMemory).buffer, offset, data as Uint8Array<ArrayBuffer>);
      await this.device.queue.onSubmittedWorkDone();
    });
  }

  read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    return this.guarded(() => readBuffer(this.device, (memory as WebgpuMemory).buffer, offset, bytes));
  }

  run({ kernel, tensors }: Launch): Promise<void> {
    return this.guarded(() => runOnce(this.device, this.order, kernel as WebgpuKernel, tensors));
  }

  time(launches: readonly Launch[], options: { warmUp: number; repeats: number }): Promise<Float64Array> {
    return this.guarded(() => timeLaunches(this.device, this.order, launches, options));
  }

  /** WebGPU does not tell clock rates. */
  async clocks(): Promise<Record<string, never>> {
    return {};
  }

  async close(): Promise<void> {
    this.device.destroy();
    await this.device.lost;
    delete this.keepAlive.gpu;
  }

  private hasHalf(): boolean {
    return this.device.features.has('shader-f16');
  }

  private fillPipeline(pattern: Pattern): Promise<CompiledPass> {
    const name = fillName(pattern);
    const known = this.fills.get(name) ?? compilePass(this.device, this.order, fillPass(pattern));
    this.fills.set(name, known);
    return known;
  }

  /** Runs some work; if the device is lost before or under it, says so and why. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.lost) throw new Error(this.lost);
    try {
      return await work();
    } catch (error) {
      throw this.lost ? new Error(this.lost, { cause: error }) : error;
    }
  }
}
