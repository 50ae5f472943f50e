import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { policyNames, policyOf } from '../../evolve/policies/by-name.ts';
import { comparePolicies, optimumOf } from '../../evolve/replay/compare-policies.ts';
import { medianInterval } from '../../evolve/replay/median.ts';
import { searchOffline } from '../../evolve/replay/offline-search.ts';
import { readSpace, type TimedSpace } from '../../evolve/replay/space.ts';
import { spaceEvaluator } from '../../evolve/replay/space-evaluator.ts';
import { spaceOperator } from '../../evolve/replay/space-operator.ts';
import { bestAfter, summarise } from '../../evolve/summary.ts';
import { landscape, tiledLandscape } from './landscapes.ts';
import { failed, inFolder, nodeOf, rulesOf } from './searches.ts';

const spaces = suite('timed spaces');

const request = { ...rulesOf(tiledLandscape()), signal: new AbortController().signal };

spaces('answer what was timed, what failed, and what is no member', async () => {
  const space = landscape({ a: [1, 2], b: [1, 2] }, ({ a, b }) =>
    a === b ? 0.25 * a : `error ${a} at 0x1f`,
  );
  const { evaluate } = spaceEvaluator(space);
  const of = (text: string) => evaluate({ language: 'cuda', text }, request);
  const timed = await of('{"a":2,"b":2}');
  assert.equal([timed.score, timed.reference, timed.deviceHeldS], [2, 'unit', 4]);
  assert.equal(timed.timings[0].speedup, { mean: 2, low: 2, high: 2 });
  const { failure, score } = await of('{"a":1,"b":2}');
  assert.equal(
    [failure?.stage, failure?.signature, score],
    ['compile', 'compile: error <n> at <address>', 0],
  );
  for (const text of ['{"a":3,"b":1}', 'int main() {}', '{}', 'null']) {
    assert.is((await of(text)).failure?.stage, 'source', text);
  }
  assert.is(optimumOf(space), 4);
});

spaces('are scored by the geometric mean over their shapes', async () => {
  const space: TimedSpace = {
    ...landscape({ a: [1] }, () => 1),
    shapes: [
      { m: 1, n: 1, k: 1 },
      { m: 2, n: 2, k: 2 },
    ],
    reference: { name: 'unit', times_s: [1, 1] },
    cache: { '1': { times_s: [0.5, 0.125] } },
  };
  const { score } = await spaceEvaluator(space).evaluate({ language: 'cuda', text: '{"a":1}' }, request);
  assert.ok(Math.abs(score - 4) < 1e-12);
});

spaces('are read from a file, or refused with the place where it is wrong', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'space.json');
    const write = (changes: object) =>
      writeFileSync(file, JSON.stringify({ ...landscape({ a: [1, 2], b: [3] }, () => 1), ...changes }));
    write({});
    assert.equal(
      readSpace(file),
      landscape({ a: [1, 2], b: [3] }, () => 1),
    );
    const wrong: [changes: object, message: RegExp][] = [
      [{ cache: { '1,4': { times_s: [1] } } }, /cache.1,4: its key is not a value of each tune_params/],
      [{ cache: { '1': { times_s: [1] } } }, /cache.1: its key/],
      [{ cache: { '1,3': { times_s: [1, 2] } } }, /cache.1,3.times_s: expected 1 times, one for each shape/],
      [{ cache: { '1,3': { times_s: [0] } } }, /must be above 0/],
      [{ reference: { name: 'x', times_s: [] } }, /needs at least 1 entry/],
      [{ operator: 'gem' }, /did you mean 'gemm'/],
      [{ tune_param: {} }, /unknown key 'tune_param'; did you mean 'tune_params'|unknown key 'tune_param'/],
    ];
    for (const [changes, message] of wrong) {
      write(changes);
      assert.throws(() => readSpace(file), message);
    }
  });
});

spaces('have an operator that stays inside them and does not repeat what it is shown', async () => {
  const space = landscape({ a: [1, 2], b: [1, 2] }, () => 1);
  const attempt = (a: number, b: number) => ({
    id: 1,
    artifact: { language: space.language, text: JSON.stringify({ a, b }) },
    evaluation: { score: 1, reference: 'x', timings: [], spentS: {}, deviceHeldS: 0 },
    rationale: '',
  });
  const { random, ...base } = await contextOf();
  for (let seed = 0; seed < 30; seed++) {
    const { artifact } = await spaceOperator(space).transform(undefined, {
      ...base,
      parents: [attempt(1, 1)],
      siblings: [attempt(2, 1)],
      ancestors: [attempt(1, 2)],
      random: random.rekey(seed, 0, 0, 0),
    });
    assert.is(artifact.text, '{"a":2,"b":2}');
    const drawn = await spaceOperator(space).transform(undefined, {
      ...base,
      reused: [{ ...attempt(1, 1), artifact: { language: 'cuda', text: '{"a":99}' } }],
      random: random.rekey(seed, 1, 0, 0),
    });
    assert.ok(Object.hasOwn(space.cache, Object.values(JSON.parse(drawn.artifact.text)).join()));
  }
});

