/**
 * Bandwidth shared equally by the tasks that draw on it (egalitarian processor sharing with a cap per task):
 * n tasks each progress at min(cap, total / n). All progress at one rate, so a task's end is a fixed point of
 * the common "virtual service" V and only the earliest end needs an event.
 */
export class SharedBandwidth {
  private readonly totalPerS: number;
  private readonly capPerS: number;
  /** Virtual ends, ascending, with the handles of their tasks. */
  private readonly ends: Float64Array;
  private readonly handles: Int32Array;
  private active = 0;
  private virtual = 0;
  private lastTime = 0;
  /** When the earliest task ends at the current rate; Infinity when there is none. */
  nextEnd = Number.POSITIVE_INFINITY;

  constructor(totalPerS: number, capPerS: number, servers: number) {
    this.totalPerS = totalPerS;
    this.capPerS = capPerS;
    this.ends = new Float64Array(servers);
    this.handles = new Int32Array(servers);
  }

  /** Adds a task that needs `units`; `nextEnd` is up to date afterwards. */
  join(handle: number, units: number, now: number): void {
    this.advance(now);
    const end = this.virtual + units;
    let at = this.active++;
    while (at > 0 && this.ends[at - 1] > end) {
      this.ends[at] = this.ends[at - 1];
      this.handles[at] = this.handles[at - 1];
      at--;
    }
    this.ends[at] = end;
    this.handles[at] = handle;
    this.schedule(now);
  }

  /** Removes and returns the task that ends at `nextEnd`, which must be now. */
  leave(now: number): number {
    const handle = this.handles[0];
    this.virtual = this.ends[0];
    this.lastTime = now;
    this.active--;
    this.ends.copyWithin(0, 1, this.active + 1);
    this.handles.copyWithin(0, 1, this.active + 1);
    if (this.active === 0) this.virtual = 0;
    this.schedule(now);
    return handle;
  }

  private advance(now: number): void {
    if (this.active > 0) this.virtual += (now - this.lastTime) * this.rate();
    this.lastTime = now;
  }

  private rate(): number {
    return Math.min(this.totalPerS / this.active, this.capPerS);
  }

  private schedule(now: number): void {
    const left = this.ends[0] - this.virtual;
    this.nextEnd = this.active === 0 ? Number.POSITIVE_INFINITY : now + Math.max(left, 0) / this.rate();
  }
}
