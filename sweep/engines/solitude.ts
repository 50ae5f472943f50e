import { deferred } from './deferred.ts';

/**
 * Lets many run together, or one alone: who asks to be alone waits until all others are done, and holds new ones
 * back meanwhile.
 */
export class Solitude {
  private together = 0;
  private emptied = deferred();
  /** Done when the last one that asked to be alone is. */
  private alone: Promise<void> = Promise.resolve();

  async runTogether<Result>(run: () => Promise<Result>): Promise<Result> {
    await this.alone;
    this.together++;
    try {
      return await run();
    } finally {
      if (--this.together === 0) this.emptied.resolve();
    }
  }

  async runAlone<Result>(run: () => Promise<Result>): Promise<Result> {
    const before = this.alone;
    const done = deferred();
    this.alone = before.then(() => done.promise);
    await before;
    if (this.together > 0) {
      this.emptied = deferred();
      await this.emptied.promise;
    }
    try {
      return await run();
    } finally {
      done.resolve();
    }
  }
}
