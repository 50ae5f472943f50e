import type { RandomStream } from '../foundation/random.ts';
import type { TensorSpec } from './operators/operator.ts';

/** Elements compared, about. */
const wanted = 512;
const columnsOfRow = 32;
const scattered = 32;

/**
 * Elements of an answer to compare with the reference, rising: the first, the last, and random ones. Where it has
 * rows, a grid of some rows and some columns, so that a reference works out few rows, and a few elements anywhere.
 * @param changedRows rows that the run changes, of a state most of which stays as it is: half of the rows come from them
 */
export function sampledElements(
  { length, rowLength, checkedRows }: TensorSpec,
  random: RandomStream,
  changedRows?: Int32Array,
): number[] {
  const chosen = new Set<number>();
  if (rowLength === undefined) {
    for (const index of spread(length, wanted, 64, random)) chosen.add(index);
    return [...chosen].sort((a, b) => a - b);
  }
  const rows = Math.floor(length / rowLength);
  const columns = [...spread(rowLength, columnsOfRow, 1, random)];
  const count = checkedRows ?? Math.max(4, Math.floor(wanted / columns.length));
  const chosenRows = spread(rows, changedRows ? Math.ceil(count / 2) : count, 1, random);
  for (let i = 0; changedRows && changedRows.length > 0 && i < count / 2; i++) {
    chosenRows.add(changedRows[random.below(changedRows.length)]);
  }
  for (const row of chosenRows) {
    for (const column of columns) chosen.add(row * rowLength + column);
  }
  if (checkedRows === undefined) {
    for (let i = 0; i < scattered; i++) chosen.add(random.below(length));
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Elements of an answer whose reference costs the same for all of them: each one, or very many. */
export function manyElements({ length }: TensorSpec, random: RandomStream): number[] {
  return [...spread(length, mostElements, 4096, random)].sort((a, b) => a - b);
}

const mostElements = 1 << 17;

/** `count` integers below `length`: `ends` from either end, the others random; all of them if there are no more. */
function spread(length: number, count: number, ends: number, random: RandomStream): Set<number> {
  const chosen = new Set<number>();
  if (length <= count) {
    for (let i = 0; i < length; i++) chosen.add(i);
    return chosen;
  }
  for (let i = 0; i < ends; i++) chosen.add(i).add(length - 1 - i);
  while (chosen.size < count) chosen.add(random.below(length));
  return chosen;
}
