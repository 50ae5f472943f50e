import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const pollMs = 100;
/** A lock that names no process yet is about to: after this long it never will. */
const unnamedMs = 10_000;

/**
 * Gives what is done already; else does it, or waits for another process that is at it. A process that has died on the
 * way is waited for no longer.
 * @param lock file that exists while a process is at it
 */
export async function doOnce<Result>(
  lock: string,
  done: () => Result | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const result = done();
    if (result !== undefined) return result;
    if (take(lock)) {
      try {
        return done() ?? (await work());
      } finally {
        rmSync(lock, { force: true });
      }
    }
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else await setTimeout(pollMs);
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    return pid > 0 ? !isAlive(pid) : Date.now() - statSync(lock).mtimeMs > unnamedMs;
  } catch {
    // It is gone: the other process has ended its work.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
