import { type Memory, OutOfMemory } from '../../device.ts';

/** A storage buffer; whole words, however few bytes were asked for. */
export class WebgpuMemory implements Memory {
  readonly bytes: number;
  readonly buffer: GPUBuffer;

  constructor(bytes: number, buffer: GPUBuffer) {
    this.bytes = bytes;
    this.buffer = buffer;
  }
}

/** More than a buffer of this device may hold, however much memory is free. */
export class BeyondBindingLimit extends OutOfMemory {
  constructor(bytes: number, mostBytes: number) {
    super(bytes);
    this.message = `asked for ${bytes} bytes of device memory, but one WebGPU buffer of this device holds at most ${mostBytes}`;
  }
}

/** Memory ran out under way, for something that the device itself asked for. */
export class ExhaustedAtWork extends OutOfMemory {
  constructor(message: string) {
    super(0);
    this.message = `out of device memory while working: ${message}`;
  }
}

/**
 * A buffer, its memory committed.
 * @throws OutOfMemory
 */
export async function createBuffer(device: GPUDevice, descriptor: GPUBufferDescriptor): Promise<GPUBuffer> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const isStorage = (descriptor.usage & GPUBufferUsage.STORAGE) !== 0;
  const most = isStorage ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
  if (descriptor.size > most) throw new BeyondBindingLimit(descriptor.size, most);
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let buffer: GPUBuffer | undefined;
  try {
    buffer = device.createBuffer(descriptor);
  } catch {
    // Memory for the host's side could not be had: reported below.
  }
  const invalid = await device.popErrorScope();
  const exhausted = await device.popErrorScope();
  if (invalid) throw new Error(`WebGPU buffer: ${invalid.message}`);
  if (exhausted || !buffer) throw new OutOfMemory(descriptor.size);
  return buffer;
}

/** Bytes rounded up to whole words. */
export function wholeWords(bytes: number): number {
  return Math.max(4, Math.ceil(bytes / 4) * 4);
}

/** Bytes that travel to the host at a time. */
const chunkBytes = 64 * 2 ** 20;

/** Copies part of a buffer to the host. Offset and length are multiples of 4. */
export async function readBuffer(
  device: GPUDevice,
  source: GPUBuffer,
  offset: number,
  bytes: number,
): Promise<Uint8Array> {
  const result = new Uint8Array(bytes);
  if (bytes === 0) return result;
  const size = Math.min(bytes, chunkBytes);
  const staging = await createBuffer(device, {
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    for (let done = 0; done < bytes; done += size) {
      const length = Math.min(size, bytes - done);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, offset + done, staging, 0, length);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ, 0, length);
      result.set(new Uint8Array(staging.getMappedRange(0, length)), done);
      staging.unmap();
    }
  } finally {
    staging.destroy();
  }
  return result;
}
