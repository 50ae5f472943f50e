import type { PassStep } from '../learner/train-by-steps.ts';

/** What a snapshot, taken where period `snapshot` begins, is asked for. */
export interface SnapshotStep extends PassStep {
  does: 'predict';
  snapshot: number;
  /** Whole periods from the snapshot to what it predicts. */
  lag: number;
}

/** A step of a teacher's pass. */
export type TeacherStep = (PassStep & { does: 'train' }) | SnapshotStep;

/**
 * How a teacher is streamed once, period by period. Where one begins it is a snapshot of all labels known until then,
 * none later, and predicts a whole period of examples, so many periods on as each lag says: 0 is the one that begins.
 * It is no snapshot before the first period has passed, when it has seen nothing.
 * @param starts period p's examples are those from `starts[p]` to `starts[p + 1] − 1`
 * @param knownIn number of labels that come to be known in each period: the examples that are learned from are in the
 *   order of these periods
 * @param lags in periods
 * @param asks whether a snapshot so many periods old is asked of a period at all
 */
export function teacherSteps(
  starts: Int32Array,
  knownIn: readonly number[],
  lags: readonly number[],
  asks: (lag: number, period: number) => boolean,
): TeacherStep[] {
  const periods = knownIn.length;
  let known = 0;
  return knownIn.flatMap((count, snapshot): TeacherStep[] => {
    const asked = (snapshot === 0 ? [] : lags).filter(
      (lag) => snapshot + lag < periods && asks(lag, snapshot + lag),
    );
    const from = known;
    known += count;
    return [
      ...asked.map((lag): SnapshotStep => {
        const [first, end] = [starts[snapshot + lag], starts[snapshot + lag + 1]];
        return { does: 'predict', from: first, to: end, snapshot, lag };
      }),
      { does: 'train', from, to: known },
    ];
  });
}
