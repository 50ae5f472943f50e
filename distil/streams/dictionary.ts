/** Consecutive ids for values, in the order in which they first come up. */
export class Dictionary<Value extends string | number> {
  private readonly ids = new Map<Value, number>();

  idOf(value: Value): number {
    const known = this.ids.get(value);
    if (known !== undefined) return known;
    this.ids.set(value, this.ids.size);
    return this.ids.size - 1;
  }

  get size(): number {
    return this.ids.size;
  }

  values(): Value[] {
    return [...this.ids.keys()];
  }
}
