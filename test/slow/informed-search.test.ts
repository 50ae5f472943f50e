import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import { failureOf } from '../../evolve/error-signature.ts';
import type { Evaluation } from '../../evolve/evaluation.ts';
import type { SearchRules } from '../../evolve/expansion.ts';
import type { GraphNode } from '../../evolve/graph.ts';
import { guidance } from '../../evolve/guidance.ts';
import { adaptiveMemory } from '../../evolve/memory.ts';
import { policyNames, policyOf } from '../../evolve/policies/by-name.ts';
import { searchOffline } from '../../evolve/replay/offline-search.ts';
import { rewriteOperator } from '../../evolve/rewrite/rewrite.ts';
import { spaceOf } from '../../evolve/rewrite/space.ts';
import type { Variant } from '../../evolve/rewrite/variants.ts';
import { runSearch } from '../../evolve/search.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { settingsOf } from '../../evolve/source/skeleton.ts';
import { readSkills } from '../../evolve/storage/skills.ts';
import { summarise } from '../../evolve/summary.ts';
import { writeBack } from '../../evolve/write-back.ts';
import { h200, normTask, timingOf, workingWith } from '../evolve/attempts.ts';
import { inStore } from '../evolve/searches.ts';

/** Five knobs that matter for a streaming kernel, and two that the formula below does not look at. */
const variants: readonly Variant[] = [
  {
    name: 'stream',
    text: `
#define VECTOR 1 // @knob vector-width {1, 2, 4, 8} elements of a load
#define OPEN 1 // @knob bytes-in-flight {1, 2, 4, 8, 16} loads before the first use
#define THREADS 128 // @knob warps {32, 64, 128, 256, 512, 1024} threads of a block
#define UNROLL 1 // @knob unrolling {1, 2, 4, 8} rows at a time
#define STAGED 0 // @knob shared-staging {0, 1} through shared memory
#define EXACT 0 // @knob approximation {0, 1, 2} root and quotient
#define ORDER 0 // @knob launch-shape {0, 1, 2, 3} of blocks
// @launch norm grid(rows) block(THREADS) args(x, gain, out)
`,
  },
];

/** Registers of a thread by the formula: what is in flight, and then some. */
function registersOf({ VECTOR, OPEN, UNROLL }: Record<string, number>): number {
  return 24 + VECTOR * OPEN * UNROLL;
}

/**
 * A streaming kernel by formula: its bandwidth saturates with the bytes in flight, which registers limit; beyond 255 they
 * spill, and blocks of too many registers cannot be launched.
 */
function evaluated({ text }: Artifact): Evaluation {
  const knobs = settingsOf(knobsOf(text));
  const { VECTOR, OPEN, THREADS, UNROLL, STAGED } = knobs;
  const registers = registersOf(knobs);
  if (THREADS * Math.min(registers, 255) > 65_536) {
    const failure = failureOf('launch', `too many resources requested for launch: ${registers} registers`);
    return { ...workingWith([], 0), failure };
  }
  const warps = Math.min(64, Math.floor(65_536 / (Math.min(registers, 255) * 32)));
  const inFlight = warps * 32 * VECTOR * OPEN * UNROLL * 4;
  const knee = 60_000;
  const spilledBytes = Math.max(0, registers - 255) * 4;
  const slower = (STAGED ? 0.85 : 1) * (spilledBytes > 0 ? 0.3 : 1) * (THREADS >= 512 ? 0.9 : 1);
  const share = 0.93 * (inFlight / (inFlight + knee)) * slower * (VECTOR >= 4 ? 1 : 0.6 + 0.1 * VECTOR);
  const timings = normTask.search
    .slice(0, 1)
    .map(({ shape }) => timingOf(shape, { bandwidthShare: share, score: share / 0.4 }));
  return workingWith(timings, share / 0.4, {
    registers,
    spilledBytes,
    occupancy: warps / 64,
    blocks: 4096,
  });
}

