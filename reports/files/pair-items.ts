import { type DataColumn, flagColumn, intervalColumns, textColumn } from '../../foundation/data-table.ts';
import type { ComparedFigure, ComparedSide } from '../../sim/compare/comparison-result.ts';

/** A pair of arms, as comparisons of any kind tell it. */
interface NamedPair {
  a: { name: string };
  b: { name: string };
}

/** The same with what was found of each arm. */
interface JudgedPair {
  a: { name: string; verdict: { state: string } };
  b: { name: string; verdict: { state: string } };
  paired: boolean;
}

/** Answers about serving and about distillation have figures of units and groups of their own. */
type AnyFigure = Omit<ComparedFigure, 'unit' | 'group'> & { unit: string; group: string };

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

/** A figure of both sides with its difference; `more` stands before where the sides come from. */
export function figureColumns<Item extends AnyFigure & OfPair<JudgedPair>>(
  { a: sideA, b: sideB, product }: { a: ComparedSide; b: ComparedSide; product: string },
  more: readonly (DataColumn<Item> | DataColumn<Item>[])[],
): (DataColumn<Item> | DataColumn<Item>[])[] {
  return [
    armColumns(),
    textColumn('figure', ({ key }) => key),
    textColumn('title', ({ title }) => title),
    textColumn('unit', ({ unit }) => unit),
    textColumn('about', ({ group }) => group),
    intervalColumns('a', '', ({ a }) => a),
    intervalColumns('b', '', ({ b }) => b),
    intervalColumns('difference', '', ({ difference }) => difference),
    intervalColumns('relative', '', ({ relative }) => relative),
    flagColumn('is_significant', ({ significant }) => significant),
    flagColumn('is_sampled', ({ sampled }) => sampled),
    flagColumn('is_paired', ({ pair }) => pair.paired),
    ...more,
    textColumn('verdict_a', ({ pair }) => pair.a.verdict.state),
    textColumn('verdict_b', ({ pair }) => pair.b.verdict.state),
    textColumn('source_a', () => sideA.source),
    textColumn('source_b', () => sideB.source),
    textColumn('input_hash_a', () => sideA.inputHash),
    textColumn('input_hash_b', () => sideB.inputHash),
    textColumn('product', () => product),
  ];
}
