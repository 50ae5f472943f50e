import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { packageRoot } from '../foundation/files.ts';

/** How long a command takes from its start as a process until it has ended. */
export interface StartupBenchRow {
  command: string;
  medianMs: number;
  /** The shortest run: other processes on the machine only add to it. */
  leastMs: number;
}

/** Runs of each command; they take turns, so that a busy moment does not fall on one of them alone. */
const runs = 11;

const program = join(packageRoot, 'dist/cli/main.js');

/** What takes no simulation: any of these should feel instant. The first is Node itself, doing nothing. */
const commands: Record<string, string[]> = {
  'node alone': ['-e', '0'],
  '--version': [program, '--version'],
  '--help': [program, '--help'],
  'list models': [program, 'list', 'models'],
  'list hardware sc-large': [program, 'list', 'hardware', 'sc-large'],
  'schema scenario': [program, 'schema', 'scenario'],
  'an unknown command': [program, 'simluate'],
  'simulate, no such file': [program, 'simulate', 'missing.yaml'],
  'simulate, no such arm': [program, 'simulate', 'scale-out', '--arm', 'none'],
};

/** Times whole processes. */
export function benchStartup(): StartupBenchRow[] {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let run = 0; run < runs; run++) {
    for (const [name, argv] of Object.entries(commands)) times[name].push(timedRun(argv));
  }
  return Object.entries(times).map(([command, each]) => {
    each.sort((a, b) => a - b);
    return { command, medianMs: each[runs >> 1], leastMs: each[0] };
  });
}

function timedRun(argv: string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, argv);
  return performance.now() - start;
}
