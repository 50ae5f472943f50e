/** What columns of a stream are made of. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array | Uint32Array;

/** Numbers that grow one by one. */
export class GrowingColumn<Column extends Numbers> {
  private readonly make: (length: number) => Column;
  private values: Column;
  private length = 0;

  /** @param make an empty array of a length */
  constructor(make: (length: number) => Column) {
    this.make = make;
    this.values = make(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = this.make(2 * this.length);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  /** What was pushed, without room for more. */
  finished(): Column {
    return this.values.slice(0, this.length) as Column;
  }
}

/** The values of some rows, in the order of the rows; a row may come more than once. */
export function picked<Column extends Numbers>(column: Column, rows: Int32Array | Uint32Array): Column {
  const Type = column.constructor as new (length: number) => Column;
  const result = new Type(rows.length);
  for (let i = 0; i < rows.length; i++) result[i] = column[rows[i]];
  return result;
}
