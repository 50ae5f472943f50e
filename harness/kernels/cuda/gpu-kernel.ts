import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../foundation/files.ts';

/** One launch of a kernel: its source, how to compile it, and all of its arguments but the addresses. */
export interface GpuKernel {
  /** File of this folder. */
  source: string;
  /** Name of the function, without mangling. */
  entry: string;
  /** Compile-time constants. The number of different sets is kept small: sizes that change often are scalars. */
  defines: Record<string, string | number>;
  /** Blocks. */
  grid: [x: number, y: number, z: number];
  /** Threads of a block. */
  block: [x: number, y: number, z: number];
  /** Dynamic shared memory of a block; beyond 48 KiB the function must be allowed it first. */
  sharedBytes: number;
  /** Arguments after the addresses, in order. */
  scalars: Scalar[];
  /** Which tensors of the launch it takes, by position; without it all, in order. */
  tensors?: number[];
  /**
   * Bytes of a scratch buffer whose address follows the tensors' addresses. Kernels of one sequence share one
   * buffer (the largest asked for) and pass results through it; nothing in it needs to be set beforehand.
   */
  scratchBytes?: number;
}

export interface Scalar {
  type: 'i32' | 'f32' | 'i64';
  value: number;
}

/** What kernels are shaped for. */
export interface GpuShape {
  /** Multiprocessors or compute units. */
  units: number;
  /** 32, or 64 on some of AMD's. */
  warpSize: number;
  /** Dynamic shared memory that a block may ask for. */
  maxSharedBytes: number;
}

/**
 * Text to compile for a kernel: its source with the files of this folder that it includes put in their places, so a
 * run-time compiler needs no header path. `defines` go to the compiler as options.
 */
export function kernelText({ source }: Pick<GpuKernel, 'source'>): string {
  const text = readFileSync(join(packageRoot, 'harness/kernels/cuda', source), 'utf8');
  return text.replaceAll(/^#include "(.+)"$/gm, (_, name) => kernelText({ source: name }));
}

export const i32 = (value: number): Scalar => ({ type: 'i32', value });
export const i64 = (value: number): Scalar => ({ type: 'i64', value });
export const f32 = (value: number): Scalar => ({ type: 'f32', value });
