/** A part of the simulated time, and how many values of a counter are kept in it at most. */
export interface Window {
  fromS: number;
  toS: number;
  points: number;
}

/** Values of one pool over time. */
export interface Samples {
  timesS: number[];
  busy: number[];
  queued: number[];
}

/**
 * How many servers of each pool are busy and how many tasks wait, over time. Kept only within the windows, which are
 * apart and in order; each is cut into as many pieces as it has points, of which the last value is kept.
 */
export class PoolSamples {
  readonly samples: Samples[];
  private readonly windows: readonly Window[];
  private readonly busy: Int32Array;
  private readonly queued: Int32Array;
  /** By pool: the piece of the window that its last value is from, -1 for none. */
  private readonly pieces: Int32Array;
  /** The window that is open, or opens next. */
  private window = 0;
  private isOpen = false;

  constructor(pools: number, windows: readonly Window[]) {
    this.windows = windows;
    this.samples = Array.from({ length: pools }, () => ({ timesS: [], busy: [], queued: [] }));
    this.busy = new Int32Array(pools);
    this.queued = new Int32Array(pools);
    this.pieces = new Int32Array(pools);
  }

  /** Counts up or down. Times must not decrease from call to call. */
  change(pool: number, busyBy: number, queuedBy: number, nowS: number): void {
    this.advance(nowS);
    this.busy[pool] += busyBy;
    this.queued[pool] += queuedBy;
    if (!this.isOpen) return;
    const { fromS, toS, points } = this.windows[this.window];
    const piece = Math.floor((points * (nowS - fromS)) / (toS - fromS));
    this.keep(pool, nowS, piece);
  }

  /** Opens the windows up to a time and closes those that are over. What no task changes is known at their start. */
  advance(nowS: number): void {
    for (; this.window < this.windows.length; this.window++) {
      const { fromS, toS } = this.windows[this.window];
      if (nowS < fromS) return;
      if (!this.isOpen) for (let pool = 0; pool < this.busy.length; pool++) this.keep(pool, fromS, -1);
      this.isOpen = nowS <= toS;
      if (this.isOpen) return;
    }
  }

  /** @param piece of the open window, or -1 at its start */
  private keep(pool: number, nowS: number, piece: number): void {
    const { timesS, busy, queued } = this.samples[pool];
    const isOfPiece = piece >= 0 && this.pieces[pool] === piece;
    if (isOfPiece || timesS.at(-1) === nowS) {
      timesS.pop();
      busy.pop();
      queued.pop();
    }
    this.pieces[pool] = -1;
    const last = timesS.length - 1;
    if (last >= 0 && busy[last] === this.busy[pool] && queued[last] === this.queued[pool]) return;
    this.pieces[pool] = piece;
    timesS.push(nowS);
    busy.push(this.busy[pool]);
    queued.push(this.queued[pool]);
  }
}
