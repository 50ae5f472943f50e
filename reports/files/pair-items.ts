import { type DataColumn, textColumn } from '../../foundation/data-table.ts';

/** A pair of arms, as comparisons of any kind tell it. */
interface NamedPair {
  a: { name: string };
  b: { name: string };
}

/** Of each item of a table, the pair of arms that it belongs to. */
interface OfPair<Pair> {
  pair: Pair;
}

export function armColumns<Item extends OfPair<NamedPair>>(): DataColumn<Item>[] {
  return [textColumn('arm_a', ({ pair }) => pair.a.name), textColumn('arm_b', ({ pair }) => pair.b.name)];
}

/** Items of all pairs of a comparison, each with its pair. */
export function itemsOf<Pair, Item extends object>(
  { pairs }: { pairs: readonly Pair[] },
  of: (pair: Pair) => readonly Item[],
): (Item & OfPair<Pair>)[] {
  return pairs.flatMap((pair) => of(pair).map((item) => ({ ...item, pair })));
}
