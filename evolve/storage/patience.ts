import { setTimeout } from 'node:timers/promises';
import { StorageError } from './database.ts';

/** Milliseconds between two attempts, and how many: about a minute, with what each attempt waits by itself. */
const pauseMs = 500;
const attempts = 60;

/** Tries again while other processes hold the database. @throws StorageError when they never let go of it */
export async function patiently<Answer>(work: () => Answer): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      const mayHelp = error instanceof StorageError && error.isBusy && attempt < attempts;
      if (!mayHelp) throw error;
    }
    await setTimeout(pauseMs);
  }
}
