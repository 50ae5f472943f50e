import { hashWord } from '../../patterns.ts';
import type { GpuDriver } from './gpu-driver.ts';
import { stableBuffer } from './native-libraries.ts';

/** Device memory that kernels on one stream share: as large as the largest that any of them asked for. */
export class Scratch {
  private readonly driver: GpuDriver;
  private address = 0n;
  private bytes = 0;

  constructor(driver: GpuDriver) {
    this.driver = driver;
  }

  /**
   * Its address, good until more is asked for. Not to be grown while a graph is captured.
   * @throws OutOfMemory
   */
  atLeast(bytes: number): bigint {
    if (bytes <= this.bytes) return this.address;
    this.driver.synchronise();
    this.free();
    this.address = this.driver.allocate(bytes);
    this.bytes = bytes;
    return this.address;
  }

  free(): void {
    if (this.bytes > 0) this.driver.free(this.address);
    this.address = 0n;
    this.bytes = 0;
  }
}

/** Host memory for copies, pinned or pageable, as large as the largest that was asked for. */
export class HostBuffer {
  private readonly driver: GpuDriver;
  private readonly pinned: boolean;
  private content: ArrayBuffer | undefined;
  private address = 0n;
  private bytes = 0;
  private hashedBytes = 0;

  constructor(driver: GpuDriver, pinned: boolean) {
    this.driver = driver;
    this.pinned = pinned;
  }

  /** @throws OutOfMemory */
  atLeast(bytes: number): bigint {
    if (bytes <= this.bytes) return this.address;
    this.free();
    if (this.pinned) {
      this.address = this.driver.allocatePinned(bytes);
      this.content = this.driver.koffi.view(this.address, bytes);
    } else {
      const { buffer, address } = stableBuffer(this.driver.koffi, bytes);
      this.address = address;
      this.content = buffer;
    }
    this.bytes = bytes;
    return this.address;
  }

  /** Its first bytes, good until it is freed or more is asked for. */
  bytesOf(bytes: number): Uint8Array {
    this.atLeast(bytes);
    return new Uint8Array(this.content!, 0, bytes);
  }

  /** The same, filled with hashed i32 of seed 1. */
  hashed(bytes: number): bigint {
    const address = this.atLeast(bytes);
    if (this.hashedBytes < bytes) {
      const words = new Int32Array(this.content!, 0, Math.floor(bytes / 4));
      for (let i = this.hashedBytes / 4; i < words.length; i++) words[i] = hashWord(i, 1) >>> 1;
      this.hashedBytes = words.byteLength;
    }
    return address;
  }

  free(): void {
    if (this.bytes > 0 && this.pinned) this.driver.freePinned(this.address);
    this.content = undefined;
    this.bytes = 0;
    this.hashedBytes = 0;
  }
}
