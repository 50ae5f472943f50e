import type { PointResult, PointTask } from '../sim/sweep-result.ts';
import type { SweepBundle } from './point.ts';

export interface EngineOptions {
  /**
   * Once aborted, an engine takes no more tasks; it yields what is finished, may drop what it had in hand, and
   * returns without an error.
   */
  signal: AbortSignal;
  /** Told what a person waiting wants to know besides the points done, as `3 workers`. Replaces what was told before. */
  onStatus?(text: string): void;
}

/** Something that evaluates points: threads of this machine, or workers of many. */
export interface Engine {
  /**
   * Evaluates every task once with `evaluatePoint` and yields each result as it is ready, in any order.
   * Takes tasks no faster than it works them off, so that memory stays flat whatever their number.
   * @throws Error when it cannot go on at all; a point that fails is a row, not an error.
   */
  run(
    bundle: SweepBundle,
    tasks: AsyncIterable<PointTask>,
    options: EngineOptions,
  ): AsyncIterable<PointResult>;
}
