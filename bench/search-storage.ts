import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { withoutArtifact } from '../evolve/evaluation.ts';
import { asOf, graphOf } from '../evolve/storage/history.ts';
import { insertNode, readNodes } from '../evolve/storage/nodes.ts';
import {
  ancestors,
  bestAncestor,
  bestNodes,
  descendants,
  frontier,
  siblings,
} from '../evolve/storage/queries.ts';
import { SearchStore } from '../evolve/storage/store.ts';
import { RandomStream } from '../foundation/random.ts';

/** A question to the database of a search, and how long the answer took. */
export interface SearchStorageRow {
  case: string;
  nodes: number;
  medianMs: number;
}

/** Questions to a search of 10⁴ nodes, a third of them failures, in lines of a dozen nodes. */
export async function benchSearchStorage(nodes = 10_000): Promise<SearchStorageRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-bench-'));
  const store = await SearchStore.open(folder);
  const session = store.enterSession(emptySession);
  const insertMs = fill(store, session, nodes);
  const { database } = store;
  const last = nodes + 1;
  const questions: Record<string, () => unknown> = {
    'frontier, best 100 of all leaves': () => frontier(database, session, 100),
    'frontier, all leaves': () => frontier(database, session, nodes),
    'best 10 nodes': () => bestNodes(database, session, 10),
    'ancestors of a node': () => ancestors(database, last),
    'best ancestor of a node': () => bestAncestor(database, last),
    'siblings of a node': () => siblings(database, last),
    'all that came of the specification': () => descendants(database, 1),
    'session as of its middle step': () => asOf(database, session, nodes / 2),
    'whole graph, as a process that joins reads it': () => graphOf(readNodes(database, session, 0)),
  };
  const rows = Object.entries(questions).map(([what, ask]) => ({
    case: what,
    nodes,
    medianMs: medianMs(ask),
  }));
  store.close();
  rmSync(folder, { recursive: true });
  return [{ case: 'insert of a node with its changes, on disk', nodes, medianMs: insertMs }, ...rows];
}

const emptySession = {
  task: {
    name: 'bench',
    title: 'bench',
    source: 'bench',
    operator: 'gemm',
    dataTypes: [],
    search: [],
    heldOut: [],
  },
  settings: {
    language: 'cuda',
    dataType: 'fp16',
    policy: { name: 'greedy', options: {} },
    operator: 'bench',
    memory: 'none',
    seed: 1,
    reuseRate: 0,
  },
  device: { name: 'bench', kind: 'gpu', memoryBytes: 0, cacheBytes: 0, units: 0, versions: {}, details: {} },
} as const;

const asks = 15;

function medianMs(ask: () => unknown): number {
  const times = Array.from({ length: asks }, () => {
    const start = performance.now();
    ask();
    return performance.now() - start;
  });
  return median(times);
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

/** @returns median milliseconds of an insert */
function fill(store: SearchStore, session: number, nodes: number): number {
  const random = new RandomStream(1);
  const ids = [store.session(session).root];
  const times: number[] = [];
  for (let ordinal = 0; ordinal < nodes; ordinal++) {
    const parent = ordinal < 10 ? ids[0] : ids[Math.floor(ids.length * random.uniform() ** 0.5)];
    const failure = { stage: 'compile', reason: 'error', signature: `compile: ${random.below(20)}` } as const;
    const isBuggy = random.uniform() < 1 / 3;
    const score = isBuggy ? 0 : 2 * random.uniform();
    const start = performance.now();
    const { id } = store.database.transaction(() =>
      insertNode(store.database, session, {
        ordinal,
        parents: [parent],
        artifact: `artifact ${ordinal}`,
        score,
        failure: isBuggy ? failure : undefined,
        duplicateOf: undefined,
        generation: 1,
        island: 0,
        memory: 'parent',
        rationale: 'one knob turned',
        evaluation: { ...withoutArtifact(isBuggy ? failure : undefined), score },
        seenStep: ordinal,
        injections: [],
        generationS: 1,
        heldS: 1,
        madeAt: 0,
      }),
    );
    times.push(performance.now() - start);
    ids.push(id);
  }
  return median(times);
}
