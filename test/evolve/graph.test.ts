import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GraphNode, rewardOf, SearchGraph } from '../../evolve/graph.ts';
import { failed, graphWith, nodeOf } from './searches.ts';

const graphs = suite('search graphs');

/** Random DAGs: each node comes from one or two that stand before it. */
const anyNodes = fc
  .array(
    fc.record({
      parents: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
      score: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 4, noNaN: true })),
    }),
    { maxLength: 40 },
  )
  .map((rows) =>
    rows.map(({ parents, score }, index): GraphNode => {
      const ids = [...new Set(parents.map((parent) => 1 + (parent % (index + 1))))];
      return nodeOf(index + 2, { parents: ids, ...(score === 0 ? failed() : { score }) });
    }),
  );

function descendants(nodes: readonly GraphNode[], id: number): Set<number> {
  const found = new Set<number>();
  for (const node of nodes) {
    if (node.parents.some((parent) => parent === id || found.has(parent))) found.add(node.id);
  }
  return found;
}

graphs('count each node once for itself and for every ancestor, by however many ways', () => {
  fc.assert(
    fc.property(anyNodes, (nodes) => {
      const graph = graphWith(...nodes);
      for (const { id, score } of [graph.root, ...nodes]) {
        const below = descendants(nodes, id);
        const { visits, reward, best } = graph.statistics(id);
        const scores = [score, ...nodes.filter((node) => below.has(node.id)).map((node) => node.score)];
        assert.is(visits, 1 + below.size);
        assert.ok(Math.abs(reward - scores.reduce((sum, each) => sum + rewardOf(each), 0)) < 1e-9);
        assert.is(best, Math.max(...scores));
      }
    }),
  );
});

graphs('backpropagate as worked out by hand over a diamond', () => {
  // 1 ─ 2 ─┬─ 3 ─┐
  //        └─ 4 ─┴─ 5
  const graph = graphWith(
    nodeOf(2, { score: 1 }),
    nodeOf(3, { parents: [2], score: 3 }),
    nodeOf(4, { parents: [2], ...failed() }),
    nodeOf(5, { parents: [3, 4], score: 4 }),
  );
  assert.equal(graph.statistics(5), { visits: 1, reward: 0.8, best: 4, isFrontier: true });
  assert.equal(graph.statistics(4), { visits: 2, reward: 0.8, best: 4, isFrontier: false });
  assert.equal(graph.statistics(3), { visits: 2, reward: 1.55, best: 4, isFrontier: false });
  assert.equal(graph.statistics(2), { visits: 4, reward: 0.5 + 0.75 + 0.8, best: 4, isFrontier: false });
  assert.is(graph.statistics(1).visits, 5);
  assert.equal(graph.lineage([5]), [5, 3, 4, 2, 1]);
});

graphs('take expansions in flight for visits at all that stands above them', () => {
  const graph = graphWith(nodeOf(2, { score: 1 }), nodeOf(3, { parents: [2], score: 2 }), nodeOf(4));
  graph.setOpen(6, [[], [3], [2, 4]]);
  assert.equal(
    [1, 2, 3, 4].map((id) => graph.pending(id)),
    [3, 2, 1, 1],
  );
  assert.is(graph.expansions, 6);
  graph.setOpen(6, []);
  assert.is(graph.pending(1), 0);
});

graphs('know the best correct node, the earliest of equals, and for how long nothing was better', () => {
  const graph = graphWith(nodeOf(2, failed()));
  assert.is(graph.best, undefined);
  assert.is(graph.sinceBest, 1);
  graph.add(nodeOf(3, { score: 2 }));
  graph.add(nodeOf(4, { score: 2 }));
  assert.is(graph.best?.id, 3);
  assert.is(graph.sinceBest, 1);
});

graphs('refuse a node out of turn, of nowhere, or of nothing', () => {
  const graph = new SearchGraph(nodeOf(1));
  assert.throws(() => graph.add(nodeOf(3)), /does not follow on step 0/);
  assert.throws(() => graph.add(nodeOf(2, { parents: [] })), /does not follow/);
  assert.throws(() => graph.add(nodeOf(2, { parents: [7] })), /no node 7/);
  assert.is(graph.size, 0);
});

graphs.run();
