import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Deployment, deploymentFolder, writeDeployment } from '../../evolve/deploy/deployment.ts';
import { type Operator, OperatorFailure } from '../../evolve/operator.ts';
import { islands } from '../../evolve/policies/islands.ts';
import { mcts } from '../../evolve/policies/mcts.ts';
import { replay } from '../../evolve/replay/replay.ts';
import { spaceOperator } from '../../evolve/replay/space-operator.ts';
import { reuseFrom } from '../../evolve/reuse.ts';
import { runSearch } from '../../evolve/search.ts';
import { exportSearch, writeExport } from '../../evolve/storage/export.ts';
import type { ExportedSearch } from '../../evolve/storage/export-schema.ts';
import { asOf } from '../../evolve/storage/history.ts';
import { importSearch, readExport } from '../../evolve/storage/import.ts';
import { addSkill } from '../../evolve/storage/skills.ts';
import { SearchStore } from '../../evolve/storage/store.ts';
import { easyLandscape, tiledLandscape } from './landscapes.ts';
import { inFolder, rulesOf, setupOf } from './searches.ts';

const space = tiledLandscape();

/** A folder with all that a search may hold: two sessions, crossovers, failures, duplicates, transcripts, reuse, skills, work in flight. */
async function rich(folder: string): Promise<SearchStore> {
  const store = await SearchStore.open(folder);
  const operator: Operator = {
    name: 'talking',
    async transform(artifact, context) {
      const transcript = {
        messages: [{ role: 'user', content: 'ü "\n' }],
        tokens: { prompt: 1, completion: 2 },
      };
      if (context.random.uniform() < 0.1)
        throw new OperatorFailure('silence', 'operator: silence', transcript);
      return { ...(await spaceOperator(easyLandscape()).transform(artifact, context)), transcript };
    },
  };
  const small = easyLandscape();
  await runSearch(store, setupOf(small, { operator, agents: 3, policy: mcts(), limits: { artifacts: 50 } }));
  const stop = new AbortController();
  await runSearch(
    store,
    setupOf(space, {
      policy: islands({ crossover: 0.4 }),
      agents: 4,
      reuse: reuseFrom([folder], rulesOf(small), 0.2),
    }),
    {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'generated' && event.choice.ordinal === 30) stop.abort();
      },
    },
  );
  addSkill(store.database, { node: 3, path: 'skills/x', document: 'text' });
  return store;
}

const exports = suite('exported searches');

exports('come back to the byte, with all that follows from them', async () => {
  await inFolder(async (folder) => {
    const store = await rich(join(folder, 'search'));
    const [first, second] = ['a.json', 'b.json'].map((name) => join(folder, name));
    const exported = exportSearch(store);
    writeExport(first, exported);
    const { nodes, claims, runs, skills } = exported;
    assert.ok(
      nodes.some(({ duplicateOf }) => duplicateOf) && nodes.some(({ parents }) => parents.length > 1),
    );
    assert.ok(nodes.some(({ injections }) => injections) && nodes.some(({ transcript }) => transcript));
    assert.ok(claims.length > 0 && claims.some(({ generated }) => generated));
    assert.equal([runs.length, skills.length], [2, 1]);
    const again = await importSearch(readExport(first), join(folder, 'imported'));
    writeExport(second, exportSearch(again));
    assert.is(readFileSync(second, 'utf8'), readFileSync(first, 'utf8'));
    const [last] = store.sessions().slice(-1);
    for (const step of [0, 7, last.step]) {
      assert.equal(asOf(again.database, last.id, step), asOf(store.database, last.id, step));
    }
    const setup = setupOf(space, {
      policy: islands({ crossover: 0.4 }),
      reuse: reuseFrom([], rulesOf(space), 0.2),
    });
    assert.is((await runSearch(again, setup)).session, last.id, 'an imported search goes on');
    assert.is(again.session(last.id).step, 40);
    for (const each of [store, again]) each.close();
  });
});

