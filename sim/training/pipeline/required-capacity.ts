/**
 * Least examples per second with which no label misses its deadline: the queue that a step leaves must be served in
 * the steps that its examples may still wait, Q_t ≤ w·C·Δ for every t. Without time to wait (w = 0) this is the peak;
 * with more it falls towards the mean, since the queue bridges the peak.
 *
 * @param amounts sampled examples that arrive in each step
 * @param queueSteps w, whole steps that an example may queue; negative: no capacity suffices
 * @returns undefined when the batch alone takes longer than the deadline
 */
export function requiredCapacityPerS(
  amounts: Float64Array,
  queueSteps: number,
  stepS: number,
): number | undefined {
  if (queueSteps < 0) return undefined;
  let high = amounts.reduce((most, amount) => Math.max(most, amount), 0);
  if (queueSteps === 0) return high / stepS;
  let low = 0;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (largestQueue(amounts, middle) <= queueSteps * middle) high = middle;
    else low = middle;
  }
  return high / stepS;
}

/** The largest queue that a capacity per step leaves behind (Lindley's recursion). */
function largestQueue(amounts: Float64Array, capacity: number): number {
  let queue = 0;
  let largest = 0;
  for (const amount of amounts) {
    queue = Math.max(0, queue + amount - capacity);
    if (queue > largest) largest = queue;
  }
  return largest;
}
