import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { availableParallelism, homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../foundation/files.ts';
import { CompileError } from '../../device.ts';
import { doOnce } from './build-lock.ts';
import type { Compiler } from './compiler.ts';

/** Our kernels, and the headers that they share. */
export const sourceFolder = join(packageRoot, 'harness/kernels/cpu');

/** NaN and infinity stay what they are: no -ffast-math. */
export const compileFlags = [
  '-O3',
  process.arch === 'arm64' ? '-mcpu=native' : '-march=native',
  '-std=c++17',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fPIC',
  '-pthread',
];

export interface BuildOptions {
  /** Folder whose `.cpp` files make the library. */
  sources?: string;
  /** Folder that keeps libraries; the user's cache folder, else one below the system's temporary files. */
  cache?: string;
  /** Flags after the usual ones. */
  flags?: readonly string[];
}

/**
 * Compiles our kernels into a shared library, unless the cache has one of the same sources, compiler and processor.
 * @param processor what tells processors apart for which the compiler makes different code
 * @returns path of the library
 * @throws CompileError with the compiler's log
 */
export async function buildLibrary(
  compiler: Compiler,
  processor: string,
  { sources = sourceFolder, cache = usableCacheFolder(), flags = [] }: BuildOptions = {},
): Promise<string> {
  const allFlags = [...compileFlags, ...flags];
  const names = readdirSync(sources)
    .filter((name) => /\.(cpp|h)$/.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const part of [...compiler.command, compiler.version, processor, ...allFlags])
    hash.update(`${part}\0`);
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(sources, name)));
  const library = join(cache, `kernels-${hash.digest('hex').slice(0, 32)}.so`);
  mkdirSync(cache, { recursive: true });
  return doOnce(
    `${library}.lock`,
    () => (existsSync(library) ? library : undefined),
    async () => {
      await compileLibrary(compiler, sources, names, allFlags, library);
      return library;
    },
  );
}

async function compileLibrary(
  compiler: Compiler,
  sources: string,
  names: readonly string[],
  flags: readonly string[],
  library: string,
): Promise<void> {
  const folder = mkdtempSync(join(dirname(library), 'building-'));
  try {
    const files = names.filter((name) => name.endsWith('.cpp')).map((name) => join(sources, name));
    const objects = await compileAll(compiler, files, flags, folder);
    const linked = join(folder, 'kernels.so');
    const libraries = process.platform === 'linux' ? ['-ldl'] : [];
    await runCompiler(compiler, ['-shared', '-pthread', ...objects, '-o', linked, ...libraries]);
    // In one step: another process sees the whole library or none.
    renameSync(linked, library);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles each of some files to an object in a folder. */
export async function compileAll(
  compiler: Compiler,
  sources: readonly string[],
  flags: readonly string[],
  folder: string,
): Promise<string[]> {
  const objects = sources.map((_, index) => join(folder, `${index}.o`));
  const queue = sources.entries();
  const worker = async () => {
    for (const [index, source] of queue) {
      await runCompiler(compiler, [...flags, '-c', source, '-o', objects[index]]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, availableParallelism()) }, worker));
  return objects;
}

/** @throws CompileError with what the compiler said */
export function runCompiler(
  { command: [program, ...leading] }: Compiler,
  options: readonly string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    // In one language and with plain quotes, so that equal errors read equally everywhere.
    const env = { ...process.env, LC_ALL: 'C' };
    const limits = { timeout: 300_000, maxBuffer: 2 ** 26, env };
    execFile(program, [...leading, ...options], limits, (error, stdout, stderr) => {
      if (!error) return resolve();
      const log = `${stdout}${stderr}`.trim() || error.message;
      reject(new CompileError('the native code of the cpu device', log));
    });
  });
}

/** Folder for compiled kernels, made if need be: a cache folder of the user, else one for this user alone in tmp. */
export function usableCacheFolder(): string {
  const { XDG_CACHE_HOME } = process.env;
  const folder = join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'rankfleet');
  try {
    mkdirSync(folder, { recursive: true });
    // Made and removed: a folder of a read-only home exists and takes nothing.
    rmSync(mkdtempSync(join(folder, 'probe-')), { recursive: true });
    return folder;
  } catch {
    return temporaryFolder();
  }
}

/** A folder of this user on this machine. Native code is loaded from it: one that somebody else has made will not do. */
export function temporaryFolder(): string {
  const folder = join(tmpdir(), `rankfleet-${userInfo().uid}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  } catch {
    return isOwn(folder) ? folder : mkdtempSync(join(tmpdir(), 'rankfleet-'));
  }
}

function isOwn(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}