const usual = guidance();
const evaluator = { evaluate: async (artifact: Artifact) => evaluated(artifact) };

function rulesWith(seed: number, changes: Partial<SearchRules> = {}): SearchRules {
  return {
    task: normTask,
    language: 'cuda',
    dataType: 'fp32',
    device: h200,
    policy: policyOf('greedy'),
    operator: rewriteOperator(variants),
    memory: adaptiveMemory,
    seed,
    ...usual,
    ...changes,
  };
}

const steps = 40;
const seeds = Array.from({ length: 25 }, (_, seed) => seed);

async function nodesOf(seed: number, changes: Partial<SearchRules> = {}): Promise<readonly GraphNode[]> {
  return (await searchOffline(rulesWith(seed, changes), evaluator, steps)).nodes;
}

const searches = suite('a search that diagnoses and looks things up');

const optimum = Math.max(
  ...[...spaceOf(normTask, 'cuda', 'fp32', variants).members()].map(
    ({ artifact }) => evaluated(artifact).score,
  ),
);

/** Median over the seeds of the steps from a single draft to a score within 1 % of the best. */
async function medianSteps(changes: Partial<SearchRules> = {}): Promise<number> {
  const all: number[] = [];
  for (const seed of seeds) {
    const policy = policyOf('greedy', { drafts: 1 });
    const { stepsToTarget } = summarise(await nodesOf(seed, { policy, ...changes }), 0.99 * optimum);
    all.push(stepsToTarget ?? Number.POSITIVE_INFINITY);
  }
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
}

searches('is the same each time, and makes no kernel twice', async () => {
  const nodes = await nodesOf(3);
  assert.equal(await nodesOf(3), nodes);
  assert.is(nodes.filter(({ duplicateOf }) => duplicateOf !== undefined).length, 0);
});

searches('works with every policy', async () => {
  for (const name of policyNames) {
    const { best, nodes } = summarise(await nodesOf(1, { policy: policyOf(name) }), 1);
    assert.is(nodes, steps);
    assert.ok(best > 0.8 * optimum, `${name}: ${best} of ${optimum}`);
  }
});

searches('finds the best sooner than one that knows nothing', async () => {
  const informed = await medianSteps();
  const ignorant = await medianSteps({ retrieve: () => [] });
  assert.ok(informed < steps, `informed: ${informed} steps`);
  assert.ok(informed < ignorant, `informed: ${informed} steps, ignorant: ${ignorant}`);
});

searches('says of each step what was done and why', async () => {
  const nodes = await nodesOf(2);
  assert.is(nodes[0].rationale, 'stream: draft, as written');
  for (const { rationale } of nodes) assert.match(rationale, /^[^:\n]+: [^\n]+$/);
  const advised = nodes.filter(({ rationale }) =>
    / % of (peak|the speed of light); (guidance|hardware)\//.test(rationale),
  );
  assert.ok(advised.length > 5, `${advised.length} advised`);
});

searches('leaves what it taught behind, and the next one is quicker for it', async () => {
  await inStore(async (store) => {
    const folder = join(store.folder, 'skills of a user');
    const setup = { ...rulesWith(1), evaluators: [evaluator], agents: 1, limits: { artifacts: 100 } };
    const { session } = await runSearch(store, setup);
    const learnt = { folder, origin: 'this search', variants };
    const skill = writeBack(store, session, learnt);
    assert.is(skill?.path, 'skills/rms-norm/cuda-fp32-h200-sxm');
    assert.equal(writeBack(store, session, learnt), skill, 'once');
    assert.is(readSkills(store.database).length, 1);
    assert.is(readSkills(store.database)[0].document, readFileSync(skill!.file, 'utf8'));
    const taught = guidance({ skillFolders: [folder] });
    const documents = await taught.retrieve(undefined, setup);
    assert.ok(documents.some(({ path }) => path === skill!.path));
    const [before, after] = [await medianSteps(), await medianSteps(taught)];
    assert.ok(after < before, `${after} steps instead of ${before}`);
  });
});

searches.run();
