import { RandomStream } from '../../foundation/random.ts';
import { secondsPerDay } from '../streams/stream.ts';

/** Purpose of the random numbers, beside seed and vertical. */
const purpose = 0x5f1e;

/**
 * Shuffles what a teacher said among the examples of each day that it said something of: every day keeps its mean and
 * its spread, and no example its label.
 * @param said one value for each row, NaN for none; changed in place
 */
export function shuffledByDay(
  said: Float32Array,
  impressionS: Float64Array,
  rows: Int32Array,
  key: readonly [seed: number, vertical: number],
): void {
  const random = new RandomStream(...key, purpose);
  let start = 0;
  while (start < rows.length) {
    const day = Math.floor(impressionS[rows[start]] / secondsPerDay);
    const places: number[] = [];
    let end = start;
    for (; end < rows.length && Math.floor(impressionS[rows[end]] / secondsPerDay) === day; end++)
      if (!Number.isNaN(said[end])) places.push(end);
    for (let i = places.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [said[places[i]], said[places[j]]] = [said[places[j]], said[places[i]]];
    }
    start = end;
  }
}
