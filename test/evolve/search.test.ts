import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import type { Evaluator } from '../../evolve/evaluator.ts';
import { type Context, nothingNew, type Operator, OperatorFailure } from '../../evolve/operator.ts';
import { policyNames, policyOf } from '../../evolve/policies/by-name.ts';
import { searchOffline } from '../../evolve/replay/offline-search.ts';
import { spaceEvaluator } from '../../evolve/replay/space-evaluator.ts';
import { spaceOperator } from '../../evolve/replay/space-operator.ts';
import { reuseFrom } from '../../evolve/reuse.ts';
import { runSearch } from '../../evolve/search.ts';
import type { SearchEvent, SearchSetup } from '../../evolve/search-setup.ts';
import { exportSearch } from '../../evolve/storage/export.ts';
import { readNodes } from '../../evolve/storage/nodes.ts';
import { readRuns } from '../../evolve/storage/runs.ts';
import { SearchStore } from '../../evolve/storage/store.ts';
import { easyLandscape, tiledLandscape } from './landscapes.ts';
import { inFolder, inStore, noting, rulesOf, setupOf, tickingClock } from './searches.ts';

const space = tiledLandscape();
const nodesOf = (store: SearchStore, session = 1) => readNodes(store.database, session, 1);

const searches = suite('a kernel search');

searches('makes the nodes that the same search in memory makes, whatever the policy', async () => {
  for (const name of policyNames) {
    await inStore(async (store) => {
      await runSearch(store, setupOf(space, { policy: policyOf(name) }));
      const offline = await searchOffline(
        { ...rulesOf(space), policy: policyOf(name) },
        spaceEvaluator(space),
        40,
      );
      assert.equal(nodesOf(store), offline.nodes, name);
    });
  }
});

searches('with one agent is the same to the byte each time', async () => {
  const exported = () =>
    inStore(async (store) => {
      await runSearch(store, setupOf(space), { clock: tickingClock() });
      return JSON.stringify(exportSearch(store));
    });
  const runs = [await exported(), await exported()].map((text) => text.replace(/"wallS":[\d.]+/g, ''));
  assert.is(runs[0], runs[1]);
});

searches('drafts first, without feedback, and then builds on what it has', async () => {
  await inStore(async (store) => {
    const contexts: Context[] = [];
    await runSearch(store, setupOf(space, { operator: watching(contexts) }));
    const drafts = contexts.slice(0, 10);
    for (const { phase, parents, siblings, failures, ancestors, memory } of drafts) {
      assert.equal(
        [phase, parents, siblings, failures, ancestors, memory],
        ['draft', [], [], [], [], 'none'],
      );
    }
    for (const { phase, parents } of contexts.slice(10))
      assert.equal([phase, parents.length], ['feedback', 1]);
    assert.ok(contexts.some(({ failures }) => failures.length > 0));
    assert.ok(contexts.some(({ siblings }) => siblings.length > 0));
  });
});

searches('diagnoses before it looks up documents, and shows both to the operator', async () => {
  await inStore(async (store) => {
    const contexts: Context[] = [];
    const seen: string[] = [];
    const setup = setupOf(space, {
      operator: watching(contexts),
      limits: { artifacts: 12 },
      diagnose: ({ id }) => ({
        primary: 'occupancy',
        deferred: [],
        speedOfLight: id,
        bandwidthShare: 0,
        arithmeticShare: 0,
        intensity: 0,
        ridge: 0,
        findings: [],
      }),
      retrieve: async (diagnosis) => {
        seen.push(diagnosis?.primary ?? 'none');
        return [{ path: 'guidance/x', title: 'x', text: 'x', advises: [] }];
      },
    });
    await runSearch(store, setup);
    assert.equal(seen, [...Array(10).fill('none'), 'occupancy', 'occupancy']);
    const last = contexts[11];
    assert.is(last.diagnosis?.speedOfLight, last.parents[0].id);
    assert.is(last.documents[0].path, 'guidance/x');
  });
});

