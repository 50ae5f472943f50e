import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluator } from '../../evolve/evaluator.ts';
import type { SearchRules } from '../../evolve/expansion.ts';
import { type GraphNode, SearchGraph } from '../../evolve/graph.ts';
import { adaptiveMemory } from '../../evolve/memory.ts';
import { greedy } from '../../evolve/policies/greedy.ts';
import { subjectOf, type TimedSpace } from '../../evolve/replay/space.ts';
import { spaceEvaluator } from '../../evolve/replay/space-evaluator.ts';
import { spaceOperator } from '../../evolve/replay/space-operator.ts';
import type { SearchSetup } from '../../evolve/search-setup.ts';
import { SearchStore } from '../../evolve/storage/store.ts';

/** Memory where there is such a folder: every node waits until it is on disk, which is no concern of these tests. */
const folders = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Runs `use` with a folder of its own, which goes afterwards. */
export async function inFolder<Answer>(use: (folder: string) => Promise<Answer>): Promise<Answer> {
  const folder = mkdtempSync(join(folders, 'rankfleet-search-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs `use` with a search of its own. */
export async function inStore<Answer>(use: (store: SearchStore) => Promise<Answer>): Promise<Answer> {
  return await inFolder(async (folder) => {
    const store = await SearchStore.open(folder, tickingClock());
    try {
      return await use(store);
    } finally {
      store.close();
    }
  });
}

/** Seconds that pass only when somebody looks. */
export function tickingClock(start = 1000): () => number {
  let now = start;
  return () => {
    now += 0.001;
    return now;
  };
}

/** A search of a timed space by one agent on one device, greedy with seed 1. */
export function setupOf(space: TimedSpace, changes: Partial<SearchSetup> = {}): SearchSetup {
  return {
    ...rulesOf(space),
    evaluators: [spaceEvaluator(space)],
    agents: 1,
    limits: { artifacts: 40 },
    ...changes,
  };
}

export function rulesOf(space: TimedSpace): SearchRules {
  return {
    ...subjectOf(space),
    policy: greedy(),
    operator: spaceOperator(space),
    memory: adaptiveMemory,
    seed: 1,
  };
}

/** An evaluator that notes the texts that it was given. */
export function noting(evaluator: Evaluator, texts: string[]): Evaluator {
  return {
    async evaluate(artifact, request) {
      texts.push(artifact.text);
      return await evaluator.evaluate(artifact, request);
    },
  };
}

/** A node of a graph made by hand: correct unless it says otherwise, with an artifact of its own. */
export function nodeOf(id: number, changes: Partial<GraphNode> = {}): GraphNode {
  return {
    id,
    step: id - 1,
    ordinal: id - 2,
    parents: id === 1 ? [] : [1],
    artifact: id === 1 ? undefined : `artifact ${id}`,
    score: 0,
    failure: undefined,
    duplicateOf: undefined,
    generation: 1,
    island: 0,
    memory: 'none',
    rationale: `made ${id}`,
    ...changes,
  };
}

/** A failure in the words of `reason`. */
export function failed(reason = 'error'): Pick<GraphNode, 'score' | 'failure'> {
  return { score: 0, failure: { stage: 'compile', signature: `compile: ${reason}`, reason } };
}

/** A graph of nodes made by hand, the specification before them. */
export function graphWith(...nodes: GraphNode[]): SearchGraph {
  const graph = new SearchGraph(nodeOf(1));
  for (const node of nodes) graph.add(node);
  graph.setOpen(nodes.length, []);
  return graph;
}
