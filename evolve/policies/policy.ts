import type { RandomStream } from '../../foundation/random.ts';
import type { GraphNode, SearchGraph } from '../graph.ts';
import type { MemoryKind } from '../operator.ts';

/** What to make the next node from. */
export interface Selection {
  /** Nodes to transform: one, or two to cross; none for a draft. */
  parents: readonly number[];
  /** Where the policy, not the schedule of the search, decides what is remembered. */
  memory?: MemoryKind;
  /** Island of the new node, for policies with several; 0 otherwise. */
  island?: number;
}

/**
 * Chooses parents from the graph of a search. What it answers follows from its options, the graph and the random
 * stream alone, so that a search goes on after a crash as if nothing had been, and several processes may share one.
 */
export interface Policy {
  readonly name: string;
  /** All that it goes by, for the record of the search. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Independent drafts with which a search begins, before it is asked. */
  readonly drafts: number;
  /** Islands that drafts are dealt to in turn; 1 for policies without. */
  readonly islands: number;
  /** Nothing where nothing can be built on yet. */
  select(graph: SearchGraph, random: RandomStream): Selection | undefined;
  /**
   * Is told of each node in the order of the steps, once it is in the graph, whoever made it. Each run tells from the
   * first step on: at step 1, what was told before is of another run.
   */
  told?(node: GraphNode, graph: SearchGraph): void;
}

/** Drafts of the paper (steps 0 to 10). */
export const usualDrafts = 10;

/** Draws one by weight; the last one where weights are too small to tell. */
export function drawWeighted<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
  random: RandomStream,
): Item {
  const weights = items.map(weightOf);
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return items[index < 0 ? items.length - 1 : index];
}
