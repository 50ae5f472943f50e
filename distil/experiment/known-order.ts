import { noLabel, type Task } from '../streams/stream.ts';

/** When each of some examples' labels is known, in seconds of the stream; infinite where it never is. */
export function knownTimes(
  impressionS: Float64Array,
  { labels, delayS }: Task,
  rows: Int32Array,
): Float64Array {
  const times = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    times[i] = labels[row] === noLabel ? Number.POSITIVE_INFINITY : impressionS[row] + delayS[row];
  }
  return times;
}

/** Positions of the labels that are known some time, in the order in which they come to be known; ties stay as they are. */
export function knownOrder(times: Float64Array): Int32Array {
  const order = Int32Array.from(times.keys()).filter(
    (position) => times[position] < Number.POSITIVE_INFINITY,
  );
  return order.sort((a, b) => times[a] - times[b] || a - b);
}

/**
 * Positions of the labels that come to be known in each period, those of a period in the order of their impressions.
 * @param periods of the stream; what is known only after the last of them is in none
 */
export function knownByPeriod(times: Float64Array, periods: number, periodS: number): Int32Array[] {
  const counts = new Int32Array(periods);
  for (let i = 0; i < times.length; i++) {
    const period = Math.floor(times[i] / periodS);
    if (period < periods) counts[period]++;
  }
  const byPeriod = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < times.length; i++) {
    const period = Math.floor(times[i] / periodS);
    if (period < periods) byPeriod[period][counts[period]++] = i;
  }
  return byPeriod;
}