exports('carry what runs for which shape, and bring it back with its sources', async () => {
  await inFolder(async (folder) => {
    const [store, deployment] = await deployed(join(folder, 'search'));
    const [first, second] = ['a.json', 'b.json'].map((name) => join(folder, name));
    writeExport(first, exportSearch(store));
    assert.equal(readExport(first).deployments, [deployment]);
    const again = await importSearch(readExport(first), join(folder, 'imported'));
    writeExport(second, exportSearch(again));
    assert.is(readFileSync(second, 'utf8'), readFileSync(first, 'utf8'));
    const [table, source] = [store, again].map((one) => deploymentFolder(one.folder, deployment.session));
    assert.equal(readdirSync(table), readdirSync(source));
    assert.is(readdirSync(table).length, 2);
    store.close();
    again.close();
    const changed = join(folder, 'changed.json');
    const wrong: [change: (deployment: Deployment) => void, message: RegExp][] = [
      [(one) => Object.assign(one, { session: 2 }), /deployments\[0\]: belongs to session 2, which is not/],
      [
        (one) => Object.assign(one.rows[0], { kernel: 'x' }),
        /deployments\[0\]: has no artifact x, which one/,
      ],
      [(one) => Object.assign(one.rows[0], { kernelS: 0 }), /deployments\[0\].rows\[0\].kernelS/],
    ];
    for (const [change, message] of wrong) {
      const search: ExportedSearch = JSON.parse(readFileSync(first, 'utf8'));
      for (const one of search.deployments ?? []) change(one);
      writeExport(changed, search);
      assert.match(await importing(changed, join(folder, 'none')), message);
    }
  });
});

exports('are refused where they are wrong, and leave no search then', async () => {
  await inFolder(async (folder) => {
    const store = await SearchStore.open(join(folder, 'search'));
    await runSearch(store, setupOf(easyLandscape(), { limits: { artifacts: 15 } }));
    const file = join(folder, 'search.json');
    writeExport(file, exportSearch(store));
    const attempt = async (change: (search: ExportedSearch) => void) => {
      const search: ExportedSearch = JSON.parse(readFileSync(file, 'utf8'));
      change(search);
      const changed = join(folder, 'changed.json');
      writeExport(changed, search);
      return await importing(changed, join(folder, 'imported'));
    };
    const wrong: [change: (search: ExportedSearch) => void, message: RegExp][] = [
      [(search) => Object.assign(search, { version: 2 }), /version: expected 1/],
      [
        (search) => Object.assign(search.nodes[3], { rationale: 5 }),
        /nodes\[3\].rationale: expected text, got 5/,
      ],
      [(search) => Object.assign(search.nodes[3], { colour: 'red' }), /unknown key 'colour'/],
      [
        (search) => search.nodes.splice(3, 1),
        /nodes\[3\]: does not follow on the nodes before it: expected id 4, step 3/,
      ],
      [
        (search) => Object.assign(search.nodes[3], { parents: [9] }),
        /nodes\[3\]: comes from nodes that are not there/,
      ],
      [
        (search) => Object.assign(search.nodes[3], { parents: [search.nodes[4].id] }),
        /nodes\[3\]: comes from nodes that are not there/,
      ],
      [
        (search) => Object.assign(search.nodes[3], { duplicateOf: 99 }),
        /nodes\[3\]: repeats a node that is not there/,
      ],
      [(search) => search.nodes.splice(0), /sessions\[0\]: has no node to begin with/],
      [
        (search) => {
          const { timings } = search.nodes.find(({ evaluation }) => evaluation?.timings.length)!.evaluation!;
          timings[0] = { ...timings[0], candidateS: -1 };
        },
        /timings\[0\].candidateS: must be above 0/,
      ],
      [(search) => delete search.nodes[3].evaluation, /nodes\[3\]: has no evaluation/],
      [
        (search) => Object.assign(Object.values(search.artifacts)[0], { text: 'x' }),
        /artifacts.*another hash/,
      ],
      [(search) => delete search.artifacts[search.nodes[2].artifact ?? ''], /has no artifact/],
      [(search) => Object.assign(search, { sessions: [] }), /belongs to session 1, which is not there/],
    ];
    for (const [change, message] of wrong) assert.match(await attempt(change), message);
    assert.is(await attempt(() => {}), 'imported');
    assert.match(await attempt(() => {}), /already holds a search/);
    writeFileSync(file, '{ "format": ');
    assert.match(await importing(file, join(folder, 'none')), /search.json: is not JSON/);
    store.close();
  });
});

