/** How many of 0 … count − 1 pass, where those that pass come first. */
export function countUpTo(count: number, passes: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
