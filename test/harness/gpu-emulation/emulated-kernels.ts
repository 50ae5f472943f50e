import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../../foundation/files.ts';
import type { GpuKernel } from '../../../harness/kernels/cuda/kernels.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** The host's C++ compiler, if there is one that knows `_Float16`. */
export function hostCompiler(): string | undefined {
  for (const name of ['g++', 'clang++']) {
    try {
      execFileSync(name, ['-std=c++20', '-x', 'c++', '-fsyntax-only', '-'], {
        input: '_Float16 x = 1;',
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      return name;
    } catch {
      // Not there, or too old.
    }
  }
  return undefined;
}

/** A kernel of ours, or one that brings its text along; `source` is then no more than its name. */
export interface EmulatedKernel extends GpuKernel {
  text?: string;
  /** Positions of all its pointers among the tensors; the scratch buffer comes after the last. */
  pointers?: number[];
}

/** Runs kernels on host memory; tensors are changed in place. */
export interface EmulatedKernels {
  /** @throws Error on what a GPU would crash on or silently get wrong: memory outside tensors, lanes that never meet */
  run(kernels: readonly EmulatedKernel[], tensors: readonly Uint8Array[]): void;
}

const keyOf = ({ source, entry, defines, text }: EmulatedKernel) =>
  JSON.stringify([source, entry, defines, ...(text === undefined ? [] : [hash(text)])]);

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Compiles kernels for the host. */
export async function emulate(
  compiler: string,
  kernels: readonly EmulatedKernel[],
  platform: 'cuda' | 'hip',
): Promise<EmulatedKernels> {
  const variants = [...new Map(kernels.map((kernel) => [keyOf(kernel), kernel])).values()];
  const folder = mkdtempSync(join(tmpdir(), 'gpu-emulation-'));
  const file = join(folder, 'kernels.cpp');
  writeFileSync(file, programText(variants, platform));
  const library = join(folder, 'kernels.so');
  // Hidden: libraries of several tests must not share their variables.
  const options = ['-std=c++20', '-O0', '-w', '-shared', '-fPIC', '-fvisibility=hidden', `-I${here}`];
  execFileSync(compiler, [...options, file, '-o', library]);
  const { default: koffi } = await import('koffi');
  const loaded = koffi.load(library);
  rmSync(folder, { recursive: true });
  const functions = new Map(
    variants.map((kernel, i) => [
      keyOf(kernel),
      loaded.func(`run${i}`, 'str', ['void *', 'void *']) as (
        sizes: Uint32Array,
        raw: BigUint64Array,
      ) => string,
    ]),
  );
  const lend = loaded.func('lend', 'uint64', ['void *', 'uint64']);
  const takeBack = loaded.func('takeBack', 'str', ['uint64', 'void *', 'uint64']);
  return {
    run(sequence, tensors) {
      const scratchBytes = Math.max(0, ...sequence.map((kernel) => kernel.scratchBytes ?? 0));
      const memories = [...tensors, new Uint8Array(scratchBytes).fill(0xff)];
      const addresses: bigint[] = memories.map((bytes) => BigInt(lend(bytes, bytes.byteLength)));
      const faults: string[] = [];
      try {
        for (const kernel of sequence) {
          const taken = kernel.tensors ?? tensors.map((_, i) => i);
          const behind = kernel.scratchBytes === undefined ? [] : [tensors.length];
          const pointers = kernel.pointers ?? [...taken, ...behind];
          const raw = BigUint64Array.from([
            ...pointers.map((position) => addresses[position]),
            ...kernel.scalars.map(rawScalar),
          ]);
          const sizes = Uint32Array.from([...kernel.grid, ...kernel.block, kernel.sharedBytes, raw.length]);
          const fault = functions.get(keyOf(kernel))!(sizes, raw);
          if (fault) faults.push(`${keyOf(kernel)}: ${fault}`);
        }
      } finally {
        memories.forEach((bytes, i) => {
          const fault = takeBack(addresses[i], bytes, bytes.byteLength);
          if (fault) faults.push(`tensor ${i}: ${fault}`);
        });
      }
      if (faults.length > 0) throw new Error(faults.join('\n'));
    },
  };
}

/** All variants in one program, each in a name space of its own. */
function programText(variants: readonly EmulatedKernel[], platform: 'cuda' | 'hip'): string {
  const parts = variants.map((kernel, i) => {
    const text = emulatedText(kernel.text ?? ourText(kernel.source));
    const macros = new Set([...text.matchAll(/^ *#define (\w+)/gm)].map(([, name]) => name));
    for (const name of Object.keys(kernel.defines)) macros.add(name);
    return [
      ...Object.entries(kernel.defines).map(([name, value]) => `#define ${name} ${value}`),
      `namespace variant${i} {`,
      // Kernels have C names, which name spaces do not tell apart.
      text.replaceAll('extern "C" __global__', 'static __global__'),
      `constexpr unsigned blocksOfCluster = ${blocksOfCluster(text, kernel.entry)};`,
      '}',
      ...[...macros].map((name) => `#undef ${name}`),
      `EXPORTED const char* run${i}(const uint32_t* sizes, const uint64_t* raw) {`,
      `  return emulation::launch(variant${i}::${kernel.entry}, sizes, raw, variant${i}::blocksOfCluster);`,
      '}',
    ].join('\n');
  });
  return ['#include "emulation.hpp"', ...(platform === 'hip' ? ['#define __HIPCC__ 1'] : []), ...parts].join(
    '\n',
  );
}

/** An expression: how many blocks along x of an entry run together. */
function blocksOfCluster(text: string, entry: string): string {
  const found = new RegExp(`__cluster_dims__\\((\\w+), 1, 1\\)[^;{]*\\b${entry}\\(`).exec(text);
  return found?.[1] ?? '1';
}

/** A source with its includes in place. */
function emulatedText(text: string): string {
  return text
    .replaceAll(/^#include "(.+)"$/gm, (_, name) => emulatedText(ourText(name)))
    .replaceAll(
      /extern __shared__ (\w+) (\w+)\[\];/g,
      '$1* $2 = reinterpret_cast<$1*>(emulation::dynamicShared);',
    );
}

const replaced = [
  'nvidia.cuh',
  'tensor-core.cuh',
  'async-copy.cuh',
  'matrix-tf32.cuh',
  'warp-group.cuh',
  'tile-copy.cuh',
  'cluster.cuh',
];

/** A file of our kernels; those that hold a device's own instructions come from this folder. */
function ourText(name: string): string {
  return readFileSync(
    join(replaced.includes(name) ? here : join(packageRoot, 'harness/kernels/cuda'), name),
    'utf8',
  );
}

function rawScalar({ type, value }: GpuKernel['scalars'][number]): bigint {
  if (type === 'i64') return BigInt.asUintN(64, BigInt(value));
  const bits = new DataView(new ArrayBuffer(8));
  if (type === 'f32') bits.setFloat32(0, value, true);
  else bits.setInt32(0, value, true);
  return bits.getBigUint64(0, true);
}
