import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutArtifact } from '../../evolve/evaluation.ts';
import { type GraphNode, SearchGraph } from '../../evolve/graph.ts';
import { sessionOf } from '../../evolve/search-setup.ts';
import { hashOf } from '../../evolve/storage/artifacts.ts';
import { Database } from '../../evolve/storage/database.ts';
import { asOf } from '../../evolve/storage/history.ts';
import { insertNode, type NodeRecord, readNodes } from '../../evolve/storage/nodes.ts';
import {
  ancestors,
  bestAncestor,
  bestNodes,
  descendants,
  failedWith,
  failureCounts,
  frontier,
  siblings,
} from '../../evolve/storage/queries.ts';
import { addSkill, readSkills } from '../../evolve/storage/skills.ts';
import { SearchStore } from '../../evolve/storage/store.ts';
import { InputError } from '../../foundation/problem.ts';
import { easyLandscape } from './landscapes.ts';
import { failed, inFolder, inStore, nodeOf, rulesOf } from './searches.ts';

const rules = rulesOf(easyLandscape());

/** A row as the loop makes it, from a node of a graph. */
function recordOf(node: Partial<NodeRecord> & Pick<NodeRecord, 'ordinal'>): NodeRecord {
  const { failure, score = 0 } = node;
  const evaluation = { ...withoutArtifact(failure), score };
  const rest = { evaluation, injections: [], seenStep: 0, generationS: 1, heldS: 2, madeAt: 3 };
  return { ...nodeOf(2), ...rest, ...node, score };
}

/** Adds nodes whose parents are positions among those before, the specification being 0. */
function fill(
  store: SearchStore,
  session: number,
  rows: readonly { parents: readonly number[]; score: number }[],
  onNode: (node: GraphNode) => void = () => {},
): GraphNode[] {
  const [root] = readNodes(store.database, session, 0);
  const nodes = [root];
  for (const [index, { parents, score }] of rows.entries()) {
    const ids = [...new Set(parents.map((parent) => nodes[parent % nodes.length].id))];
    const record = recordOf({
      ordinal: index,
      parents: ids,
      artifact: `artifact ${index}`,
      ...(score > 0 ? { score } : failed(`kind ${index % 3}`)),
    });
    const node = store.database.transaction(() => insertNode(store.database, session, record));
    nodes.push(node);
    onNode(node);
  }
  return nodes;
}

const anyRows = fc.array(
  fc.record({
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
    score: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 4, noNaN: true })),
  }),
  { minLength: 1, maxLength: 25 },
);

const storage = suite('storage of searches');

storage('gives back the nodes that were put, and the statistics of the graph, as of every step', async () => {
  await inStore(async (store) => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const session = store.enterSession(sessionOf(rules), { isNew: true });
        const graph = new SearchGraph(readNodes(store.database, session, 0)[0]);
        const live: unknown[] = [];
        const note = () => {
          const nodes = [graph.root, ...graph.nodes];
          live.push({
            step: graph.size,
            nodes,
            statistics: new Map(nodes.map(({ id }) => [id, graph.statistics(id)])),
            best: graph.best,
            frontier: frontier(store.database, session, 1000),
          });
        };
        note();
        fill(store, session, rows, (node) => {
          graph.add(node);
          note();
        });
        for (const [step, recorded] of live.entries()) {
          assert.equal(asOf(store.database, session, step), recorded);
        }
      }),
      { numRuns: 25 },
    );
  });
});

storage('answers as the graph does', async () => {
  await inStore(async (store) => {
    const session = store.enterSession(sessionOf(rules));
    const rows = [
      { parents: [0], score: 1 },
      { parents: [1], score: 0 },
      { parents: [1, 2], score: 3 },
      { parents: [2], score: 2 },
      { parents: [3, 4], score: 0 },
      { parents: [0], score: 0.5 },
    ];
    const nodes = fill(store, session, rows);
    const { database } = store;
    const positions = (found: readonly GraphNode[]) =>
      found.map(({ id }) => nodes.findIndex((n) => n.id === id));
    const id = (position: number) => nodes[position].id;
    assert.equal(positions(ancestors(database, id(5))), [4, 3, 2, 1]);
    assert.is(bestAncestor(database, id(5))?.id, id(3));
    assert.is(bestAncestor(database, id(1)), undefined);
    assert.equal(positions(siblings(database, id(3))), [2, 4]);
    assert.equal(positions(descendants(database, id(2))), [3, 4, 5]);
    assert.equal(positions(descendants(database, id(0))), [1, 2, 3, 4, 5, 6]);
    assert.equal(positions(frontier(database, session, 10)), [6, 5]);
    assert.equal(positions(bestNodes(database, session, 2)), [3, 4]);
    assert.equal(failureCounts(database, session), [{ signature: 'compile: kind 1', count: 2 }]);
    assert.equal(positions(failedWith(database, session, 'compile: kind 1')), [2, 5]);
  });
});

