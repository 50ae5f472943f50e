import { Unsupported } from '../../device.ts';
import { streamGroups } from '../../kernels/wgsl/launch-and-stream.ts';
import { hashWord } from '../../patterns.ts';
import type { WebgpuMemory } from './memory.ts';

const seed = 1;

/** What StreamMemory needs of its device. */
interface Allocator {
  allocate(bytes: number): Promise<WebgpuMemory>;
  free(memory: WebgpuMemory): Promise<void>;
  fill(
    memory: WebgpuMemory,
    pattern: { kind: 'hashed'; element: 'i32'; seed: number; rowLength: number },
  ): Promise<void>;
  read(memory: WebgpuMemory, offset: number, bytes: number): Promise<Uint8Array>;
}

/** Memory that the streaming kernels of a device read: one for all of them, as large as the largest needs. */
export class StreamMemory {
  private readonly allocator: Allocator;
  private data: WebgpuMemory | undefined;
  private sums: WebgpuMemory | undefined;

  constructor(allocator: Allocator) {
    this.allocator = allocator;
  }

  /** Sees to `bytes` of hashed words. @throws OutOfMemory, Unsupported for streams of CPU cores */
  async reserve(bytes: number, busy: number): Promise<void> {
    if (busy !== 0) throw new Unsupported(`memory-stream with ${busy} busy cores is for a CPU`);
    this.sums ??= await this.allocator.allocate(4 * streamGroups(Number.MAX_SAFE_INTEGER));
    if (this.data && this.data.bytes >= bytes) return;
    if (this.data) await this.allocator.free(this.data);
    this.data = undefined;
    this.data = await this.allocator.allocate(bytes);
    await this.allocator.fill(this.data, { kind: 'hashed', element: 'i32', seed, rowLength: 1 });
  }

  /** What the kernel binds. */
  memories(): WebgpuMemory[] {
    return [this.data!, this.sums!];
  }

  /** 0 if the sums left by a kernel over `bytes` are right, else 1: whole numbers are equal or they are not. */
  async error(bytes: number): Promise<number> {
    const left = await this.allocator.read(this.sums!, 0, 4 * streamGroups(bytes));
    const found = new Uint32Array(left.buffer).reduce((sum, each) => (sum + each) >>> 0, 0);
    let right = 0;
    for (let i = 0; i < bytes / 4; i++) right = (right + (hashWord(i, seed) >>> 1)) | 0;
    return found === right >>> 0 ? 0 : 1;
  }
}
