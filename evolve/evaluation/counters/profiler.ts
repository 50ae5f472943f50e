import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expandPattern } from '../../../harness/devices/gpu-shared/native-libraries.ts';
import { askedCounters } from '../../counters.ts';
import { sandboxCommand, sandboxEnvironment } from '../sandbox.ts';

/** NVIDIA's profiler of kernels, on PATH or where CUDA is installed. */
export function findProfiler(path = process.env.PATH ?? ''): string | undefined {
  const folders = [...path.split(delimiter), ...expandPattern('/usr/local/cuda*/bin')];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'ncu'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Kernels of one run that are counted: each is run about ten times. */
const mostKernels = 8;
/** Characters of its output that are kept. */
const mostOutput = 4 << 20;

export interface ProfiledRun {
  profiler: string;
  /** What runs the kernel. */
  command: readonly string[];
  /** Names of the kernels that count. */
  kernels: readonly string[];
  /** For temporary files. */
  folder: string;
  withinS: number;
  signal: AbortSignal;
}

/**
 * Runs a command under the profiler. Clocks stay as they are: they are the machine's.
 * @returns what it printed, or in a line why there is nothing to read
 */
export function profile({
  profiler,
  command,
  kernels,
  folder,
  withinS,
  signal,
}: ProfiledRun): Promise<{ printed: string } | { why: string }> {
  const options = [
    ...['--csv', '--page', 'raw', '--print-units', 'base', '--target-processes', 'all'],
    ...['--clock-control', 'none', '--launch-count', String(mostKernels)],
    ...['--kernel-name-base', 'function', '--kernel-name', `regex:^(${kernels.join('|')})$`],
    ...['--metrics', askedCounters.join(',')],
  ];
  // It speaks with what it profiles through a socket, which an empty network does not have.
  const [program, ...args] = sandboxCommand([profiler, ...options, ...command], false).command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...sandboxEnvironment(process.env, folder), LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let printed = '';
    let isLate = false;
    const end = () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, withinS * 1000);
    signal.addEventListener('abort', end);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(-mostOutput);
      });
    }
    const done = (why: string | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(why === undefined ? { printed } : { why });
    };
    child.on('error', (error) => done(`${profiler}: ${error.message}`));
    child.once('close', (code) => {
      if (isLate) done(`${profiler} did not end within ${withinS.toFixed(0)} s`);
      else done(refusalIn(printed) ?? (code === 0 ? undefined : `${profiler} ended with code ${code}`));
    });
  });
}

/** What it says where it may not, or cannot, count. */
function refusalIn(printed: string): string | undefined {
  if (printed.includes('ERR_NVGPUCTRPERM')) {
    return 'the driver lets only administrators read them (ERR_NVGPUCTRPERM)';
  }
  return /^==ERROR== (.*)$/m.exec(printed)?.[1];
}