storage('takes a session up again by its settings, and begins another with others', async () => {
  await inStore(async (store) => {
    const first = store.enterSession(sessionOf(rules));
    const device = { ...rules.device, versions: { driver: '2' } };
    assert.is(store.enterSession(sessionOf({ ...rules, device })), first, 'a new driver changes nothing');
    const second = store.enterSession(sessionOf({ ...rules, seed: 2 }));
    assert.is.not(second, first);
    const third = store.enterSession(sessionOf(rules), { isNew: true });
    assert.is(store.enterSession(sessionOf(rules)), third, 'the latest');
    assert.equal(
      store.sessions().map(({ id, task }) => [id, task.name]),
      [first, second, third].map((id) => [id, 'landscape']),
    );
    assert.throws(() => store.session(99), /no session 99/);
  });
});

storage('refuses scores that are none, and changes nothing then', async () => {
  await inStore(async (store) => {
    const session = store.enterSession(sessionOf(rules));
    const insert = (record: Partial<NodeRecord>) => () =>
      store.database.transaction(() =>
        insertNode(store.database, session, recordOf({ ordinal: 0, ...record })),
      );
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY, -1])
      assert.throws(insert({ score }), /is none/);
    assert.throws(insert({ ...failed(), score: 1 }), /0 on a failure/);
    assert.throws(insert({ parents: [77] }), /FOREIGN KEY/);
    assert.is(store.session(session).step, 0);
    assert.is(readNodes(store.database, session, 0).length, 1);
  });
});

storage('keeps artifacts whole, once each, and notices when one was changed', async () => {
  await inStore(async (store) => {
    const artifact = { language: 'cuda', text: '__global__ void f() {} // ü\r\n' } as const;
    const hash = store.artifacts.put(artifact);
    assert.is(store.artifacts.put(artifact), hash);
    assert.is(hash, hashOf(artifact));
    assert.is.not(hash, hashOf({ ...artifact, language: 'cpp' }));
    assert.equal(store.artifacts.get(hash, 'cuda'), artifact);
    const path = store.artifacts.pathOf(hash, 'cuda');
    assert.is(readFileSync(path, 'utf8'), artifact.text);
    assert.equal(readdirSync(join(path, '..')), [`${hash}.cu`]);
    writeFileSync(path, 'other');
    assert.throws(() => store.artifacts.get(hash, 'cuda'), /its hash is another/);
  });
});

storage('keeps every version of a skill', async () => {
  await inStore(async (store) => {
    const add = (path: string, document: string) =>
      addSkill(store.database, { node: undefined, path, document }).version;
    assert.equal([add('guidance/a', 'x'), add('guidance/b', 'y'), add('guidance/a', 'z')], [1, 1, 2]);
    assert.equal(
      readSkills(store.database).map(({ document }) => document),
      ['x', 'y', 'z'],
    );
  });
});

storage('refuses what is no search, and makes none where it only looks', async () => {
  await inFolder(async (folder) => {
    await rejects(SearchStore.openExisting(join(folder, 'none')), /has no search/);
    assert.not.ok(existsSync(join(folder, 'none')));
    writeFileSync(join(folder, 'search.db'), 'not a database at all, but long enough to be looked at');
    await rejects(SearchStore.open(folder), /search.db: is not a database/);
  });
  await inFolder(async (folder) => {
    const database = await Database.open(join(folder, 'search.db'));
    database.execute('CREATE TABLE other (a)');
    database.close();
    await rejects(SearchStore.open(folder), /database of another kind/);
  });
  await inFolder(async (folder) => {
    const store = await SearchStore.open(folder);
    store.database.execute('PRAGMA user_version = 9');
    store.close();
    await rejects(SearchStore.open(folder), /version 9; this rankfleet reads version 1/);
  });
});

storage.run();

async function rejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof InputError, String(error));
  assert.match((error as InputError).message, pattern);
}