searches('evaluates an artifact once, however often it is made', async () => {
  const small = easyLandscape();
  await inStore(async (store) => {
    const texts: string[] = [];
    const setup = setupOf(small, { limits: { artifacts: 90 }, agents: 4, memory: rulesOf(small).memory });
    await runSearch(store, { ...setup, evaluators: [noting(setup.evaluators[0], texts)] });
    const nodes = nodesOf(store);
    const firsts = nodes.filter(({ duplicateOf }) => duplicateOf === undefined);
    assert.is(nodes.length, 90);
    assert.ok(firsts.length < 90 && firsts.length <= 36);
    assert.is(texts.length, firsts.length);
    assert.is(new Set(texts).size, texts.length);
    for (const { duplicateOf, artifact, score } of nodes) {
      const first = nodes.find(({ id }) => id === duplicateOf);
      if (first) assert.equal([first.artifact, first.score, first.duplicateOf], [artifact, score, undefined]);
    }
  });
});

searches('evaluates an artifact once that two agents make at the same time', async () => {
  await inStore(async (store) => {
    const texts: string[] = [];
    const same: Operator = {
      name: 'same',
      transform: async () => ({ artifact: artifactOf(space), rationale: 'the same' }),
    };
    const slow: Evaluator = {
      async evaluate(artifact, request) {
        await pause(30);
        return await noting(spaceEvaluator(space), texts).evaluate(artifact, request);
      },
    };
    const limits = { artifacts: 6 };
    await runSearch(store, setupOf(space, { operator: same, evaluators: [slow, slow], agents: 3, limits }), {
      pollS: 0.01,
    });
    assert.is(texts.length, 1);
    assert.is(nodesOf(store).length, 6);
  });
});

searches('keeps a failure of its operator as a node, with what was said', async () => {
  await inStore(async (store) => {
    const operator: Operator = {
      name: 'moody',
      async transform(artifact, context) {
        const tokens = { prompt: 3, completion: 4 };
        const transcript = { messages: [{ role: 'user', content: 'hello' }], tokens };
        if (context.random.uniform() < 0.5)
          throw new OperatorFailure('no answer', 'operator: none', transcript);
        return { ...(await spaceOperator(space).transform(artifact, context)), transcript };
      },
    };
    await runSearch(store, setupOf(space, { operator }));
    const failures = nodesOf(store).filter(({ artifact }) => artifact === undefined);
    assert.ok(failures.length > 10);
    assert.equal(failures[0].failure, {
      stage: 'operator',
      signature: 'operator: none',
      reason: 'no answer',
    });
    assert.is(exportSearch(store).nodes.filter(({ transcript }) => transcript).length, 40);
  });
});

searches.run();

const ends = suite('the end of a kernel search');

ends('comes with the number of artifacts, and a greater one goes on', async () => {
  await inStore(async (store) => {
    const first = await runSearch(store, setupOf(space, { limits: { artifacts: 15 }, agents: 4 }));
    assert.equal([first.reason, first.nodes], ['artifacts', 15]);
    const again = await runSearch(store, setupOf(space, { limits: { artifacts: 15 } }));
    assert.equal([again.reason, again.nodes, again.session], ['artifacts', 15, first.session]);
    const more = await runSearch(store, setupOf(space, { limits: { artifacts: 20 } }));
    assert.equal([more.nodes, more.session], [20, first.session]);
    assert.equal(
      nodesOf(store)
        .map(({ ordinal }) => ordinal)
        .sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index),
    );
  });
});

ends('comes when it is good enough', async () => {
  await inStore(async (store) => {
    const { reason, best, nodes } = await runSearch(store, setupOf(space, { limits: { threshold: 1.5 } }));
    assert.is(reason, 'threshold');
    assert.is(best?.step, nodes);
    assert.ok((best?.score ?? 0) >= 1.5);
    assert.is(store.sessions()[0].ended, 'threshold');
  });
});

ends('comes when nothing becomes better', async () => {
  await inStore(async (store) => {
    const { reason, best, nodes } = await runSearch(
      store,
      setupOf(easyLandscape(), { limits: { stall: 12 } }),
    );
    assert.is(reason, 'stall');
    assert.is(nodes - (best?.step ?? 0), 12);
  });
});

ends('comes when the operator has nothing new, at once, and once more when it is gone on with', async () => {
  await inStore(async (store) => {
    const { transform } = spaceOperator(space);
    const operator: Operator = {
      name: 'rewrite',
      async transform(artifact, context) {
        if (context.ordinal >= 5) throw new OperatorFailure('all tried', nothingNew);
        return transform(artifact, context);
      },
    };
    const setup = setupOf(space, { operator, limits: { wallClockS: 600 } });
    const { reason, nodes, session } = await runSearch(store, setup);
    assert.equal([reason, nodes], ['exhausted', 6]);
    assert.is(store.session(session).ended, 'exhausted');
    for (let run = 0; run < 2; run++) {
      const again = await runSearch(store, setup);
      assert.equal([again.reason, again.nodes], ['exhausted', 6]);
    }
    // With more to try, it is gone on with.
    const { nodes: more } = await runSearch(store, setupOf(space, { limits: { artifacts: 8 } }));
    assert.is(more, 8);
  });
});

