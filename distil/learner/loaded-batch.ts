import { InputError } from '../../foundation/problem.ts';
import type { Examples } from './examples.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';

/** Labels of one batch, and which of its examples have a teacher's label. */
export class LoadedBatch {
  count = 0;
  readonly labels: FloatArray;
  /** Examples with a teacher's label: places in the batch, with y_F and y beside them. */
  knownCount = 0;
  readonly known: Int32Array;
  readonly teacher: FloatArray;
  readonly knownLabels: FloatArray;

  constructor(batch: number, precision: Precision) {
    this.labels = zeros(precision, batch);
    this.known = new Int32Array(batch);
    this.teacher = zeros(precision, batch);
    this.knownLabels = zeros(precision, batch);
  }

  /**
   * Loads the examples [start, end).
   * @throws InputError for a label or a teacher's probability outside [0, 1], more examples than the batch holds,
   * or no column of teacher's labels though they are asked for
   */
  load({ labels, teacher }: Examples, start: number, end: number, withTeacher: boolean): void {
    if (end - start > this.labels.length)
      throw new InputError(`a step takes at most ${this.labels.length} examples, not ${end - start}`);
    if (withTeacher && !teacher) throw new InputError('distillation needs a column of the teacher’s labels');
    this.count = end - start;
    for (let i = 0; i < this.count; i++) {
      const label = labels[start + i];
      if (!(label >= 0 && label <= 1))
        throw new InputError(`example ${start + i}: label ${label}, expected 0 to 1`);
      this.labels[i] = label;
    }
    this.knownCount = 0;
    if (withTeacher && teacher) this.loadTeacher(teacher, start);
  }

  private loadTeacher(teacher: Float32Array | Float64Array, start: number): void {
    for (let i = 0; i < this.count; i++) {
      const probability = teacher[start + i];
      if (Number.isNaN(probability)) continue;
      if (!(probability >= 0 && probability <= 1))
        throw new InputError(
          `example ${start + i}: teacher’s label ${probability}, expected 0 to 1, or NaN for none`,
        );
      this.known[this.knownCount] = i;
      this.teacher[this.knownCount] = probability;
      this.knownLabels[this.knownCount++] = this.labels[i];
    }
  }
}