exports.run();

const replays = suite('replayed searches');

replays('come to the scores, the choices and the results that are stored', async () => {
  await inFolder(async (folder) => {
    const store = await rich(folder);
    const sessions = replay(exportSearch(store), 1.2);
    assert.is(sessions.length, 2);
    for (const { session, summary, wrongScores, otherChoices, deviceUtilisation } of sessions) {
      assert.equal([wrongScores, otherChoices], [[], []]);
      assert.is(summary.nodes, store.session(session.id).step);
      assert.ok(summary.best > 1.2 && summary.stepsToTarget !== undefined);
      assert.ok((deviceUtilisation ?? 0) > 0);
    }
    store.close();
  });
});

replays('tell which scores and choices were changed', async () => {
  await inFolder(async (folder) => {
    const store = await SearchStore.open(folder);
    await runSearch(store, setupOf(space));
    const search = exportSearch(store);
    const [changed] = search.nodes.slice(20).filter(({ evaluation }) => evaluation?.timings.length);
    const score = changed.evaluation?.score ?? 0;
    Object.assign(changed, { evaluation: { ...changed.evaluation, score: score * 1.01 } });
    const moved = search.nodes[15];
    const [stored] = moved.parents;
    moved.parents = [search.nodes.find(({ id, step }) => step > 0 && id !== stored)?.id ?? 0];
    const [{ wrongScores, otherChoices }] = replay(search, 1.2);
    assert.equal(wrongScores, [{ node: changed.id, stored: score * 1.01, derived: score }]);
    assert.ok(otherChoices.some(({ node, derived }) => node === moved.id && derived?.[0] === stored));
    store.close();
  });
});

replays.run();

/** A search whose best kernel runs for one shape. */
async function deployed(folder: string): Promise<[SearchStore, Deployment]> {
  const store = await SearchStore.open(folder);
  await runSearch(store, setupOf(easyLandscape(), { limits: { artifacts: 15 } }));
  const { sessions, nodes } = exportSearch(store);
  const [{ id: session, task, settings, device }] = sessions;
  const [best] = nodes.flatMap(({ artifact, evaluation }) =>
    artifact !== undefined && evaluation && evaluation.timings.length > 0 ? [{ artifact, evaluation }] : [],
  );
  const { reference, timings } = best.evaluation;
  const [{ shape, candidateS: kernelS, referenceS, speedup }] = timings;
  const deployment: Deployment = {
    format: 'rankfleet-dispatch',
    version: 1,
    session,
    task: task.name,
    operator: task.operator,
    dataType: settings.dataType,
    language: settings.language,
    device: device.name,
    cores: 0,
    rows: [
      {
        ...{ shape, isHeldOut: false, use: 'kernel', kernel: best.artifact, kernelS, referenceS },
        ...{ reference, speedup, error: 0, tolerance: 1, isRegression: false },
      },
    ],
    kinds: [],
    rejected: [],
  };
  writeDeployment(store, deployment);
  return [store, deployment];
}

async function importing(file: string, folder: string): Promise<string> {
  try {
    const store = await importSearch(readExport(file), folder);
    store.close();
    return 'imported';
  } catch (error) {
    return (error as Error).message;
  }
}
