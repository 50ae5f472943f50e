import type { Feed, Snapshot } from '../reports/terminal/feed.ts';

/** Milliseconds between two snapshots at least. */
const restMs = 125;

/** Making snapshots and showing them takes no more than this share of the time. */
const mostBusy = 0.1;

/** Snapshots of work that goes on, made as often as a person can read them and as the machine can afford. */
export class LiveFeed implements Feed {
  private readonly make: () => Snapshot;
  private readonly listeners = new Set<() => void>();
  private shown: Snapshot;
  private timer: NodeJS.Timeout | undefined;
  private madeAt = 0;
  private tookMs = 0;

  /** @param make what there is to show at the moment */
  constructor(make: () => Snapshot) {
    this.make = make;
    this.shown = make();
  }

  current(): Snapshot {
    return this.shown;
  }

  subscribe(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  /** Something changed: a snapshot is due, soon. */
  changed(): void {
    if (this.timer) return;
    const waitMs = Math.max(restMs, this.tookMs / mostBusy) - (performance.now() - this.madeAt);
    this.timer = setTimeout(() => this.refresh(), Math.max(0, waitMs));
  }

  /** The last snapshot, at once. */
  finish(last: Snapshot): void {
    clearTimeout(this.timer);
    this.show(last);
  }

  /** No more snapshots. */
  close(): void {
    clearTimeout(this.timer);
  }

  private refresh(): void {
    this.timer = undefined;
    const started = performance.now();
    this.show(this.make());
    this.madeAt = performance.now();
    this.tookMs = this.madeAt - started;
  }

  private show(snapshot: Snapshot): void {
    this.shown = snapshot;
    for (const listener of this.listeners) listener();
  }
}

/** Seconds that are left at the pace since a time; undefined before anything is done. */
export function secondsLeft(startedMs: number, done: number, total: number): number | undefined {
  if (done === 0) return undefined;
  return ((performance.now() - startedMs) / 1000 / done) * (total - done);
}
