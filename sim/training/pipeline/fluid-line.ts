/**
 * A first-in first-out line of cohorts, served in any fraction: what arrives in one step is one cohort. Cohorts join
 * in the order of their numbers.
 */
export class FluidLine {
  /** What has joined and neither left nor been dropped. */
  backlog = 0;
  /** The oldest cohort of which something is left, and the next one to join. */
  private head = 0;
  private next = 0;
  private readonly amounts: Float64Array;
  private readonly left: Float64Array;

  /** @param amounts of every cohort, at least 0 */
  constructor(amounts: Float64Array) {
    this.amounts = amounts;
    this.left = Float64Array.from(amounts);
  }

  /** The next cohort joins. */
  join(): void {
    this.backlog += this.left[this.next++];
  }

  /** Serves at most `capacity`, oldest first, and tells what of which cohort was served. */
  serve(capacity: number, served: (cohort: number, amount: number) => void): void {
    const { left } = this;
    let spare = capacity;
    while (spare > 0 && this.head < this.next) {
      const amount = Math.min(left[this.head], spare);
      if (amount > 0) served(this.head, amount);
      left[this.head] -= amount;
      spare -= amount;
      this.backlog -= amount;
      if (left[this.head] > 0) break;
      this.head++;
    }
    this.settle();
  }

  /** Drops what is left of the cohorts that joined before one, and tells it. */
  dropBefore(cohort: number, dropped: (cohort: number, amount: number) => void): void {
    const end = Math.min(cohort, this.next);
    for (; this.head < end; this.head++) {
      const amount = this.left[this.head];
      if (amount > 0) dropped(this.head, amount);
      this.left[this.head] = 0;
      this.backlog -= amount;
    }
    this.settle();
  }

  /** Cohorts that have left, with the served share of the one that is being served. */
  get through(): number {
    const { head, next, amounts, left } = this;
    return head === next || amounts[head] === 0 ? head : head + 1 - left[head] / amounts[head];
  }

  /** What of a cohort has not been served or dropped. */
  leftOf(cohort: number): number {
    return this.left[cohort];
  }

  /** An empty line is exactly empty, whatever the sums have rounded. */
  private settle(): void {
    if (this.head === this.next) this.backlog = 0;
  }
}