spaces.run();

const comparisons = suite('comparisons of policies');

comparisons('give the same answer each time, for every policy and seed', async () => {
  const compare = () =>
    comparePolicies(
      tiledLandscape(),
      policyNames.map((name) => () => policyOf(name)),
      [1, 2, 3, 4, 5, 6, 7, 8],
      { steps: 40, target: 1.5, checkpoints: [10, 30] },
    );
  const [first, second] = [await compare(), await compare()];
  assert.equal(first, second);
  for (const { policy, best, bestAfter: after, reached, seeds, stepsToTarget, shareOfOptimum } of first) {
    assert.ok(after[0].best.median <= after[1].best.median && after[1].best.median <= best.median, policy);
    assert.ok((best.low ?? 0) <= best.median && best.median <= (best.high ?? 0), policy);
    assert.is(Number.isFinite(stepsToTarget.median), reached > seeds / 2, policy);
    assert.ok(shareOfOptimum.mean > 0 && shareOfOptimum.mean <= 1, policy);
  }
});

comparisons(
  'show what reuse brings: the more often a good kernel is shown, the sooner the target is there',
  async () => {
    const space = tiledLandscape();
    const graph = await searchOffline({ ...rulesOf(space), seed: 99 }, spaceEvaluator(space), 60);
    const text = Object.entries(space.cache).find(
      ([, entry]) => 'times_s' in entry && 1 / entry.times_s[0] === graph.best?.score,
    )?.[0];
    const names = Object.keys(space.tune_params);
    const values = (text ?? '').split(',').map(Number);
    const parameters = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    const artifact = { language: space.language, text: JSON.stringify(parameters) };
    const evaluation = { score: 2, reference: 'x', timings: [], spentS: {}, deviceHeldS: 0 };
    const attempt = { id: 1, artifact, evaluation, rationale: '' };
    const find = () => [{ origin: 'earlier', similarity: 1, attempt }];
    const medians: number[] = [];
    for (const rate of [0, 0.1, 0.5]) {
      const options = { steps: 60, target: 2, reuse: { rate, find } };
      const [{ stepsToTarget }] = await comparePolicies(
        space,
        [() => policyOf('greedy')],
        Array.from({ length: 15 }, (_, seed) => seed),
        options,
      );
      medians.push(stepsToTarget.median);
    }
    assert.ok(medians[0] > medians[1] && medians[1] > medians[2], String(medians));
  },
);

comparisons('sum up a search', () => {
  const nodes = [
    nodeOf(2, failed()),
    nodeOf(3, { score: 0.5 }),
    nodeOf(4, { score: 0.5, duplicateOf: 3 }),
    nodeOf(5, { score: 1.3 }),
    nodeOf(6, { artifact: undefined, ...failed() }),
    nodeOf(7, { score: 2 }),
  ];
  assert.equal(summarise(nodes, 1.2), {
    nodes: 6,
    evaluations: 4,
    buggyRate: 1 - 4 / 6,
    meetsReference: 0.5,
    best: 2,
    stepsToTarget: 4,
  });
  assert.is(summarise(nodes, 3).stepsToTarget, undefined);
  assert.equal(
    [1, 2, 3, 4, 99].map((evaluations) => bestAfter(nodes, evaluations)),
    [0, 0.5, 1.3, 2, 2],
  );
  assert.is(summarise([], 1).meetsReference, undefined);
});

comparisons('state medians with the interval of order statistics', () => {
  assert.equal(medianInterval([3, 1, 2], 0.95), { median: 2 });
  // Of ten, the 2nd and the 9th: Binomial(10, ½) is at most 1 with a chance of 0.0107, at most 2 with one of 0.0547.
  const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
  assert.equal(medianInterval(ten, 0.95), { median: 5.5, low: 2, high: 9 });
  assert.equal(medianInterval([1, 2, 3, 4, 5, 6], 0.95), { median: 3.5, low: 1, high: 6 });
  const never = Number.POSITIVE_INFINITY;
  assert.equal(medianInterval([1, never, never], 0.5).median, never);
});

comparisons.run();

async function contextOf() {
  const { RandomStream } = await import('../../foundation/random.ts');
  const { task, language, dataType, device } = rulesOf(tiledLandscape());
  const none = { parents: [], ancestors: [], siblings: [], documents: [], failures: [], reused: [] };
  const random = new RandomStream(1);
  const search = { ordinal: 0, isTried: () => false, phase: 'feedback', memory: 'both' } as const;
  return { task, language, dataType, device, ...search, ...none, random };
}
