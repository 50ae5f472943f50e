import { performance } from 'node:perf_hooks';

/** One evaluation's time with a device. */
export interface Turn {
  /** Waits for the device, and keeps it from then on. */
  take: () => Promise<void>;
  leave: () => void;
  /** Seconds that the device was kept until now. */
  heldS: () => number;
}

/** A device that several workers share: whoever asks first has it first, and compiling needs it not. */
export class DeviceLock {
  private last: Promise<void> = Promise.resolve();
  private readonly now: () => number;
  private readonly startS: number;
  private takenS = 0;
  private since: number | undefined;
  /** Evaluations that had the device. */
  turns = 0;
  waitedS = 0;

  /** @param now clock in seconds */
  constructor(now = () => performance.now() / 1000) {
    this.now = now;
    this.startS = now();
  }

  /** Seconds that it was held, and that it existed. */
  get times(): { heldS: number; totalS: number } {
    const now = this.now();
    return {
      heldS: this.takenS + (this.since === undefined ? 0 : now - this.since),
      totalS: now - this.startS,
    };
  }

  turn(): Turn {
    let free: (() => void) | undefined;
    let hasLeft = false;
    let from: number | undefined;
    let heldS = 0;
    return {
      take: async () => {
        const before = this.last;
        this.last = new Promise((resolve) => {
          free = resolve;
        });
        const asked = this.now();
        await before;
        // It may have given up while it waited.
        if (hasLeft) return free!();
        from = this.now();
        this.since = from;
        this.turns++;
        this.waitedS += from - asked;
      },
      leave: () => {
        hasLeft = true;
        if (from === undefined) return;
        heldS = this.now() - from;
        this.takenS += heldS;
        this.since = undefined;
        from = undefined;
        free!();
      },
      heldS: () => (from === undefined ? heldS : this.now() - from),
    };
  }
}