ends('comes with the time although expansions wait for nothing', async () => {
  await inStore(async (store) => {
    const operator: Operator = {
      name: 'silent',
      transform: async () => {
        throw new OperatorFailure('no answer', 'operator: none');
      },
    };
    const { reason } = await runSearch(store, setupOf(space, { operator, limits: { wallClockS: 0.05 } }));
    assert.is(reason, 'time');
  });
});

ends('comes with the time, and leaves the session open', async () => {
  await inStore(async (store) => {
    const never: Evaluator = { evaluate: () => new Promise(() => {}) };
    const { reason } = await runSearch(
      store,
      setupOf(space, { limits: { wallClockS: 0.1 }, evaluators: [never] }),
    );
    assert.is(reason, 'time');
    assert.is(store.sessions()[0].ended, undefined);
  });
});

ends('by a signal leaves nothing half done, and nothing is lost or done twice after it', async () => {
  await inStore(async (store) => {
    const texts: string[] = [];
    const made: string[] = [];
    const operator: Operator = {
      name: 'space',
      async transform(artifact, context) {
        const result = await spaceOperator(space).transform(artifact, context);
        made.push(result.artifact.text);
        return result;
      },
    };
    const slow: Evaluator = {
      async evaluate(artifact, request) {
        await pause(5);
        return await noting(spaceEvaluator(space), texts).evaluate(artifact, request);
      },
    };
    const setup = setupOf(space, { operator, evaluators: [slow, slow], agents: 3 });
    const stop = new AbortController();
    const onEvent = (event: SearchEvent) => {
      if (event.kind === 'evaluated' && event.node.step === 17) stop.abort();
    };
    const first = await runSearch(store, setup, { signal: stop.signal, onEvent });
    assert.equal([first.reason, first.nodes], ['aborted', 17]);
    await pause(20);
    assert.is(nodesOf(store).length, 17, 'late answers are dropped');
    const rest = await runSearch(store, setup);
    assert.equal([rest.reason, rest.nodes], ['artifacts', 40]);
    const twice = texts.length - new Set(texts).size;
    assert.ok(twice <= 2, `${twice} evaluated twice, of at most two devices' worth in flight`);
    assert.ok(made.length <= 40 + 3, 'what was generated is not generated again');
  });
});

ends('by a breakdown says what broke, once all at hand is kept', async () => {
  await inStore(async (store) => {
    let left = 12;
    const breaking: Evaluator = {
      async evaluate(artifact, request) {
        if (left-- === 0) throw new Error('the device is on fire');
        return await spaceEvaluator(space).evaluate(artifact, request);
      },
    };
    const message = await runSearch(store, setupOf(space, { evaluators: [breaking] })).catch(
      (error: Error) => error.message,
    );
    assert.is(message, 'the device is on fire');
    assert.is(nodesOf(store).length, 12);
    assert.is((await runSearch(store, setupOf(space))).nodes, 40);
  });
});

ends('needs a limit to come', async () => {
  await inStore(async (store) => {
    const message = await runSearch(store, setupOf(space, { limits: {} })).catch(
      (error: Error) => error.message,
    );
    assert.is(message, 'a search needs a limit');
  });
});

ends.run();

const pools = suite('agents and devices');

pools('are apart: a device evaluates one kernel at a time while others are generated', async () => {
  for (const agents of [1, 4]) {
    await inStore(async (store) => {
      let generating = 0;
      let evaluating = 0;
      let overlaps = 0;
      const operator: Operator = {
        name: 'slow',
        async transform(artifact, context) {
          generating++;
          await pause(4);
          generating--;
          return await spaceOperator(space).transform(artifact, context);
        },
      };
      const device: Evaluator = {
        async evaluate(artifact, request) {
          assert.is(++evaluating, 1);
          if (generating > 0) overlaps++;
          await pause(2);
          evaluating--;
          return await spaceEvaluator(space).evaluate(artifact, request);
        },
      };
      const limits = { artifacts: 16 };
      await runSearch(store, setupOf(space, { operator, evaluators: [device], agents, limits }));
      assert.is(overlaps > 0, agents > 1);
    });
  }
});

