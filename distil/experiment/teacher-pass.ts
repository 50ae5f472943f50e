import type { IdColumn } from '../learner/embedding-tables.ts';
import { Learner } from '../learner/learner.ts';
import { Predictor } from '../learner/serving-model.ts';
import type { LearnerSpec } from '../learner/spec.ts';
import { trainInOnePass } from '../learner/train-in-one-pass.ts';
import { picked } from '../streams/columns.ts';

/** Examples that a teacher learns from and predicts, in the order of their impressions. */
export interface TeacherExamples {
  ids: readonly IdColumn[];
  labels: Uint8Array;
  /** Day d's examples are those from `dayStarts[d]` to `dayStarts[d + 1] − 1`. */
  dayStarts: Int32Array;
  /** Positions of the examples whose label comes to be known on each day. */
  knownByDay: readonly Int32Array[];
}

/** Told what a snapshot, taken at the midnight before day `snapshotDay`, said of the examples [from, to). */
export type SnapshotSays = (snapshotDay: number, lagDays: number, from: number, to: number) => void;

/**
 * Streams a teacher once, day by day. At midnight it is a snapshot of all labels known until then, none later, and
 * predicts whole days of examples, so many days on as each lag says: 0 is the day that begins. It is no snapshot
 * before the first midnight within the stream, when it has seen nothing.
 * @param predictionsAt of each lag: as long as the examples, written before `says` is told
 */
export function teacherPass(
  spec: LearnerSpec,
  examples: TeacherExamples,
  lags: readonly number[],
  predictionsAt: (lagDays: number) => Float32Array,
  says: SnapshotSays,
): void {
  const learner = new Learner(spec);
  const predictor = new Predictor(learner.model);
  const { ids, labels, dayStarts, knownByDay } = examples;
  const days = knownByDay.length;
  for (let day = 0; day < days; day++) {
    for (const lag of day === 0 ? [] : lags) {
      if (day + lag >= days) continue;
      const [from, to] = [dayStarts[day + lag], dayStarts[day + lag + 1]];
      predictor.predict(ids, from, to, predictionsAt(lag));
      says(day, lag, from, to);
    }
    const rows = knownByDay[day];
    const known = {
      ids: ids.map((column) => picked(column as Int32Array, rows)),
      labels: picked(labels, rows),
    };
    trainInOnePass(learner, known, spec.batch, new Float32Array(rows.length));
  }
}
