import { type GraphNode, mayBeBuiltOn, type SearchGraph } from '../graph.ts';
import { type Policy, usualDrafts } from './policy.ts';

/** Always transforms the node with the highest score. While all have failed, mends the one that was tried least. */
export function greedy({ drafts = usualDrafts } = {}): Policy {
  return {
    name: 'greedy',
    options: { drafts },
    drafts,
    islands: 1,
    select(graph) {
      const chosen = graph.best ?? leastTried(graph, graph.nodes.filter(mayBeBuiltOn));
      return chosen && { parents: [chosen.id] };
    },
  };
}

/** The node with the fewest nodes below it and in flight, the earliest of equals. */
export function leastTried(graph: SearchGraph, nodes: readonly GraphNode[]): GraphNode | undefined {
  const tries = ({ id }: GraphNode) => graph.statistics(id).visits + graph.pending(id);
  return nodes.reduce<GraphNode | undefined>(
    (least, node) => (!least || tries(node) < tries(least) ? node : least),
    undefined,
  );
}
