import type { GraphNode } from '../graph.ts';
import type { Database } from './database.ts';
import { selectNodes } from './nodes.ts';
import { ancestorsOf } from './statistics.ts';

/** All ancestors of a node but the specification, the latest first. */
export function ancestors(database: Database, node: number): GraphNode[] {
  const up = ancestorsOf('child = ?');
  return selectNodes(database, `n.id IN (${up}) AND n.step > 0 ORDER BY n.step DESC`, node);
}

/** The correct ancestor with the highest score, the earliest of equals. */
export function bestAncestor(database: Database, node: number): GraphNode | undefined {
  const up = ancestorsOf('child = ?');
  const order = 'ORDER BY n.score DESC, n.step LIMIT 1';
  return selectNodes(database, `n.id IN (${up}) AND n.step > 0 AND n.is_buggy = 0 ${order}`, node)[0];
}

/** Other children of the same parents, in the order of their steps. */
export function siblings(database: Database, node: number): GraphNode[] {
  const parents = 'SELECT parent FROM edges WHERE child = ?';
  const children = `SELECT child FROM edges WHERE parent IN (${parents})`;
  return selectNodes(database, `n.id IN (${children}) AND n.id <> ? ORDER BY n.step`, node, node);
}

/** All that came of a node, in the order of their steps. */
export function descendants(database: Database, node: number): GraphNode[] {
  const down = `WITH RECURSIVE down (id) AS (SELECT child FROM edges WHERE parent = ?
    UNION SELECT e.child FROM edges e JOIN down ON e.parent = down.id) SELECT id FROM down`;
  return selectNodes(database, `n.id IN (${down}) ORDER BY n.step`, node);
}

/** Leaves that may be built on, the best first. */
export function frontier(database: Database, session: number, limit: number): GraphNode[] {
  const leaves = 'SELECT node FROM statistics WHERE session = ? AND frontier = 1';
  return selectNodes(database, `n.id IN (${leaves}) ORDER BY n.score DESC, n.step LIMIT ?`, session, limit);
}

/** Correct nodes of a session that are no duplicates, the best first. */
export function bestNodes(database: Database, session: number, limit: number): GraphNode[] {
  return selectNodes(
    database,
    `n.session = ? AND n.is_buggy = 0 AND n.score > 0 AND n.duplicate_of IS NULL ORDER BY n.score DESC, n.step LIMIT ?`,
    session,
    limit,
  );
}

/** How often each kind of failure came, the most frequent first. */
export function failureCounts(database: Database, session: number): { signature: string; count: number }[] {
  return database
    .all(
      `SELECT signature, count(*) AS count FROM nodes WHERE session = ? AND signature IS NOT NULL
       GROUP BY signature ORDER BY count DESC, signature`,
      session,
    )
    .map(({ signature, count }) => ({ signature: String(signature), count: Number(count) }));
}

/** All that failed in one way, in the order of their steps: what a repair of its cause would mend. */
export function failedWith(database: Database, session: number, signature: string): GraphNode[] {
  return selectNodes(database, 'n.session = ? AND n.signature = ? ORDER BY n.step', session, signature);
}
