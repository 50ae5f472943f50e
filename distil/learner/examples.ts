import type { IdColumn } from './embedding-tables.ts';

/** Examples in the order of their time, by column. */
export interface Examples {
  /** A column of ids for each field. */
  ids: readonly IdColumn[];
  /** y: 0 or 1, or a probability. */
  labels: Uint8Array | Float32Array | Float64Array;
  /** y_F as the teacher logged it; NaN where it logged nothing. */
  teacher?: Float32Array | Float64Array;
}

/** What a learner met: examples, those without a teacher's label, and labels that scaling clipped at 1. */
export interface Tally {
  examples: number;
  /** Trained on y alone; 0 where no distillation asks for a teacher. */
  withoutTeacher: number;
  clippedLabels: number;
}

export const emptyTally = (): Tally => ({ examples: 0, withoutTeacher: 0, clippedLabels: 0 });
