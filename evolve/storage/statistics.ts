import { rewardOf } from '../graph.ts';
import type { Database } from './database.ts';

/** What changes about a node while the search goes on. */
const statisticsFields = ['visits', 'reward', 'best', 'frontier'] as const;

interface Counted {
  id: number;
  step: number;
  score: number;
  parents: readonly number[];
  /** Whether it may be built on. */
  isLeaf: boolean;
}

/**
 * Backpropagation of a node that was just added: it counts once for itself and for each of its ancestors, by however
 * many ways they are; its parents are leaves no longer. What changed is written to the change log under its step.
 */
export function countIn(database: Database, session: number, node: Counted): void {
  const { id, step, score, parents, isLeaf } = node;
  const ancestors = database.all(ancestorsOf('child = ?'), id).map((row) => row.id);
  database.run(
    'INSERT INTO statistics VALUES (?, ?, 1, ?, ?, ?)',
    id,
    session,
    rewardOf(score),
    score,
    Number(isLeaf),
  );
  database.run(
    `UPDATE statistics SET visits = visits + 1, reward = reward + ?, best = max(best, ?) WHERE node ${inList}`,
    rewardOf(score),
    score,
    JSON.stringify(ancestors),
  );
  database.run(`UPDATE statistics SET frontier = 0 WHERE node ${inList}`, JSON.stringify(parents));
  for (const field of statisticsFields) {
    database.run(
      `INSERT INTO changes SELECT s.session, ?, s.node, '${field}', s.${field} FROM statistics s
       WHERE s.node ${inList} AND s.${field} IS NOT (SELECT c.value FROM changes c
         WHERE c.session = s.session AND c.node = s.node AND c.field = '${field}' ORDER BY c.step DESC LIMIT 1)`,
      step,
      JSON.stringify([id, ...ancestors]),
    );
  }
}

const inList = 'IN (SELECT value FROM json_each(?))';

/** A query of all ancestors, each once; `condition` chooses the edges that it begins with. */
export function ancestorsOf(condition: string): string {
  return `WITH RECURSIVE up (id) AS (SELECT parent FROM edges WHERE ${condition}
    UNION SELECT e.parent FROM edges e JOIN up ON e.child = up.id) SELECT id FROM up`;
}
