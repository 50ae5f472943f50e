import type { Evidence, Evidenced } from '../foundation/evidence.ts';
import type { KernelName, KernelTime, MissingKernel } from './kernels.ts';
import type { Measurements } from './measurements.ts';

export type PeakDataType = 'fp64' | 'fp32' | 'tf32' | 'bf16' | 'fp16' | 'fp8' | 'fp4' | 'int8' | 'int4';

/** One processor: a CPU socket, a GPU, an inference accelerator. Vendor rates are dense (no sparsity). */
export interface Device {
  name: string;
  kind: 'cpu' | 'gpu' | 'accelerator';
  vendor: string;
  description: string;
  /** FLOP/s (or integer op/s) by data type, whole device. */
  peakFlopPerS: Partial<Record<PeakDataType, Evidenced>>;
  /** Of a CPU: the most a socket addresses (its host says what is fitted), and the socket's bandwidth. */
  memory: { capacityBytes: Evidenced; bandwidthBytesPerS: Evidenced };
  /** Last-level on-chip cache. */
  cacheBytes: Evidenced;
  /** Cost of starting one operator: a kernel launch, or an operator dispatch on a CPU core. */
  launchOverheadS: Evidenced;
  powerW: Evidenced;
  /**
   * CPU only: physical cores, sustained clock, and what one core alone reaches on random rows (reached, not to
   * be scaled by an efficiency; all cores together reach at most bandwidth × efficiency.gather).
   */
  cores?: Evidenced;
  clockHz?: Evidenced;
  coreBandwidthBytesPerS?: Evidenced;
  /** Of an accelerator: multiprocessors or compute units, over which a kernel's tiles are dealt. */
  units?: Evidenced;
  /** Operators without a kernel here; absent where it has all of them. */
  missingKernels?: MissingKernel[];
  /** Times of kernels that others measured, for operators that the harness did not. */
  kernelTimes?: Partial<Record<KernelName, KernelTime>>;
  /** What the harness measured on this device. */
  measured?: Measurements;
  /** Another device whose measured efficiency stands for this one's, where this one was not measured. */
  calibratedLike?: Device;
  /** The real device, where this one is what it would be with other rates: measured times follow the ratio of both. */
  variationOf?: Device;
  /** Fraction of the roofline reached, by operator family, until it has been measured. */
  efficiency: Efficiency;
}

/** Achieved share of peak arithmetic and of peak bandwidth, 0 to 1. */
export interface Efficiency {
  /** GEMM-like arithmetic, as a share of peak FLOP/s. */
  dense: Evidenced;
  /** Streaming element-wise operators, as a share of memory bandwidth. */
  stream: Evidenced;
  /** Embedding row gathers, as a share of memory bandwidth. */
  gather: Evidenced;
}

/** A server: sockets of one CPU device, DRAM, one NIC rate, optionally accelerators. */
export interface Host {
  name: string;
  description: string;
  cpu: Device;
  sockets: Evidenced;
  dramBytes: Evidenced;
  nicBytesPerS: Evidenced;
  accelerators?: {
    device: Device;
    count: Evidenced;
    /** Host to device, each direction, per accelerator. */
    hostLinkBytesPerS: Evidenced;
    /** Accelerator to accelerator, each direction, per accelerator. */
    peerLinkBytesPerS: Evidenced;
    /** How many times as fast these links are as those on which copies were measured; absent: as fast. */
    linkSpeed?: { host: number; peer: number };
  };
  pricePerHourUsd: Evidenced;
  powerIdleW: Evidenced;
  powerBusyW: Evidenced;
}

/** A network between hosts of one data centre, with the CPU its messages cost. */
export interface Network {
  name: string;
  description: string;
  /** Round trip of an empty message: shifted log-normal, by its minimum, median and p99. */
  roundTrip: { minimumS: Evidenced; medianS: Evidenced; p99S: Evidenced };
  /** CPU time on each side of each message: fixed, and per byte (serialise or deserialise). */
  perMessageCpuS: Evidenced;
  perByteCpuSPerByte: Evidenced;
}

/** Every evidenced field of a profile, as `path → evidence`, for reports. */
export type EvidenceByField = Record<string, Evidence>;

/** Physical cores of all sockets of a host. */
export function coresOf(host: Host): number {
  return Math.round(host.sockets.value * (host.cpu.cores?.value ?? 1));
}
