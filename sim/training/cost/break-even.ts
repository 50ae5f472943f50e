import { type DistillationWorkload, overlapOf, runsOf } from './workload.ts';

/** What decides whether a shared external teacher takes fewer FLOPs than co-distillation. */
export interface BreakEvenInputs {
  /** κ: overlap of the verticals' examples, at least 1. */
  overlap: number;
  /** E: training runs per vertical. */
  runs: number;
  /** r_t and r_l. */
  trainShare: number;
  labelShare: number;
}

/** Values of each input at which both cost the same, the others staying; each may lie outside of what can be. */
export interface BreakEven {
  /** Teacher FLOPs of the shared teacher over those of co-distillation; below 1 the shared teacher is cheaper. */
  ratio: number;
  overlap: number;
  runs: number;
  trainShare: number;
  labelShare: number;
}

export function breakEvenInputsOf(workload: DistillationWorkload): BreakEvenInputs {
  const { trainShare, labelShare } = workload;
  return { overlap: overlapOf(workload), runs: runsOf(workload), trainShare, labelShare };
}

/**
 * Where a shared external teacher and co-distillation take the same teacher FLOPs: F_T·N_u·(3r_t + r_l) =
 * 3·F_T·κ·N_u·E. At full rates, disjoint traffic and one run the external teacher takes 4/3 of them.
 */
export function breakEven({ overlap, runs, trainShare, labelShare }: BreakEvenInputs): BreakEven {
  const shared = 3 * trainShare + labelShare;
  return {
    ratio: shared / (3 * overlap * runs),
    overlap: shared / (3 * runs),
    runs: shared / (3 * overlap),
    trainShare: overlap * runs - labelShare / 3,
    labelShare: 3 * (overlap * runs - trainShare),
  };
}

/**
 * Number of verticals of equal traffic, not rounded, at which both take the same teacher FLOPs, where each past the
 * first shares a part s of its examples with those before: κ(V) = V / (1 + (V−1)(1−s)), which tends to 1 / (1−s).
 * @returns at least 1; Infinity where no number of verticals overlaps enough
 */
export function breakEvenVerticals(
  sharedPart: number,
  { runs, trainShare, labelShare }: Omit<BreakEvenInputs, 'overlap'>,
): number {
  const overlap = (3 * trainShare + labelShare) / (3 * runs);
  if (overlap <= 1) return 1;
  const left = 1 - overlap * (1 - sharedPart);
  return left <= 0 ? Infinity : (overlap * sharedPart) / left;
}

/**
 * Where a difference changes its sign, by bisection: of money, memory and storage too, for which there is no closed
 * form.
 * @param difference continuous and monotone between `low` and `high`
 * @returns undefined where it has the same sign at both ends
 */
export function signChange(
  difference: (at: number) => number,
  { low, high }: { low: number; high: number },
): number | undefined {
  const [atLow, atHigh] = [difference(low), difference(high)];
  if (atLow === 0) return low;
  if (atHigh === 0) return high;
  if (Math.sign(atLow) === Math.sign(atHigh)) return undefined;
  let [from, to] = [low, high];
  for (let step = 0; step < 100; step++) {
    const middle = (from + to) / 2;
    if (Math.sign(difference(middle)) === Math.sign(atLow)) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/**
 * Least whole number, such as of verticals or runs, from which on a difference is not above 0.
 * @param difference non-increasing above 0: once it is not above 0 it stays so
 * @returns undefined where it is above 0 up to `most`
 */
export function leastCount(difference: (count: number) => number, most: number): number | undefined {
  if (difference(most) > 0) return undefined;
  let [above, enough] = [0, most];
  while (enough - above > 1) {
    const middle = Math.floor((above + enough) / 2);
    if (difference(middle) > 0) above = middle;
    else enough = middle;
  }
  return enough;
}
