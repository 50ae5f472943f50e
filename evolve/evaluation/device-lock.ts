import { performance } from 'node:perf_hooks';
import type { Gate } from './machine-lock.ts';

/** One evaluation's time with a device. */
export interface Turn {
  /** Waits for the device, and keeps it from then on. */
  take: () => Promise<void>;
  leave: () => void;
  /** Seconds that the device was kept until now. */
  heldS: () => number;
  /** Seconds that other processes let it wait. */
  othersS: () => number;
}

type Entered = 'at once' | 'waited';

/** A device that several workers share: whoever asks first has it first, and compiling needs it not. */
export class DeviceLock {
  private last: Promise<void> = Promise.resolve();
  private readonly now: () => number;
  private readonly startS: number;
  private gate: Promise<Gate> | undefined;
  private takenS = 0;
  private since: number | undefined;
  /** Evaluations that had the device. */
  turns = 0;
  /** Seconds that evaluations waited for others of this process. */
  waitedS = 0;
  /** Seconds that they waited for other processes. */
  othersS = 0;

  /** @param now clock in seconds */
  constructor(now = () => performance.now() / 1000) {
    this.now = now;
    this.startS = now();
  }

  /** From now on it is taken in turn with other processes. Called again, it changes nothing. */
  shareWith(open: () => Promise<Gate>): void {
    this.gate ??= open();
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
    let othersS = 0;
    return {
      take: async () => {
        const before = this.last;
        this.last = new Promise((resolve) => {
          free = resolve;
        });
        const asked = this.now();
        await before;
        const first = this.now();
        let way: Entered | undefined;
        try {
          // It may give up while it waits.
          way = hasLeft ? undefined : await this.enter(() => !hasLeft);
        } finally {
          if (!way) free!();
        }
        if (!way) return;
        from = this.now();
        this.since = from;
        this.turns++;
        this.waitedS += first - asked;
        othersS = way === 'waited' ? from - first : 0;
        this.othersS += othersS;
      },
      leave: () => {
        hasLeft = true;
        if (from === undefined) return;
        heldS = this.now() - from;
        this.takenS += heldS;
        this.since = undefined;
        from = undefined;
        void this.leave().finally(free!);
      },
      heldS: () => (from === undefined ? heldS : this.now() - from),
      othersS: () => othersS,
    };
  }

  async close(): Promise<void> {
    (await this.gate)?.close();
  }

  /** Undefined where it is no longer wanted. */
  private async enter(isWanted: () => boolean): Promise<Entered | undefined> {
    const gate = await this.gate;
    const isFree = !gate || gate.tryTake();
    if (!isFree && !(await gate.take(isWanted))) return undefined;
    if (isWanted()) return isFree ? 'at once' : 'waited';
    gate?.leave();
    return undefined;
  }

  private async leave(): Promise<void> {
    (await this.gate)?.leave();
  }
}
