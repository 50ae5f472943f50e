/** Batches of at most this many candidates, or users, are priced exactly. */
const exactSize = 128;

/** Larger ones lie between two of a row of sizes, so many to a doubling. */
const stepsPerOctave = 32;

/** Users of a batch that the key of a known time tells apart from its candidates. */
const keyStride = 2 ** 30;

/**
 * Seconds by the size of a batch, from a price that is slow to compute: known sizes are remembered, large ones
 * interpolated between neighbours 2 % apart (exact where the price is affine), users rounded to such a size.
 */
export class TimeBySize {
  private readonly price: (users: number, candidates: number) => number;
  private readonly known = new Map<number, number>();

  constructor(price: (users: number, candidates: number) => number) {
    this.price = price;
  }

  of(users: number, candidates: number): number {
    const counted = users <= exactSize ? users : sizeAt(Math.round(stepOf(users)));
    if (candidates <= exactSize) return this.at(counted, candidates);
    const step = Math.floor(stepOf(candidates) + 1e-9);
    const low = sizeAt(step);
    const high = sizeAt(step + 1);
    const share = (candidates - low) / (high - low);
    const atLow = this.at(counted, low);
    return share === 0 ? atLow : atLow + share * (this.at(counted, high) - atLow);
  }

  private at(users: number, candidates: number): number {
    // Of one user the key is a small integer, which maps find fastest.
    const key = (users - 1) * keyStride + candidates;
    let seconds = this.known.get(key);
    if (seconds === undefined) {
      seconds = this.price(users, candidates);
      this.known.set(key, seconds);
    }
    return seconds;
  }
}

function stepOf(size: number): number {
  return stepsPerOctave * Math.log2(size / exactSize);
}

function sizeAt(step: number): number {
  return Math.round(exactSize * 2 ** (step / stepsPerOctave));
}
