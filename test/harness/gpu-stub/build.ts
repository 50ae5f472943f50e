import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = dirname(fileURLToPath(import.meta.url));

/** File names of the stand-ins, as the platforms look for them. */
const fileNames = {
  cuda: { driver: 'libcuda.so.1', compiler: 'libnvrtc.so.13', blas: 'libcublasLt.so.13' },
  hip: { driver: 'libamdhip64.so.6', compiler: 'libhiprtc.so.6', blas: 'libhipblaslt.so.0' },
} as const;

/** Whether this system has a C compiler for shared libraries of Linux. */
export const hasCompiler = process.platform === 'linux' && works();

/** Builds the stand-ins of a platform in a fresh folder, which is gone when the process ends. */
export function buildStub(platform: keyof typeof fileNames): string {
  const folder = mkdtempSync(join(tmpdir(), `rankfleet-${platform}-stub-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const names = fileNames[platform];
  const define = platform === 'hip' ? ['-DHIP'] : [];
  compile(folder, 'driver.c', names.driver, define);
  compile(folder, 'compiler.c', names.compiler, define);
  compile(folder, 'blas.c', names.blas, [
    ...define,
    `-L${folder}`,
    `-l:${names.driver}`,
    '-Wl,-rpath,$ORIGIN',
    '-lm',
  ]);
  if (platform === 'cuda') compile(folder, 'management.c', 'libnvidia-ml.so.1', []);
  return folder;
}

/** A folder whose driver library has no symbols at all. */
export function buildHollowDriver(platform: keyof typeof fileNames): string {
  const folder = mkdtempSync(join(tmpdir(), `rankfleet-${platform}-hollow-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, 'hollow.c');
  writeFileSync(source, 'int rankfleet_hollow;\n');
  compile(folder, source, fileNames[platform].driver, []);
  return folder;
}

function compile(folder: string, source: string, name: string, options: readonly string[]): void {
  const from = source.includes('/') ? source : join(sources, source);
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-w', '-o', join(folder, name), from, ...options]);
}

function works(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
