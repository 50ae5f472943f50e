import type { RandomStream } from '../../foundation/random.ts';
import { type GraphNode, mayBeBuiltOn, type SearchGraph } from '../graph.ts';
import type { Policy } from './policy.ts';

export interface AideOptions {
  drafts?: number;
  /** Chance that a failed leaf is mended, where there is one. */
  debugProbability?: number;
  /** Failures in a row after which a line is given up. */
  debugDepth?: number;
}

/**
 * The policy of AIDE (Weco, its published defaults), as a baseline: a few drafts, then by chance the mending of a failed
 * leaf, else the improvement of the best node. What AIDE has three operators for, the one of the search does.
 */
export function aide({ drafts = 5, debugProbability = 0.5, debugDepth = 3 }: AideOptions = {}): Policy {
  return {
    name: 'aide',
    options: { drafts, debugProbability, debugDepth },
    drafts,
    islands: 1,
    select(graph, random) {
      const isDebugging = random.uniform() < debugProbability;
      const broken = isDebugging ? failedLeaf(graph, debugDepth, random) : undefined;
      const chosen = broken ?? graph.best;
      // While all drafts are in flight there is nothing to go by; when all have failed, another draft is due.
      if (!chosen) return graph.open > 0 ? undefined : { parents: [] };
      return { parents: [chosen.id] };
    },
  };
}

function failedLeaf(graph: SearchGraph, debugDepth: number, random: RandomStream): GraphNode | undefined {
  const leaves = graph.nodes.filter(
    (node) =>
      node.failure !== undefined &&
      mayBeBuiltOn(node) &&
      graph.children(node.id).length === 0 &&
      graph.pending(node.id) === 0 &&
      failuresInRow(graph, node) <= debugDepth,
  );
  return leaves.length > 0 ? leaves[random.below(leaves.length)] : undefined;
}

/** A failed draft counts 1, a failed child of it 2. */
function failuresInRow(graph: SearchGraph, node: GraphNode): number {
  let length = 0;
  for (let each = node; each.failure !== undefined; each = graph.node(each.parents[0])) length++;
  return length;
}
