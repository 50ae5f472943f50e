import type { PassStep } from '../learner/train-by-steps.ts';

/** What a snapshot, taken at the midnight before day `snapshotDay`, is asked for. */
export interface SnapshotStep extends PassStep {
  does: 'predict';
  snapshotDay: number;
  lagDays: number;
}

/** A step of a teacher's pass. */
export type TeacherStep = (PassStep & { does: 'train' }) | SnapshotStep;

/**
 * How a teacher is streamed once, day by day. At midnight it is a snapshot of all labels known until then, none later,
 * and predicts whole days of examples, so many days on as each lag says: 0 is the day that begins. It is no snapshot
 * before the first midnight within the stream, when it has seen nothing.
 * @param dayStarts day d's examples are those from `dayStarts[d]` to `dayStarts[d + 1] − 1`
 * @param knownOnDay number of labels that come to be known on each day: the examples that are learned from are in the
 *   order of these days
 * @param asks whether a snapshot so many days old is asked of a day at all
 */
export function teacherSteps(
  dayStarts: Int32Array,
  knownOnDay: readonly number[],
  lags: readonly number[],
  asks: (lagDays: number, day: number) => boolean,
): TeacherStep[] {
  const days = knownOnDay.length;
  let known = 0;
  return knownOnDay.flatMap((count, day): TeacherStep[] => {
    const asked = (day === 0 ? [] : lags).filter((lag) => day + lag < days && asks(lag, day + lag));
    const from = known;
    known += count;
    return [
      ...asked.map((lagDays): SnapshotStep => {
        const [first, end] = [dayStarts[day + lagDays], dayStarts[day + lagDays + 1]];
        return { does: 'predict', from: first, to: end, snapshotDay: day, lagDays };
      }),
      { does: 'train', from, to: known },
    ];
  });
}
