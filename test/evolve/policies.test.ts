import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SearchGraph } from '../../evolve/graph.ts';
import { aide } from '../../evolve/policies/aide.ts';
import { policies, policyNames, policyOf } from '../../evolve/policies/by-name.ts';
import { greedy } from '../../evolve/policies/greedy.ts';
import { islands } from '../../evolve/policies/islands.ts';
import { mcts } from '../../evolve/policies/mcts.ts';
import type { Policy } from '../../evolve/policies/policy.ts';
import { comparePolicies, optimumOf } from '../../evolve/replay/compare-policies.ts';
import { searchOffline } from '../../evolve/replay/offline-search.ts';
import { spaceEvaluator } from '../../evolve/replay/space-evaluator.ts';
import { RandomStream } from '../../foundation/random.ts';
import { easyLandscape, tiledLandscape } from './landscapes.ts';
import { failed, graphWith, nodeOf, rulesOf } from './searches.ts';

const seedsOf = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const parentsOf = (policy: Policy, graph: SearchGraph, seed = 1) =>
  policy.select(graph, new RandomStream(seed))?.parents;

const all = suite('policies');

all('find the optimum of an easy landscape', async () => {
  const space = easyLandscape();
  for (const { policy, best } of await comparePolicies(
    space,
    policyNames.map((name) => () => policyOf(name)),
    seedsOf(5),
    { steps: 120 },
  )) {
    assert.is(best.median, optimumOf(space), policy);
  }
});

all('are better than independent drafts where there is something to learn', async () => {
  const seeds = seedsOf(12);
  const [random, ...others] = await comparePolicies(
    tiledLandscape(),
    (['one-shot', 'greedy', 'mcts', 'islands', 'aide'] as const).map((name) => () => policies[name]()),
    seeds,
    { steps: 80 },
  );
  for (const { policy, best, buggyRate } of others) {
    assert.ok(best.median > random.best.median, `${policy}: ${best.median} over ${random.best.median}`);
    // AIDE spends half of its steps on what has failed.
    if (policy !== 'aide') assert.ok(buggyRate.mean < random.buggyRate.mean, policy);
  }
});

all('answer the same to the same graph and seed', async () => {
  const space = tiledLandscape();
  for (const name of policyNames) {
    const [first, second] = await Promise.all(
      [1, 2].map(() =>
        searchOffline({ ...rulesOf(space), policy: policyOf(name), seed: 7 }, spaceEvaluator(space), 60),
      ),
    );
    assert.equal(first.nodes, second.nodes, name);
    const other = await searchOffline(
      { ...rulesOf(space), policy: policyOf(name), seed: 8 },
      spaceEvaluator(space),
      60,
    );
    assert.not.equal(other.nodes, first.nodes, name);
  }
});

all('build on nothing that is not there', () => {
  const empty = new SearchGraph(nodeOf(1));
  const noArtifact = graphWith(nodeOf(2, { artifact: undefined, ...failed() }));
  noArtifact.setOpen(3, [[], []]);
  for (const name of ['greedy', 'mcts', 'islands', 'aide']) {
    empty.setOpen(1, [[]]);
    assert.is(parentsOf(policyOf(name), empty), undefined, `${name} waits for the first draft`);
    assert.is(parentsOf(policyOf(name), noArtifact), undefined, `${name} waits for another draft`);
  }
});

all('are found by name', () => {
  assert.is(policyOf('mcts', { exploration: 2 }).options.exploration, 2);
  assert.throws(() => policyOf('gredy'), /did you mean 'greedy'/);
});

all.run();

const single = suite('a policy');

single('greedy takes the best, and mends what was tried least while all have failed', () => {
  const graph = graphWith(nodeOf(2, failed()), nodeOf(3, failed()), nodeOf(4, { parents: [2], ...failed() }));
  assert.equal(parentsOf(greedy(), graph), [3]);
  graph.setOpen(4, [[3]]);
  assert.equal(parentsOf(greedy(), graph), [4], 'one in flight counts as a try');
  graph.add(nodeOf(5, { score: 0.4 }));
  assert.equal(parentsOf(greedy(), graph), [5]);
});

/** 2 and 3 are drafts of scores 1 and 3, worth ½ and ¾; two failures came of 3. */
const twoLines = () =>
  graphWith(
    nodeOf(2, { score: 1 }),
    nodeOf(3, { score: 3 }),
    nodeOf(4, { parents: [3], ...failed() }),
    nodeOf(5, { parents: [3], ...failed() }),
  );

single('mcts follows UCT as worked out by hand', () => {
  // Scaled to 0 and 1, of 5 visits 1 and 3: equal at c (√(ln 5 / 1) − √(ln 5 / 3)) = 1, that is c = 1.8648.
  const best = (exploration: number) => mcts({ value: 'best', exploration, width: 2 });
  assert.equal(parentsOf(best(1.86), twoLines()), [4], 'down to the first of two equal leaves below 3');
  assert.equal(parentsOf(best(1.87), twoLines()), [2]);
});

