import { significant } from '../../foundation/units.ts';

/** The next message might cost more tokens than are left. Ends a search; all that it has found is kept. */
export class TokenBudgetSpent extends Error {}

/** Tokens that may be spent on an endpoint in all, by any number of agents at once. */
export class TokenBudget {
  readonly limit: number;
  private spent = 0;
  private reserved = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** As the endpoint reported, or as estimated where it did not. */
  get used(): number {
    return this.spent;
  }

  /**
   * Sets aside the most that an exchange may cost, before it begins.
   * @returns states what it did cost, once that is known
   * @throws TokenBudgetSpent where it may be more than is left
   */
  reserve(most: number): (cost: number) => void {
    const left = this.limit - this.spent - this.reserved;
    if (most > left) {
      throw new TokenBudgetSpent(
        `the budget of ${this.limit} tokens is spent: ${this.spent} used, and the next exchange may take ${most} (${significant(most / this.limit, 2)} of all)`,
      );
    }
    this.reserved += most;
    return (cost) => {
      this.reserved -= most;
      this.spent += cost;
    };
  }
}
