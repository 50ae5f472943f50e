import { readBuffer } from './memory.ts';

const bytesPerStamp = 8;

/** Timestamps of the device's own clock, one pair to a repeat. */
export class Timestamps {
  private readonly querySet: GPUQuerySet;
  private readonly device: GPUDevice;
  private readonly resolved: GPUBuffer;
  private readonly repeats: number;

  /** @param repeats at most 2048: a query set holds 4096 stamps */
  constructor(device: GPUDevice, repeats: number) {
    this.device = device;
    this.repeats = repeats;
    this.querySet = device.createQuerySet({ type: 'timestamp', count: 2 * repeats });
    this.resolved = device.createBuffer({
      size: 2 * repeats * bytesPerStamp,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
  }

  /** Stamps to put on a pass that begins a repeat, ends one, or both. */
  at(repeat: number, edges: { begin: boolean; end: boolean }): GPUComputePassTimestampWrites {
    return {
      querySet: this.querySet,
      ...(edges.begin ? { beginningOfPassWriteIndex: 2 * repeat } : {}),
      ...(edges.end ? { endOfPassWriteIndex: 2 * repeat + 1 } : {}),
    };
  }

  /**
   * Seconds of each repeat, once its commands are submitted. The stamp at a beginning may be taken before the
   * work in front of it has ended; a repeat then starts where the one before ended.
   */
  async seconds(): Promise<Float64Array> {
    const encoder = this.device.createCommandEncoder();
    encoder.resolveQuerySet(this.querySet, 0, 2 * this.repeats, this.resolved, 0);
    this.device.queue.submit([encoder.finish()]);
    const bytes = await readBuffer(this.device, this.resolved, 0, 2 * this.repeats * bytesPerStamp);
    const stamps = new BigUint64Array(bytes.buffer);
    return Float64Array.from({ length: this.repeats }, (_, repeat) => {
      const before = repeat > 0 ? stamps[2 * repeat - 1] : 0n;
      const begin = stamps[2 * repeat] > before ? stamps[2 * repeat] : before;
      return Number(stamps[2 * repeat + 1] - begin) * 1e-9;
    });
  }

  destroy(): void {
    this.querySet.destroy();
    this.resolved.destroy();
  }
}
