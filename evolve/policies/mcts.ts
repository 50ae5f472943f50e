import { type GraphNode, mayBeBuiltOn, rewardOf, type SearchGraph } from '../graph.ts';
import { type Policy, usualDrafts } from './policy.ts';

export interface MctsOptions {
  drafts?: number;
  /** c of UCT: the weight of what was tried little. */
  exploration?: number;
  /** Worth of a child: the reward of the `best` node at or below it, or the textbook's `mean` R/N over all of them. */
  value?: 'best' | 'mean';
  /** Children that a node may have: `width`, or `width` · visits^`growth` where it grows (progressive widening). */
  width?: number;
  growth?: number;
}

/**
 * Monte Carlo tree search with UCT (Kocsis and Szepesvári 2006). From the specification it goes down to the child with
 * the highest Q + c·√(ln N_parent / N) until it reaches a node with fewer children than its visits allow, and expands
 * that one: the specification by another draft. Q is the child's worth, scaled so that it is 0 for the worst and 1 for
 * the best among its siblings; N counts the nodes at and below it. An expansion in flight counts as a visit that brings
 * nothing (virtual loss), so that workers spread out. There is no roll-out: a node is evaluated when it is made.
 *
 * The paper tells no constants. Ours, and the best instead of the mean, did best over synthetic landscapes with
 * hundreds of nodes: a search wants one good kernel, and most children of a good kernel are worse than it.
 */
export function mcts(options: MctsOptions = {}): Policy {
  const settings = {
    drafts: usualDrafts,
    exploration: 0.2,
    value: 'best' as const,
    width: 3,
    growth: 0,
    ...options,
  };
  const { exploration, width, growth } = settings;
  const worth = settings.value === 'best' ? bestReward : meanReward;
  const allowed = (visits: number) => Math.max(1, Math.floor(width * visits ** growth));
  return {
    name: 'mcts',
    options: settings,
    drafts: settings.drafts,
    islands: 1,
    select(graph) {
      let node = graph.root;
      for (;;) {
        const open = graph.children(node.id).filter(mayBeBuiltOn);
        if (open.length === 0 || childrenOf(graph, node) < allowed(visitsOf(graph, node))) break;
        node = mostPromising(graph, node, open, worth, exploration);
      }
      if (node !== graph.root) return { parents: [node.id] };
      // While all drafts are in flight there is nothing to go by.
      const isWaiting = graph.open > 0 && !graph.nodes.some(mayBeBuiltOn);
      return isWaiting ? undefined : { parents: [] };
    },
  };
}

type Worth = (graph: SearchGraph, node: GraphNode) => number;

const bestReward: Worth = (graph, { id }) => rewardOf(graph.statistics(id).best);

const meanReward: Worth = (graph, node) => graph.statistics(node.id).reward / visitsOf(graph, node);

/** UCT among siblings; the earliest of equals. */
function mostPromising(
  graph: SearchGraph,
  parent: GraphNode,
  children: readonly GraphNode[],
  worth: Worth,
  exploration: number,
): GraphNode {
  const worths = children.map((child) => worth(graph, child));
  const lowest = Math.min(...worths);
  const range = Math.max(...worths) - lowest || 1;
  const logVisits = Math.log(visitsOf(graph, parent));
  const bounds = children.map(
    (child, index) =>
      (worths[index] - lowest) / range + exploration * Math.sqrt(logVisits / visitsOf(graph, child)),
  );
  return children[bounds.indexOf(Math.max(...bounds))];
}

/** Nodes at and below it, and expansions in flight there. */
function visitsOf(graph: SearchGraph, { id }: GraphNode): number {
  return graph.statistics(id).visits + graph.pending(id);
}

/** Children there are or are in the making. */
function childrenOf(graph: SearchGraph, { id }: GraphNode): number {
  const children = graph.children(id);
  const pendingBelow = children.reduce((sum, child) => sum + graph.pending(child.id), 0);
  return children.length + Math.max(0, graph.pending(id) - pendingBelow);
}
