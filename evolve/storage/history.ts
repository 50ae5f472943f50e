import { type GraphNode, SearchGraph, type Statistics } from '../graph.ts';
import type { Database } from './database.ts';
import { selectNodes } from './nodes.ts';

/** A session as it stood after a logical step. */
export interface AsOf {
  step: number;
  /** By step, the specification first. */
  nodes: GraphNode[];
  /** By node, from the change log. */
  statistics: Map<number, Statistics>;
  best: GraphNode | undefined;
  /** Leaves that might be built on, the best first. */
  frontier: GraphNode[];
}

/** Reconstructs a session as it stood after a step: nothing of what came later shows. */
export function asOf(database: Database, session: number, step: number): AsOf {
  const nodes = selectNodes(database, 'n.session = ? AND n.step <= ? ORDER BY n.step', session, step);
  const statistics = statisticsAsOf(database, session, step);
  const bestFirst = (a: GraphNode, b: GraphNode) => b.score - a.score || a.step - b.step;
  const correct = nodes.filter(({ failure, score }) => !failure && score > 0);
  return {
    step,
    nodes,
    statistics,
    best: correct.sort(bestFirst)[0],
    frontier: nodes.filter(({ id }) => statistics.get(id)?.isFrontier).sort(bestFirst),
  };
}

/** The last change of each field of each node until a step. */
function statisticsAsOf(database: Database, session: number, step: number): Map<number, Statistics> {
  const rows = database.all(
    `SELECT node, field, value, max(step) FROM changes WHERE session = ? AND step <= ? GROUP BY node, field`,
    session,
    step,
  );
  const fields = new Map<number, Record<string, number>>();
  for (const { node, field, value } of rows) {
    const known = fields.get(Number(node)) ?? {};
    known[String(field)] = Number(value);
    fields.set(Number(node), known);
  }
  return new Map(
    [...fields].map(([node, { visits, reward, best, frontier }]) => [
      node,
      { visits, reward, best, isFrontier: frontier === 1 },
    ]),
  );
}

/** The graph of a session, from its nodes. */
export function graphOf(nodes: readonly GraphNode[]): SearchGraph {
  const graph = new SearchGraph(nodes[0]);
  for (const node of nodes.slice(1)) graph.add(node);
  return graph;
}
