import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { CandidateFailed } from './failed.ts';

/** Threads of this process, where the system tells them. */
function threadCount(): number {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return 0;
  }
}

/** Begins the threads that Node keeps for files and names, so that they are not taken for a candidate's. */
export async function settleOwnThreads(): Promise<void> {
  await Promise.all(Array.from({ length: 16 }, () => stat('/')));
}

/** Counts threads now. @returns a check that throws CandidateFailed when there are more */
export function watchThreads(): () => Promise<void> {
  const before = threadCount();
  return async () => {
    if (threadCount() <= before) return;
    // One that is about to end is none.
    await setTimeout(100);
    const after = threadCount();
    if (after > before) {
      throw new CandidateFailed('cheat', `own threads: ${after - before} were begun that still run`);
    }
  };
}