single('mcts takes the mean where it is told to, and sees a loss in what is in flight', () => {
  // ½ over one visit against (¾ + 0 + 0) / 3 = ¼.
  const mean = mcts({ value: 'mean', exploration: 0, width: 2 });
  const graph = twoLines();
  assert.equal(parentsOf(mean, graph), [2]);
  graph.setOpen(5, [[2]]);
  assert.equal(parentsOf(mean, graph), [2], '½ over two visits is ¼ as well: the earlier one');
  graph.setOpen(6, [[2], [2]]);
  assert.equal(parentsOf(mean, graph), [4]);
});

single('mcts widens the specification and every node with their visits', () => {
  const line = [nodeOf(2, { score: 1 }), nodeOf(3, { parents: [2], score: 1 })];
  const growing = mcts({ width: 1, growth: 0.5 });
  // Three visits allow ⌊√3⌋ = 1 child, four allow 2.
  assert.equal(parentsOf(growing, graphWith(...line)), [3]);
  assert.equal(parentsOf(growing, graphWith(...line, nodeOf(4, { parents: [3], score: 1 }))), []);
});

single('mcts passes over duplicates', () => {
  const graph = graphWith(
    nodeOf(2, { score: 2 }),
    nodeOf(3, { score: 2, artifact: 'artifact 2', duplicateOf: 2 }),
    nodeOf(4, { score: 1 }),
  );
  for (const exploration of [0, 1]) {
    const [parent] = parentsOf(mcts({ width: 3, exploration }), graph) ?? [];
    assert.is(parent, 2);
  }
});

single('islands cross two nodes of one island into a DAG', async () => {
  const space = tiledLandscape();
  const policy = islands({ crossover: 0.5, migrationInterval: 1000 });
  const graph = await searchOffline({ ...rulesOf(space), policy }, spaceEvaluator(space), 80);
  const crossed = graph.nodes.filter(({ parents }) => parents.length === 2);
  assert.ok(crossed.length > 15, `${crossed.length} crossed`);
  for (const { parents, island } of crossed) {
    assert.is.not(parents[0], parents[1]);
    assert.equal(
      parents.map((id) => graph.node(id).island),
      [island, island],
    );
  }
  assert.equal([...new Set(graph.nodes.map(({ island }) => island))].sort(), [0, 1]);
});

single('islands send their best to the next one', () => {
  const migrating = (migrationInterval: number) => {
    const policy = islands({ islands: 2, migrationInterval, crossover: 0, selection: 'tournament' });
    const graph = new SearchGraph(nodeOf(1));
    for (const node of [nodeOf(2, { island: 0, score: 3 }), nodeOf(3, { island: 1, score: 1 })]) {
      graph.add(node);
      policy.told?.(node, graph);
    }
    // Odd expansions belong to the second island.
    graph.setOpen(11, []);
    return new Set(seedsOf(30).map((seed) => parentsOf(policy, graph, seed)?.[0]));
  };
  assert.equal([...migrating(1000)], [3]);
  assert.ok(migrating(2).has(2));
});

single('islands know after a second telling what they knew after the first', () => {
  const policy = islands({ islands: 1, crossover: 1 });
  const parents = () => {
    const graph = new SearchGraph(nodeOf(1));
    for (const node of [nodeOf(2, { score: 1 }), nodeOf(3, { score: 2 }), nodeOf(4, { score: 3 })]) {
      graph.add(node);
      policy.told?.(node, graph);
    }
    return seedsOf(20).map((seed) => parentsOf(policy, graph, seed));
  };
  const first = parents();
  assert.equal(parents(), first);
  assert.ok(first.every((pair) => new Set(pair).size === 2));
});

single('islands prefer what scores high and has few children, and keep no more than a population', () => {
  const policy = islands({ islands: 1, population: 3, crossover: 0 });
  const graph = new SearchGraph(nodeOf(1));
  const scores = [1, 1.2, 1.4, 0.5, 1.4];
  for (const [index, score] of scores.entries()) {
    const node = nodeOf(index + 2, { score });
    graph.add(node);
    policy.told?.(node, graph);
  }
  for (let id = 7; id < 27; id++) graph.add(nodeOf(id, { parents: [4], ...failed() }));
  const chosen = seedsOf(200).map((seed) => parentsOf(policy, graph, seed)?.[0]);
  const count = (id: number) => chosen.filter((each) => each === id).length;
  assert.equal([count(2), count(5)], [0, 0]);
  assert.ok(count(6) > 5 * count(4), `${count(6)} against ${count(4)} of the one with twenty children`);
});

single('aide mends failed leaves by chance, and gives up a line after three failures', () => {
  const graph = graphWith(
    nodeOf(2, { score: 1 }),
    nodeOf(3, failed()),
    nodeOf(4, { parents: [3], ...failed() }),
    nodeOf(5, failed()),
  );
  const count = (wanted: number) =>
    seedsOf(300).filter((seed) => parentsOf(aide(), graph, seed)?.[0] === wanted).length;
  assert.is(count(3), 0, 'is no leaf');
  assert.ok(Math.abs(count(2) - 150) < 40);
  assert.ok(Math.abs(count(4) - count(5)) < 40);
  graph.add(nodeOf(6, { parents: [4], ...failed() }));
  graph.add(nodeOf(7, { parents: [6], ...failed() }));
  assert.is(count(7), 0, 'four failures in a row');
  assert.equal(parentsOf(aide(), graphWith(nodeOf(2, { artifact: undefined, ...failed() }))), []);
});

single.run();
