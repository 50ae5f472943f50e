import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/files.ts';

export const program = join(packageRoot, 'dist/cli/main.js');

interface Options {
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs the built command as a user's shell would, with pipes instead of a terminal. */
export function rankfleet(args: string[], { cwd, env }: Options = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    env: { PATH: process.env.PATH ?? '', ...env },
    ...(cwd !== undefined && { cwd }),
  });
}
