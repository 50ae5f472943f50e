import type { ActiveRun } from './active-run.ts';

/** Events wanted in a tick: fewer cost more buckets, more cost more sorting. See bench/hold.ts. */
const IDEAL = 6;
/** Events before the width is reviewed for the first time. */
const FIRST_REVIEW = 1024;

/**
 * The width of a tick of a wheel of buckets. It follows the observed rate of events. Where events come in
 * clusters, the rate says nothing of the gaps inside them: then the width is taken from those gaps, on
 * trial, and kept if it makes for less work per event. A change lays out all pending events anew, so
 * each makes the next wait longer, and each failed trial the next trial.
 *
 * Work is counted in events moved, not measured by a clock: the same calls always take the same turns.
 */
export class TickWidth {
  /** Width of a tick in the caller's unit of time; 0 while not known. */
  width = 0;
  /** Events to enter the run before the next review. */
  private reviewAfter = FIRST_REVIEW;
  // The state of the run when the period under review began.
  private startTime = 0;
  private startWork = 0;
  private startEntered = 0;
  private startLate = 0;
  private startPending = 0;
  /** Reviews wait this many times longer. */
  private patience = 1;
  /** Work per event before the trial of a width taken from the gaps; 0 while the width follows the rate. */
  private effortBeforeTrial = 0;
  private trialIn = 0;
  private trialPause = 2;

  /** Forgets everything seen. */
  clear(run: ActiveRun): void {
    this.width = 0;
    this.patience = 1;
    this.effortBeforeTrial = this.trialIn = 0;
    this.trialPause = 2;
    this.startPeriod(run, 0);
  }

  /**
   * A first width, from the pending events alone: the median says how densely the nearer half lies.
   * @param times sample of the pending times, sorted
   */
  guess(times: Float64Array, sampled: number, pending: number): void {
    const byMedian = (2 * IDEAL * (times[sampled >> 1] - times[0])) / pending;
    const byRange = (IDEAL * (times[sampled - 1] - times[0])) / pending;
    this.width = usable(byMedian, usable(byRange, 1));
  }

  /** Whether it is time for a review: enough events were served, or many times more are pending now. */
  isDue(run: ActiveRun, pending: number): boolean {
    return run.entered - this.startEntered >= this.reviewAfter || this.hasSwollen(pending);
  }

  /**
   * Compares the width with what the events of this period call for.
   * @param gap mean distance of the events in a bucket that the heap had to sort; 0 if there was none
   * @returns whether the width has changed; it may be unknown now
   */
  review(run: ActiveRun, gap: number, pending: number): boolean {
    if (this.hasSwollen(pending)) {
      // What was seen so far says nothing of so many events.
      this.width = this.effortBeforeTrial = 0;
      return true;
    }
    const before = this.width;
    const served = run.entered - this.startEntered;
    const effort = (run.work - this.startWork) / served;
    const byRate = usable((IDEAL * (run.time - this.startTime)) / served, before);
    const byGap = usable(IDEAL * gap, before);
    const crowded = 4 * (run.lateCount - this.startLate) > served && 4 * byGap < before;
    if (this.effortBeforeTrial !== 0) {
      if (effort > 0.9 * this.effortBeforeTrial) this.failTrial(byRate);
      else if (crowded) this.width = byGap;
    } else if (before > 4 * byRate || byRate > 4 * before) this.width = byRate;
    else if (crowded && --this.trialIn <= 0) {
      this.effortBeforeTrial = effort;
      this.width = byGap;
    }
    const changed = this.width !== before;
    this.patience = changed ? Math.min(64, 2 * this.patience) : Math.max(1, this.patience >> 1);
    return changed;
  }

  startPeriod(run: ActiveRun, pending: number): void {
    this.startTime = run.time;
    this.startWork = run.work;
    this.startEntered = run.entered;
    this.startLate = run.lateCount;
    this.startPending = pending;
    this.reviewAfter = Math.max(FIRST_REVIEW, pending) * this.patience;
  }

  private hasSwollen(pending: number): boolean {
    return pending > 8 * this.startPending + FIRST_REVIEW;
  }

  private failTrial(byRate: number): void {
    this.width = byRate;
    this.effortBeforeTrial = 0;
    this.trialPause = Math.min(1024, 4 * this.trialPause);
    this.trialIn = this.trialPause;
  }
}

/** A width that can be divided by, or else another. */
function usable(width: number, otherwise: number): number {
  return width > 0 && width < Number.POSITIVE_INFINITY ? Math.max(width, 1e-300) : otherwise;
}
