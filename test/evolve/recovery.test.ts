import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import type { Generated } from '../../evolve/expansion.ts';
import { SearchGraph } from '../../evolve/graph.ts';
import { runSearch } from '../../evolve/search.ts';
import { sessionOf } from '../../evolve/search-setup.ts';
import { Database } from '../../evolve/storage/database.ts';
import { asOf } from '../../evolve/storage/history.ts';
import { readNodes } from '../../evolve/storage/nodes.ts';
import { SharedSession } from '../../evolve/storage/shared-session.ts';
import { SearchStore } from '../../evolve/storage/store.ts';
import { isGone, workerName } from '../../evolve/storage/worker-name.ts';
import { packageRoot } from '../../foundation/files.ts';
import { tiledLandscape } from './landscapes.ts';
import { inFolder, inStore, rulesOf, setupOf } from './searches.ts';

const space = tiledLandscape();

interface Order {
  artifacts: number;
  agents?: number;
  policy?: string;
  evaluationMs?: number;
  /** Evaluations wait until `open` is called. */
  isGated?: boolean;
}

/** Processes of their own that search one folder. */
class Processes {
  readonly folder: string;
  private readonly log: string;
  private readonly space: string;
  private readonly gate: string;

  constructor(folder: string) {
    this.folder = join(folder, 'search');
    this.log = join(folder, 'log');
    this.space = join(folder, 'space.json');
    this.gate = join(folder, 'gate');
    writeFileSync(this.space, JSON.stringify(space));
  }