pools('are measured: seconds that devices were held over seconds that they were at hand', async () => {
  await inStore(async (store) => {
    let now = 0;
    const operator: Operator = {
      name: 'space',
      async transform(artifact, context) {
        now += 30;
        return await spaceOperator(space).transform(artifact, context);
      },
    };
    const evaluator: Evaluator = {
      async evaluate(artifact, request) {
        now += 10;
        return await spaceEvaluator(space).evaluate(artifact, request);
      },
    };
    const setup = setupOf(space, { operator, evaluators: [evaluator, evaluator], limits: { artifacts: 12 } });
    await runSearch(store, setup, { clock: () => now });
    const [run] = readRuns(store.database, 1);
    assert.equal([run.agents, run.devices, run.wallS, run.generationS, run.heldS], [1, 2, 480, 360, 120]);
    const { nodes } = exportSearch(store);
    for (const { generationS, heldS } of nodes.slice(1)) assert.equal([generationS, heldS], [30, 10]);
  });
});

pools.run();

const past = suite('reuse of earlier searches');

past('shows their best kernels at the rate that is stated, and writes down which', async () => {
  await inFolder(async (folder) => {
    const earlier = await SearchStore.open(`${folder}/earlier`);
    await runSearch(earlier, setupOf(space, { seed: 9, limits: { artifacts: 60 } }));
    const bestBefore = Math.max(...nodesOf(earlier).map(({ score }) => score));
    earlier.close();
    for (const [rate, least, most] of [
      [0, 0, 0],
      [0.3, 5, 25],
      [1, 40, 40],
    ] as const) {
      await inStore(async (store) => {
        const contexts: Context[] = [];
        const rules = rulesOf(space);
        const setup: SearchSetup = {
          ...setupOf(space, { operator: watching(contexts) }),
          reuse: reuseFrom([`${folder}/earlier`], rules, rate),
        };
        await runSearch(store, setup);
        const shown = contexts.filter(({ reused }) => reused.length > 0);
        assert.ok(shown.length >= least && shown.length <= most, `${shown.length} at ${rate}`);
        const scores = shown[0]?.reused.map(({ evaluation }) => evaluation.score) ?? [];
        assert.equal(
          scores,
          [...scores].sort((a, b) => b - a),
        );
        if (rate > 0) assert.is(scores[0], bestBefore);
        assert.ok(scores.length <= 10);
        const injected = exportSearch(store).nodes.filter(({ injections }) => injections);
        assert.is(injected.length, shown.length);
        assert.is(store.sessions()[0].settings.reuseRate, rate);
        if (rate === 1)
          assert.match(injected[0].injections?.[0].origin ?? '', /^earlier, session 1, node \d+$/);
      });
    }
  });
});

past('takes nothing from another operator, language or unlike shape', async () => {
  await inFolder(async (folder) => {
    const earlier = await SearchStore.open(folder);
    await runSearch(earlier, setupOf(space));
    earlier.close();
    const rules = rulesOf(space);
    const task = (changes: object) => ({ ...rules, task: { ...rules.task, ...changes } });
    const shapes = (m: number, n = 1024) => task({ search: [{ shape: { m, n, k: 1024 } }] });
    const others = [
      task({ operator: 'attention' }),
      { ...rules, language: 'wgsl' as const },
      shapes(1, 1),
      task({ search: [{ shape: { rows: 1024, n: 1024, k: 1024 } }] }),
      { ...rules, device: { ...rules.device, kind: 'cpu' as const, name: 'other' } },
    ];
    for (const other of others) assert.is((await reuseFrom([folder], other, 1).find()).length, 0);
    const [near] = await reuseFrom([folder], shapes(2048), 1).find();
    assert.ok(near.similarity > 0.9 && near.similarity < 1);
  });
});

past.run();

function watching(contexts: Context[]): Operator {
  return {
    name: 'space',
    async transform(artifact, context) {
      contexts.push(context);
      return await spaceOperator(space).transform(artifact, context);
    },
  };
}

function artifactOf({ language, tune_params: params }: typeof space): Artifact {
  const first = Object.entries(params).map(([name, values]) => [name, values[0]]);
  return { language, text: JSON.stringify(Object.fromEntries(first)) };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
