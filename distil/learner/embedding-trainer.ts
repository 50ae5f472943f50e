import { adagrad } from './adagrad.ts';
import { type EmbeddingTables, findRows, gather, type IdColumn } from './embedding-tables.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';

/** Trains embedding tables: only the rows that a batch looks up have gradients, one each however often it occurs. */
export class EmbeddingTrainer {
  readonly tables: EmbeddingTables;
  /** batch × (fields · dim) of the last forward pass. */
  readonly output: FloatArray;
  private readonly found: Int32Array;
  private readonly squares: FloatArray;
  /** Gradients of the rows touched, dim each. */
  private readonly gradients: FloatArray;
  /** Distinct rows of the batch, in the order of their gradients. */
  private readonly touched: Int32Array;
  private touchedCount = 0;
  /** Place of each row in `touched`; −1 for the others. */
  private readonly placeOf: Int32Array;

  constructor(tables: EmbeddingTables, batch: number, precision: Precision) {
    const lookups = batch * tables.rows.length;
    this.tables = tables;
    this.output = zeros(precision, lookups * tables.dim);
    this.found = new Int32Array(lookups);
    this.squares = zeros(precision, tables.values.length);
    this.gradients = zeros(precision, lookups * tables.dim);
    this.touched = new Int32Array(lookups);
    this.placeOf = new Int32Array(tables.values.length / tables.dim).fill(-1);
  }

  forward(ids: readonly IdColumn[], start: number, count: number): FloatArray {
    findRows(this.tables, ids, start, count, this.found);
    gather(this.tables, this.found, count * this.tables.rows.length, this.output);
    return this.output;
  }

  /** @param slopes count × (fields · dim): derivative of the batch's loss by the output */
  backward(slopes: FloatArray, count: number): void {
    const { dim, rows } = this.tables;
    this.forget();
    for (let lookup = 0; lookup < count * rows.length; lookup++) {
      const to = this.place(this.found[lookup]) * dim;
      const from = lookup * dim;
      for (let i = 0; i < dim; i++) this.gradients[to + i] += slopes[from + i];
    }
  }

  update(rate: number): void {
    const { dim, values } = this.tables;
    for (let place = 0; place < this.touchedCount; place++)
      adagrad(values, this.squares, this.touched[place] * dim, this.gradients, place * dim, dim, rate);
  }

  /** Gradient of one row of all tables, of the last backward pass. */
  gradientOf(row: number): FloatArray {
    const { dim } = this.tables;
    const place = this.placeOf[row];
    return place < 0
      ? this.gradients.slice(0, dim).fill(0)
      : this.gradients.slice(place * dim, (place + 1) * dim);
  }

  /** Place of a row's gradient, set to 0 when the row is first met. */
  private place(row: number): number {
    if (this.placeOf[row] >= 0) return this.placeOf[row];
    const { dim } = this.tables;
    const place = this.touchedCount++;
    this.touched[place] = row;
    this.placeOf[row] = place;
    this.gradients.fill(0, place * dim, (place + 1) * dim);
    return place;
  }

  private forget(): void {
    for (let place = 0; place < this.touchedCount; place++) this.placeOf[this.touched[place]] = -1;
    this.touchedCount = 0;
  }
}