  start({ artifacts, agents = 1, policy = 'mcts', evaluationMs = 5, isGated = false }: Order): ChildProcess {
    const { folder, log, space } = this;
    const gate = isGated ? this.gate : undefined;
    const order = { folder, space, log, artifacts, agents, policy, evaluationMs, gate };
    const script = join(packageRoot, 'test/evolve/searching-process.mjs');
    return spawn(process.execPath, [script, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  open(): void {
    writeFileSync(this.gate, '');
  }

  /** Texts in the order in which their evaluation began. */
  evaluated(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').trimEnd().split('\n') : [];
  }
}

/** Waits until a process has said that a node of this step is there. */
async function reaches(child: ChildProcess, step: number): Promise<void> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += chunk;
    if (said.split('\n').some((line) => Number(line) >= step)) return;
  }
  throw new Error(`ended before step ${step}: ${said}`);
}

async function finished(child: ChildProcess): Promise<void> {
  child.stdout?.resume();
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
}

/** Checks that a session holds together: all expansions became nodes, and statistics are those of its graph. */
async function checkWhole(folder: string, artifacts: number): Promise<void> {
  const store = await SearchStore.openExisting(folder);
  const nodes = readNodes(store.database, 1, 0);
  const graph = new SearchGraph(nodes[0]);
  for (const node of nodes.slice(1)) graph.add(node);
  const { statistics } = asOf(store.database, 1, artifacts);
  for (const { id } of nodes) assert.equal(statistics.get(id), graph.statistics(id));
  const ordinals = nodes.slice(1).map(({ ordinal }) => ordinal);
  assert.equal(
    ordinals.sort((a, b) => a - b),
    Array.from({ length: artifacts }, (_, index) => index),
  );
  assert.is(store.database.all('SELECT * FROM claims').length, 0);
  for (const { id, artifact } of nodes) if (artifact !== undefined) store.attempt(id);
  store.close();
}

const processes = suite('processes that search');

processes('and are killed lose no node, and repeat nothing but what was in flight', async () => {
  await inFolder(async (folder) => {
    const search = new Processes(folder);
    const agents = 3;
    let kills = 0;
    for (const step of [4, 15, 27]) {
      const child = search.start({ artifacts: 40, agents });
      await reaches(child, step);
      child.kill('SIGKILL');
      await once(child, 'exit');
      kills++;
      const store = await SearchStore.openExisting(search.folder);
      assert.ok(readNodes(store.database, 1, 1).length >= step);
      store.close();
    }
    await finished(search.start({ artifacts: 40, agents }));
    await checkWhole(search.folder, 40);
    const texts = search.evaluated();
    const twice = texts.length - new Set(texts).size;
    assert.ok(twice <= kills * agents, `${twice} evaluated twice`);
  });
});

processes('share one search without getting in each other’s way', async () => {
  await inFolder(async (folder) => {
    const search = new Processes(folder);
    const order = { artifacts: 60, agents: 2, policy: 'islands', isGated: true };
    const both = [finished(search.start(order)), finished(search.start(order))];
    while (search.evaluated().length < 4) await setTimeout(5);
    search.open();
    await Promise.all(both);
    await checkWhole(search.folder, 60);
    const texts = search.evaluated();
    assert.is(new Set(texts).size, texts.length, 'nothing was evaluated twice');
    const store = await SearchStore.openExisting(search.folder);
    const shares = store.database.all('SELECT generation_s FROM runs WHERE generation_s > 0');
    assert.is(shares.length, 2, 'both have had a part in it');
    store.close();
  });
});

processes('take over at once from one that was killed', async () => {
  await inFolder(async (folder) => {
    const search = new Processes(folder);
    const victim = search.start({ artifacts: 30, evaluationMs: 60_000 });
    while (search.evaluated().length === 0) await setTimeout(5);
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    // Its lease would hold for two minutes.
    await finished(search.start({ artifacts: 30 }));
    await checkWhole(search.folder, 30);
  });
});

processes.run();

const leases = suite('leases');

const options = { agents: 1, devices: 1, leaseS: 10, onNode: () => {} };
const draft = (graph: SearchGraph) => ({
  ordinal: graph.expansions,
  parents: [],
  memory: 'none' as const,
  island: 0,
  injects: false,
  seenStep: graph.size,
});
const artifact: Artifact = { language: 'cuda', text: 'x' };
const generated: Generated = { artifact, rationale: 'x', injections: [], seconds: 1 };

leases('pass to another worker when there is no sign of life, and late answers are dropped', async () => {
  await inFolder(async (folder) => {
    let now = 1000;
    const store = await SearchStore.open(folder, () => now);
    const session = store.enterSession(sessionOf(rulesOf(space)));
    const [first, second] = ['elsewhere/1/a', 'elsewhere/2/b'].map(
      (worker) => new SharedSession(store, session, { ...options, worker }),
    );
    const taken = first.next(draft);
    if (taken.kind !== 'expand') throw new Error(taken.kind);
    const claim = first.keep(taken.claim, generated);
    assert.ok(claim);
    now += 9;
    first.beat({ wallS: 9, generationS: 1, heldS: 0 });
    now += 9;
    const other = second.next(draft);
    assert.is(other.kind === 'expand' && other.claim.choice.ordinal, 1, 'the first one lives');
    now += 2;
    const over = second.next(draft);
    if (over.kind !== 'expand') throw new Error(over.kind);
    assert.is(over.claim.choice.ordinal, 0);
    assert.is(over.claim.artifact, claim?.artifact, 'with what was generated');
    assert.is(first.keep(taken.claim, generated), undefined);
    assert.is(first.evaluationTurn(over.claim).kind, 'own');
    const record = {
      ...taken.claim.choice,
      parents: [store.session(session).root],
      artifact: claim?.artifact,
      score: 0,
      failure: undefined,
      duplicateOf: undefined,
      generation: 1,
      rationale: 'x',
      evaluation: { score: 0, reference: 'x', timings: [], spentS: {}, deviceHeldS: 0 },
      injections: [],
      generationS: 1,
      heldS: 1,
      madeAt: now,
    };
    assert.is(first.complete(record), undefined);
    assert.is(second.complete(record)?.step, 1);
    assert.is(second.complete(record), undefined, 'only once');
    store.close();
  });
});

leases('of processes of this machine end with the process', () => {
  assert.not.ok(isGone(workerName()));
  assert.not.ok(isGone('another-machine/1/x'));
  assert.ok(isGone(workerName().replace(`/${process.pid}/`, '/4194305/')));
});

leases.run();

const disks = suite('a disk that is full, or a database that is held');

disks('stops the search with its reason; with room again it goes on where it was', async () => {
  await inStore(async (store) => {
    await runSearch(store, setupOf(space, { limits: { artifacts: 12 } }));
    const pages = Number(store.database.first('PRAGMA page_count')?.page_count);
    store.database.all(`PRAGMA max_page_count = ${pages + 2}`);
    const message = await runSearch(store, setupOf(space, { limits: { artifacts: 400 } })).catch(
      (error: Error) => error.message,
    );
    assert.match(String(message), /search.db cannot be written: no space left on the device/);
    const kept = readNodes(store.database, 1, 1).length;
    assert.ok(kept >= 12 && kept < 400);
    assert.equal(store.database.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    store.database.all('PRAGMA max_page_count = 1000000');
    const { nodes } = await runSearch(store, setupOf(space, { limits: { artifacts: kept + 5 } }));
    assert.is(nodes, kept + 5);
    await checkWhole(store.folder, kept + 5);
  });
});

disks('on which no artifact can be put leaves no row that names one', async () => {
  await inFolder(async (folder) => {
    const store = await SearchStore.open(folder);
    writeFileSync(join(folder, 'artifacts'), 'a file where the folder should be');
    const message = await runSearch(store, setupOf(space)).catch((error: Error) => error.message);
    assert.match(String(message), /cannot be written/);
    assert.is(readNodes(store.database, 1, 1).length, 0);
    rmSync(join(folder, 'artifacts'));
    assert.is((await runSearch(store, setupOf(space))).nodes, 40);
    store.close();
  });
});

disks('is waited for while another process holds it', async () => {
  await inFolder(async (folder) => {
    const store = await SearchStore.open(folder);
    store.enterSession(sessionOf(rulesOf(space)));
    const other = await Database.open(join(folder, 'search.db'));
    const held: string[] = [];
    const running = runSearch(store, setupOf(space, { limits: { artifacts: 5 } }), {
      onEvent: ({ kind }) => {
        if (!['selected', 'generated'].includes(kind) || held.includes(kind)) return;
        held.push(kind);
        other.execute('BEGIN IMMEDIATE');
        globalThis.setTimeout(() => other.execute('ROLLBACK'), 10);
      },
    });
    assert.is((await running).nodes, 5);
    other.close();
    store.close();
  });
});

disks.run();
