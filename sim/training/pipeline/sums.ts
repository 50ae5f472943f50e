/** Sum of the amounts of the steps from `firstStep` on. */
export function sumFrom(firstStep: number, amounts: Float64Array): number {
  let sum = 0;
  for (let step = firstStep; step < amounts.length; step++) sum += amounts[step];
  return sum;
}

/** The largest of the amounts of the steps from `firstStep` on, at least 0. */
export function largestFrom(firstStep: number, amounts: Float64Array): number {
  let largest = 0;
  for (let step = firstStep; step < amounts.length; step++) largest = Math.max(largest, amounts[step]);
  return largest;
}
