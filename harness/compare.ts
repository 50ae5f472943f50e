/** One element, as it is and as it should be. */
export interface Mismatch {
  tensor: string;
  index: number;
  got: number;
  wanted: number;
}

/** How an answer compares with its reference. */
export interface Verdict {
  ok: boolean;
  /** Largest ‖out − reference‖ / ‖reference‖ of an output or state; infinite where a value is no number. */
  error: number;
  tolerance: number;
  /** How far the right answers lie apart: ‖reference − its mean‖ / ‖reference‖, the most of any output; 0 of a constant. */
  variation: number;
  /** The element that is furthest off, if any is off. */
  worst?: Mismatch;
  /** What is wrong, in words, if anything is. */
  reason?: string;
}

export interface CompareRules {
  tolerance: number;
  /**
   * Each element by itself: |out − reference| ≤ tolerance · (1 + |reference|), an absolute and a relative error of the
   * same size. Else all together, ‖out − reference‖ ≤ tolerance · ‖reference‖, and none much further off.
   */
  isElementwise: boolean;
}

/** Elements of an answer beside the right ones. */
export interface Compared {
  tensor: string;
  indices: readonly number[];
  values: readonly number[];
  wanted: Float64Array;
}

/** No single element may be further off than this many tolerances. */
const outlier = 16;

export function compare(
  { tensor, indices, values, wanted }: Compared,
  { tolerance, isElementwise }: CompareRules,
): Verdict {
  const norm = Math.sqrt(wanted.reduce((sum, each) => sum + each * each, 0));
  const usual = norm / Math.sqrt(wanted.length);
  const mean = wanted.reduce((sum, each) => sum + each, 0) / wanted.length;
  let squares = 0;
  let isOutlier = false;
  let worst: { off: number; at: number } | undefined;
  for (const [at, value] of values.entries()) {
    const difference = Number.isFinite(value) ? Math.abs(value - wanted[at]) : Number.POSITIVE_INFINITY;
    if (difference === 0) continue;
    squares += difference * difference;
    const size = Math.abs(wanted[at]);
    const off = difference / (isElementwise ? 1 + size : Math.max(size, usual));
    if (!(off <= outlier * tolerance)) isOutlier = true;
    if (!worst || off > worst.off) worst = { off, at };
  }
  const variation = norm === 0 ? 0 : Math.sqrt(Math.max(0, norm * norm - mean * mean * wanted.length)) / norm;
  if (!worst) return { ok: true, error: 0, tolerance, variation };
  const error = isElementwise ? worst.off : Math.sqrt(squares) / norm;
  const mismatch = { tensor, index: indices[worst.at], got: values[worst.at], wanted: wanted[worst.at] };
  const ok = error <= tolerance && !isOutlier;
  const reason = `${tensor}[${mismatch.index}] is ${shown(mismatch.got)} and should be ${shown(mismatch.wanted)}`;
  return { ok, error, tolerance, variation, worst: mismatch, ...(ok ? {} : { reason }) };
}

/** Whole numbers, such as ids, as they are; others in as many digits as tell them apart. */
export function shown(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(7)));
}

/** A wrong verdict before a right one, then the larger error. */
export function worse(a: Verdict, b: Verdict): Verdict {
  const variation = Math.max(a.variation, b.variation);
  const chosen = a.ok !== b.ok ? (a.ok ? b : a) : b.error > a.error ? b : a;
  return { ...chosen, variation };
}
