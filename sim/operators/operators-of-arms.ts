import type { Coverage } from './coverage.ts';

/** An operator that several arms run alike, with its share of the operator time of a batch of each. */
export interface SharedOperator extends Coverage {
  shares: Record<string, number>;
}

/** Operators that are the same in several arms, once, in the order in which they first come. */
export function operatorsOfArms(
  arms: readonly { arm: string; coverage: readonly Coverage[] }[],
): SharedOperator[] {
  const operators = new Map<string, SharedOperator>();
  for (const { arm, coverage } of arms) {
    const total = coverage.reduce((sum, { seconds }) => sum + seconds, 0);
    for (const line of coverage) {
      const key = JSON.stringify(line);
      const known = operators.get(key) ?? { ...line, shares: {} };
      operators.set(key, known);
      // A model may run the very same operator twice.
      known.shares[arm] = (known.shares[arm] ?? 0) + line.seconds / total;
    }
  }
  return [...operators.values()];
}
