import type { Evaluator } from '../evaluator.ts';
import { bestNodes } from '../storage/queries.ts';
import type { Session } from '../storage/sessions.ts';
import type { SearchStore } from '../storage/store.ts';
import type { Finalist } from './dispatch-table.ts';

/** Kernels of a search that are looked through for the fastest of each shape. */
const mostCandidates = 50;

/** Seconds that hardware counters of all finalists may take, and the fewest that are worth a try. */
const mostCountersS = 8;
const leastCountersS = 3;

export interface FinalsOptions {
  signal: AbortSignal;
  /** Told before each kernel is timed: its node, and the how manieth of how many it is. */
  onKernel?: (kernel: { node: number; number: number; of: number }) => void;
}

export interface RejectedFinalist {
  node: number;
  reason: string;
}

/**
 * Nodes that may be deployed: the best one of the search, and the fastest on each of its shapes. They are judged by what the search
 * saw, so that held-out shapes decide nothing before they are timed.
 */
export function finalistNodes(store: SearchStore, session: Session, most: number): number[] {
  const nodes = bestNodes(store.database, session.id, mostCandidates);
  if (nodes.length === 0) return [];
  const attempts = nodes.map(({ id }) => store.attempt(id));
  const fastest = session.task.search.map((_, index) =>
    attempts.reduce((best, attempt) =>
      (attempt.evaluation.timings[index]?.speedup.mean ?? 0) >
      (best.evaluation.timings[index]?.speedup.mean ?? 0)
        ? attempt
        : best,
    ),
  );
  return [...new Set([nodes[0].id, ...fastest.map(({ id }) => id)])].slice(0, most);
}

/**
 * Times nodes to the end, on held-out shapes and with more rounds. What fails there is no finalist; should all fail, the
 * next best nodes are tried.
 */
export async function judgeFinalists(
  store: SearchStore,
  session: Session,
  nodes: readonly number[],
  evaluator: Evaluator,
  { signal, onKernel = () => {} }: FinalsOptions,
): Promise<{ finalists: Finalist[]; rejected: RejectedFinalist[] }> {
  const finalists: Finalist[] = [];
  const rejected: RejectedFinalist[] = [];
  const { task, settings } = session;
  const ranked = bestNodes(store.database, session.id, mostCandidates);
  const others = ranked.filter(({ id }) => !nodes.includes(id)).map(({ id }) => id);
  let countersS = 0;
  for (const [index, node] of [...nodes, ...others].entries()) {
    if (index >= nodes.length && finalists.length > 0) break;
    const { artifact } = store.attempt(node);
    onKernel({ node, number: index + 1, of: Math.max(nodes.length, index + 1) });
    const leftS = mostCountersS - countersS;
    const evaluation = await evaluator.evaluate(artifact, {
      task,
      dataType: settings.dataType,
      isFinal: true,
      ...(leftS >= leastCountersS && { countersWithinS: leftS }),
      signal,
    });
    countersS += evaluation.spentS.counters ?? 0;
    const kernel = ranked.find(({ id }) => id === node)?.artifact;
    if (evaluation.failure || kernel === undefined) {
      rejected.push({ node, reason: evaluation.failure?.reason ?? 'its source is gone' });
    } else finalists.push({ node, kernel, evaluation });
  }
  return { finalists, rejected };
}
