/** A box to search in: bounds of each coordinate. */
export type Box = readonly (readonly [from: number, to: number])[];

const gridSteps = 24;

/** Of a step of the grid. */
const lastStep = 1e-3;

/**
 * Least cost in a box: the best point of a grid, then steps along one coordinate after the other, each half as long
 * once none leads down. No derivatives, no randomness.
 * @param start where the search begins, instead of the grid
 */
export function leastInBox(
  cost: (at: readonly number[]) => number,
  box: Box,
  start: readonly number[] = bestOfGrid(cost, box),
): number[] {
  let at = [...start];
  let least = cost(at);
  const step = box.map(([from, to]) => (to - from) / gridSteps);
  for (let scale = 1; scale >= lastStep; ) {
    let isBetter = false;
    for (let axis = 0; axis < box.length; axis++) {
      for (const sign of [1, -1]) {
        const [from, to] = box[axis];
        const next = at.with(axis, Math.min(to, Math.max(from, at[axis] + sign * scale * step[axis])));
        const there = cost(next);
        if (there >= least) continue;
        [at, least, isBetter] = [next, there, true];
        break;
      }
    }
    if (!isBetter) scale /= 2;
  }
  return at;
}

function bestOfGrid(cost: (at: readonly number[]) => number, box: Box): number[] {
  const points = box.reduce<number[][]>(
    (before, [from, to]) =>
      before.flatMap((point) =>
        Array.from({ length: gridSteps + 1 }, (_, step) => [
          ...point,
          from + ((to - from) * step) / gridSteps,
        ]),
      ),
    [[]],
  );
  const costs = points.map(cost);
  return points[costs.indexOf(Math.min(...costs))];
}
