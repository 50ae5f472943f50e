/**
 * Unique examples per day of verticals of which each, past the first, shares a part of its traffic with those before:
 * N_u = N₁ + (1 − s)·(N₂ + N₃ + …), from the largest on.
 * @param sharedPart s, in [0, 1]: 0 is disjoint traffic, 1 the same traffic in all
 */
export function unionOf(examplesPerDay: readonly number[], sharedPart: number): number {
  if (!(sharedPart >= 0 && sharedPart <= 1))
    throw new RangeError(`shared part ${sharedPart} is not between 0 and 1`);
  const largest = Math.max(...examplesPerDay);
  const sum = examplesPerDay.reduce((total, examples) => total + examples, 0);
  return largest + (1 - sharedPart) * (sum - largest);
}
