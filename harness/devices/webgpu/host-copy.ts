import type { Kernel, Memory, Program } from '../../device.ts';
import { Unsupported } from '../../device.ts';
import { hashWord } from '../../patterns.ts';
import { createBuffer, type WebgpuMemory } from './memory.ts';

/** Seed of the words that a copy to the device brings. */
const hostSeed = 1;

/**
 * A copy between device memory and memory of the host that the device reaches by itself (a buffer made for mapping;
 * pinned). The host's own part of a pageable copy runs by no clock of the device, so there is none here.
 */
export class HostCopy implements Kernel {
  readonly program: Program;
  private readonly device: GPUDevice;
  private readonly host: GPUBuffer;

  private constructor(device: GPUDevice, program: Program, host: GPUBuffer) {
    this.device = device;
    this.program = program;
    this.host = host;
  }

  /** @throws Unsupported for pageable memory; OutOfMemory */
  static async open(device: GPUDevice, program: Program): Promise<HostCopy> {
    const { operator, shape } = program;
    if (shape.pinned === 0) {
      throw new Unsupported(`${operator} from pageable memory: its host part runs by no clock of the device`);
    }
    if (operator === 'copy-from-device') {
      const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
      return new HostCopy(device, program, await createBuffer(device, { size: shape.bytes, usage }));
    }
    const usage = GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC;
    const host = await createBuffer(device, { size: shape.bytes, usage, mappedAtCreation: true });
    const words = new Uint32Array(host.getMappedRange());
    for (let i = 0; i < words.length; i++) words[i] = hashWord(i, hostSeed) >>> 1;
    host.unmap();
    return new HostCopy(device, program, host);
  }

  /** The copy itself. */
  encode(encoder: GPUCommandEncoder, [memory]: readonly Memory[]): void {
    const { buffer } = memory as WebgpuMemory;
    const { bytes } = this.program.shape;
    if (this.program.operator === 'copy-to-device')
      encoder.copyBufferToBuffer(this.host, 0, buffer, 0, bytes);
    else encoder.copyBufferToBuffer(buffer, 0, this.host, 0, bytes);
  }

  /** Brings what has reached the host back to the device's second tensor, so that it can be compared. */
  async echo([, memory]: readonly Memory[]): Promise<void> {
    if (this.program.operator === 'copy-to-device') return;
    await this.host.mapAsync(GPUMapMode.READ);
    this.device.queue.writeBuffer((memory as WebgpuMemory).buffer, 0, this.host.getMappedRange());
    this.host.unmap();
    await this.device.queue.onSubmittedWorkDone();
  }
}
