import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Language } from '../../evolve/artifact.ts';
import type { Diagnosis } from '../../evolve/diagnosis.ts';
import { type Advice, type Attempt, type Context, OperatorFailure } from '../../evolve/operator.ts';
import { rewriteOperator } from '../../evolve/rewrite/rewrite.ts';
import { spaceOf } from '../../evolve/rewrite/space.ts';
import { variantOf, variantsOf } from '../../evolve/rewrite/variants.ts';
import { knobsOf, withKnobs } from '../../evolve/source/knobs.ts';
import { brokenRequirements } from '../../evolve/source/requirements.ts';
import { settingsOf } from '../../evolve/source/skeleton.ts';
import { RandomStream } from '../../foundation/random.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { attemptOf, contextWith, cudaOf, failedAttempt, normTask, normVariants } from './attempts.ts';

const [{ text: blocks }, { text: warps }] = normVariants;
const operator = rewriteOperator(normVariants);
const shapes = normTask.search.map(({ shape }) => shape);

const settings = (text: string) => settingsOf(knobsOf(text));
const made = async (changes: Partial<Context>) => {
  const context = contextWith(changes);
  return await operator.transform(context.parents[0]?.artifact, context);
};
const onlyAdvice = (advises: Advice[], path = 'guidance/x') => [{ path, title: 'x', text: 'x', advises }];

/** What comes of a context by many streams, most frequent first. */
async function often(changes: Partial<Context>, seeds = 60) {
  const counts = new Map<string, { count: number; rationale: string; text: string }>();
  for (let seed = 0; seed < seeds; seed++) {
    const { artifact, rationale } = await made({ ...changes, random: new RandomStream(seed) });
    const known = counts.get(artifact.text) ?? { count: 0, rationale, text: artifact.text };
    known.count++;
    counts.set(artifact.text, known);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

const diagnosis: Diagnosis = {
  primary: 'memory-bandwidth',
  deferred: [],
  speedOfLight: 0.41,
  bandwidthShare: 0.41,
  arithmeticShare: 0.05,
  intensity: 0.5,
  ridge: 14,
  findings: [],
};

const feedback = { phase: 'feedback', diagnosis } as const;

const requirements = suite('requirements of a source');

requirements('are those of its knobs and of the axes of every shape', () => {
  const text =
    '#define A 4 // @knob tiling {1, 4} a\n// @let twice A * 2\n// @require twice <= 8\n# @require n % A == 0\n';
  assert.equal(brokenRequirements(text, [{ n: 8 }]), []);
  assert.equal(brokenRequirements(text, [{ n: 8 }, { n: 6 }]), ['n % A == 0']);
  assert.equal(brokenRequirements(withKnobs(text, { A: 1 }), [{ n: 6 }]), []);
  assert.throws(() => brokenRequirements('// @require B == 1', [{}]), /nothing is called B/);
});

requirements.run();

const variants = suite('variants of a task');

variants('are its files of a language, with knobs that make sense', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-variants-'));
  mkdirSync(join(folder, 'rms-norm'));
  const write = (name: string, text: string) => writeFileSync(join(folder, 'rms-norm', name), text);
  write('b.cu', blocks);
  write('a.cu', warps);
  write('c.py', 'A = 1');
  write('e.cu', '#define ELEMENT F16 // @data-types fp16 = F16, bf16 = BF16');
  const variants = (language: Language, dataType: MeasuredDataType = 'fp32', task = 'rms-norm') =>
    variantsOf(task, language, dataType, folder);
  const names = (...args: Parameters<typeof variants>) => variants(...args).map(({ name }) => name);
  assert.equal([names('cuda'), names('triton')], [['a', 'b'], ['c']]);
  assert.equal(names('cuda', 'bf16'), ['a', 'b', 'e']);
  assert.match(variants('cuda', 'bf16')[2].text, /ELEMENT BF16 /);
  assert.throws(() => variants('wgsl'), /no kernels of rms-norm for fp32 in wgsl/);
  assert.throws(() => variants('cuda', 'fp32', 'nothing'), /no kernels of nothing/);
  write('d.cu', '\n#define A 3 // @knob tiling {1, 2}');
  assert.throws(() => variants('cuda'), /d\.cu:2:1: .*A is 3/);
  rmSync(folder, { recursive: true });
});

variants('are known however their knobs stand', () => {
  const turned = withKnobs(blocks, { VECTOR: 8, THREADS: 512, UNROLL: 4 });
  assert.is(variantOf(turned, normVariants)?.name, 'row-a-block');
  assert.is(variantOf(warps, normVariants)?.name, 'rows-a-warp');
  assert.is(variantOf(blocks.replace('grid(rows)', 'grid(1)'), normVariants), undefined);
});

variants('make a space of all settings that their requirements allow', () => {
  const space = spaceOf(normTask, 'cuda', 'fp32', normVariants);
  const members = [...space.members()];
  assert.is(space.combinations, 4 * 4 * 3 + 3 * 4);
  // 48 settings but those of more than 2048 elements a block, and 12 without requirements.
  let expected = 12;
  for (const vector of [1, 2, 4, 8]) {
    for (const threads of [64, 128, 256, 512]) {
      for (const unroll of [1, 2, 4]) expected += vector * threads * unroll <= 2048 ? 1 : 0;
    }
  }
  assert.is(members.length, expected);
  assert.is(new Set(members.map(({ artifact }) => artifact.text)).size, expected);
  assert.equal(space.parameters, {
    variant: ['row-a-block', 'rows-a-warp'],
    VECTOR: [1, 2, 4, 8],
    THREADS: [64, 128, 256, 512, '-'],
    UNROLL: [1, 2, 4, '-'],
    ROWS: ['-', 1, 2, 4, 8],
  });
  for (const { parameters, artifact } of members) {
    assert.equal(space.parametersOf(artifact), parameters);
    for (const [name, value] of Object.entries(parameters)) {
      assert.ok(space.parameters[name].includes(value), `${name} = ${value}`);
    }
  }
  assert.is(space.parametersOf(cudaOf('int main() {}')), undefined);
  assert.is(space.parametersOf({ language: 'triton', text: blocks }), undefined);
});

variants.run();

const drafts = suite('drafts of the rewrite operator');

drafts('are first the variants as they are written, then drawn', async () => {
  const first = await made({ ordinal: 0 });
  assert.equal(first, { artifact: cudaOf(blocks), rationale: 'row-a-block: draft, as written' });
  assert.is((await made({ ordinal: 1 })).artifact.text, warps);
  const third = await made({ ordinal: 2 });
  assert.ok(variantOf(third.artifact.text, normVariants));
  assert.match(third.rationale, /^row(s-a-warp|-a-block) with VECTOR = \d.*: draft$/);
  const drawn = await often({ ordinal: 2 });
  assert.ok(drawn.length > 25, `only ${drawn.length} different drafts`);
});

drafts('follow from their random stream alone, and keep to what is required', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 0, max: 50 }), async (seed, ordinal) => {
      const draft = () => made({ ordinal, random: new RandomStream(seed) });
      const { artifact, rationale } = await draft();
      assert.equal(await draft(), { artifact, rationale });
      assert.equal(brokenRequirements(artifact.text, shapes), []);
    }),
    { numRuns: 50 },
  );
});

drafts('go on until the space is exhausted, each kernel once', async () => {
  const tried = new Set<string>();
  const isTried = ({ text }: { text: string }) => tried.has(text);
  const members = [...spaceOf(normTask, 'cuda', 'fp32', normVariants).members()];
  for (let ordinal = 0; ordinal < members.length; ordinal++) {
    const { artifact } = await made({ ordinal, isTried, random: new RandomStream(ordinal) });
    assert.not(tried.has(artifact.text));
    tried.add(artifact.text);
  }
  try {
    await made({ ordinal: 99, isTried });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, OperatorFailure);
    assert.is((error as OperatorFailure).signature, 'operator: nothing new to try');
  }
});

drafts('take over what earlier searches found, the best that is new', async () => {
  const past = [
    attemptOf(withKnobs(blocks, { VECTOR: 4 }), 3),
    attemptOf(withKnobs(blocks, { VECTOR: 2 }), 2),
  ];
  const { artifact, rationale } = await made({ reused: past });
  assert.is(artifact.text, past[0].artifact.text);
  assert.match(rationale, /^taken over: /);
  const isTried = ({ text }: { text: string }) => text === past[0].artifact.text;
  assert.is((await made({ reused: past, isTried })).artifact.text, past[1].artifact.text);
});

drafts('take a kernel of another data type over for the one at hand, if it can be', async () => {
  const of = (dataTypes: string, value: string) =>
    `#define ELEMENT ${value} // @data-types ${dataTypes}\n${blocks}`;
  const both = 'fp16 = F16, bf16 = BF16';
  const reused = [attemptOf(of('fp32 = F32', 'F32'), 3), attemptOf(of(both, 'F16'), 2)];
  const { artifact } = await made({ reused, dataType: 'bf16' });
  assert.is(artifact.text, of(both, 'BF16'));
});

drafts.run();

const improvements = suite('improvements of the rewrite operator');

improvements('turn the knob that is advised the way that is advised, and say why', async () => {
  const documents = onlyAdvice(
    [{ kind: 'vector-width', direction: 'up' }],
    'guidance/performance/vector-loads',
  );
  const outcomes = await often({ ...feedback, parents: [attemptOf(blocks)], documents });
  assert.equal(settings(outcomes[0].text), { VECTOR: 2, THREADS: 128, UNROLL: 1 });
  assert.is(
    outcomes[0].rationale,
    'vector-width 1 → 2: memory-bandwidth at 41 % of peak; guidance/performance/vector-loads',
  );
  assert.equal(settings(outcomes[1].text), { VECTOR: 4, THREADS: 128, UNROLL: 1 });
  const advised = outcomes
    .filter(({ rationale }) => rationale.includes('guidance/'))
    .map(({ count }) => count);
  assert.ok(advised.reduce((sum, count) => sum + count, 0) > 40, 'most of the time');
  assert.ok(advised.length < outcomes.length, 'now and then something else');
});

improvements('weigh documents by their order', async () => {
  const documents = [
    ...onlyAdvice([{ kind: 'warps', direction: 'down' }], 'first'),
    ...onlyAdvice([{ kind: 'vector-width', direction: 'up' }], 'second'),
    ...onlyAdvice([{ kind: 'warps', direction: 'up' }], 'third'),
  ];
  const outcomes = await often({ ...feedback, parents: [attemptOf(blocks)], documents }, 200);
  const share = (path: string) =>
    outcomes.filter(({ rationale }) => rationale.endsWith(path)).reduce((sum, { count }) => sum + count, 0);
  assert.ok(share('first') > share('second'), `${share('first')} > ${share('second')}`);
  assert.is(share('third'), 0, 'what an earlier document says of a kind counts');
});

improvements(
  'switch to another variant where another structure is advised, with the knobs that both have',
  async () => {
    const parent = attemptOf(withKnobs(blocks, { VECTOR: 8 }));
    const documents = onlyAdvice([{ kind: 'fusion', direction: 'up' }], 'guidance/fusion/when-to-fuse');
    const [first] = await often({ ...feedback, parents: [parent], documents });
    assert.is(variantOf(first.text, normVariants)?.name, 'rows-a-warp');
    assert.equal(settings(first.text), { VECTOR: 4, ROWS: 4 }, '8 is not allowed there, 4 is the nearest');
    assert.is(
      first.rationale,
      'row-a-block → rows-a-warp: another way of fusion; guidance/fusion/when-to-fuse',
    );
  },
);

improvements('seldom switch to what made a sibling worse', async () => {
  const documents = onlyAdvice([{ kind: 'fusion', direction: 'up' }]);
  const context = { ...feedback, parents: [attemptOf(blocks, 1)], documents };
  const switched = async (changes: Partial<Context>) =>
    (await often({ ...context, ...changes }, 200))
      .filter(({ text }) => variantOf(text, normVariants)?.name === 'rows-a-warp')
      .reduce((sum, { count }) => sum + count, 0);
  const siblings = [attemptOf(withKnobs(warps, { ROWS: 8 }), 0.5, { id: 3 })];
  assert.ok((await switched({})) > 2 * (await switched({ siblings })));
});

improvements('never make what was tried, what is shown, or what breaks a requirement', async () => {
  const parent = attemptOf(withKnobs(blocks, { THREADS: 512, UNROLL: 4 }));
  const documents = onlyAdvice([{ kind: 'vector-width', direction: 'up' }]);
  const sibling = attemptOf(withKnobs(parent.artifact.text, { THREADS: 256 }), 1.1, { id: 3 });
  const tried = withKnobs(parent.artifact.text, { UNROLL: 2 });
  const outcomes = await often({
    ...feedback,
    parents: [parent],
    siblings: [sibling],
    documents,
    isTried: ({ text }) => text === tried,
  });
  for (const { text } of outcomes) {
    assert.equal(brokenRequirements(text, shapes), []);
    assert.not([parent.artifact.text, sibling.artifact.text, tried].includes(text));
  }
});

improvements('go on where the step before was a good one', async () => {
  const parent = attemptOf(withKnobs(blocks, { VECTOR: 2 }), 1.5);
  const ancestors = [attemptOf(blocks, 1, { id: 1 })];
  const [first] = await often({ ...feedback, parents: [parent], ancestors });
  assert.equal(settings(first.text), { VECTOR: 4, THREADS: 128, UNROLL: 1 });
  assert.is(first.rationale, 'vector-width 2 → 4: the step before brought 1.50 ×');
  const worse = await often({ ...feedback, parents: [attemptOf(parent.artifact.text, 0.9)], ancestors });
  assert.ok(worse.every(({ rationale }) => !rationale.includes('the step before')));
});

improvements('put together what helped two siblings', async () => {
  const sibling = (turned: Record<string, number>, score: number, id: number) =>
    attemptOf(withKnobs(blocks, turned), score, { id });
  const siblings = [sibling({ VECTOR: 4 }, 2, 3), sibling({ THREADS: 256 }, 1.2, 4)];
  const [first] = await often({ ...feedback, parents: [attemptOf(blocks, 1)], siblings });
  assert.equal(settings(first.text), { VECTOR: 4, THREADS: 256, UNROLL: 1 });
  assert.match(first.rationale, /siblings 3 and 4 are both faster/);
});

improvements('avoid what made a sibling fail, and mostly the way that made one worse', async () => {
  const documents = onlyAdvice([{ kind: 'vector-width', direction: 'up' }, { kind: 'warps' }]);
  const failed = failedAttempt(withKnobs(blocks, { VECTOR: 4 }), { id: 3 });
  const worse = attemptOf(withKnobs(blocks, { THREADS: 256 }), 0.5, { id: 4 });
  const context = { ...feedback, parents: [attemptOf(blocks, 1)], documents };
  const outcomes = await often({ ...context, siblings: [failed, worse] }, 200);
  assert.ok(outcomes.every(({ text }) => settings(text).VECTOR !== 4 || !text.includes('UNROLL')));
  const count = (threads: number) =>
    outcomes
      .filter(({ text }) => settings(text).THREADS === threads)
      .reduce((sum, each) => sum + each.count, 0);
  assert.ok(count(64) > 3 * count(512), `${count(64)} against ${count(512)}`);
});

improvements('think twice about what negative memory knows', async () => {
  const documents = onlyAdvice([
    { kind: 'vector-width', direction: 'up' },
    { kind: 'unrolling', direction: 'up' },
  ]);
  const context = { ...feedback, parents: [attemptOf(blocks)], documents };
  const tried = ['vector-width 1 → 2: memory-bandwidth at 30 % of peak; x'];
  const failures = [{ signature: 'run: misaligned', reason: 'misaligned', count: 3, tried }];
  const count = async (changes: Partial<Context>) =>
    (await often({ ...context, ...changes }, 200)).find(({ text }) => settings(text).VECTOR === 2)?.count ??
    0;
  assert.ok((await count({})) > 2 * (await count({ failures })));
});

improvements('begin anew with a clean slate', async () => {
  const outcomes = await often({ ...feedback, memory: 'none', parents: [attemptOf(blocks)] });
  assert.ok(outcomes.length > 25);
  assert.ok(outcomes.every(({ rationale }) => rationale.endsWith(': clean slate')));
});

improvements(
  'turn what can be turned in a kernel that is no variant, and leave one without knobs',
  async () => {
    const own = blocks.replace('grid(rows)', 'grid(rows * 1)');
    const documents = onlyAdvice([{ kind: 'unrolling', direction: 'up' }]);
    const [first] = await often({ ...feedback, parents: [attemptOf(own)], documents });
    assert.is(first.text, withKnobs(own, { UNROLL: 2 }));
    const { artifact } = await made({ ...feedback, parents: [attemptOf('#define A 3 // @knob none')] });
    assert.ok(variantOf(artifact.text, normVariants), 'the variants are there to switch to');
  },
);

improvements.run();

const repairs = suite('repairs of the rewrite operator');

const failing = (text: string, ancestors: Attempt[], documents = onlyAdvice([])): Partial<Context> => {
  const parent = failedAttempt(text, { id: 9 });
  const failure = parent.evaluation.failure!;
  const failed: Diagnosis = { ...diagnosis, primary: 'failed', failure };
  return { phase: 'feedback', diagnosis: failed, parents: [parent], ancestors, documents };
};

repairs('turn back what the failure implicates', async () => {
  const text = withKnobs(blocks, { VECTOR: 4, THREADS: 512 });
  const ancestors = [attemptOf(blocks, 1, { id: 1 })];
  const documents = onlyAdvice(
    [{ kind: 'vector-width', direction: 'down' }],
    'guidance/debugging/run-failures',
  );
  const [first] = await often(failing(text, ancestors, documents), 200);
  assert.equal(settings(first.text), { VECTOR: 2, THREADS: 512, UNROLL: 1 });
  assert.is(first.rationale, 'vector-width 4 → 2: failed at launch; guidance/debugging/run-failures');
});

repairs('without advice step back towards what last worked', async () => {
  const text = withKnobs(blocks, { VECTOR: 4, THREADS: 512 });
  const outcomes = await often(failing(text, [attemptOf(blocks, 1, { id: 1 })]));
  assert.equal(
    outcomes
      .map((each) => settings(each.text))
      .map(({ VECTOR, THREADS }) => `${VECTOR} ${THREADS}`)
      .sort(),
    ['1 512', '2 512', '4 128', '4 256'],
  );
  assert.ok(outcomes.every(({ rationale }) => rationale.endsWith('failed at launch; node 1 works')));
});

repairs('go back to what was written where nothing is known to have worked', async () => {
  const [first] = await often(failing(withKnobs(blocks, { VECTOR: 8 }), []));
  assert.match(first.rationale, /row-a-block as written works/);
});

repairs('of a kernel that fails as it is written begin anew', async () => {
  const { artifact } = await made(failing(blocks, []));
  assert.ok(variantOf(artifact.text, normVariants));
  assert.is.not(artifact.text, blocks);
});

repairs.run();

const crossovers = suite('crossovers of the rewrite operator');

crossovers('take each knob from one of the parents, the better one more often', async () => {
  const parents = [
    attemptOf(withKnobs(blocks, { VECTOR: 4, THREADS: 64, UNROLL: 1 }), 3, { id: 4 }),
    attemptOf(withKnobs(blocks, { VECTOR: 1, THREADS: 256, UNROLL: 2 }), 1, { id: 5 }),
  ];
  const outcomes = await often({ ...feedback, parents }, 200);
  let fromBetter = 0;
  for (const { text, count, rationale } of outcomes) {
    const child = settings(text);
    for (const [name, value] of Object.entries(child)) {
      const [a, b] = parents.map(({ artifact }) => settings(artifact.text)[name]);
      assert.ok(value === a || value === b, `${name} = ${value}`);
      fromBetter += value === a ? count : 0;
    }
    assert.ok(!parents.some(({ artifact }) => artifact.text === text));
    assert.match(rationale, /^node 4 with .* of node 5: crossover$/);
  }
  assert.ok(fromBetter > 0.55 * 600, `${fromBetter} of 600 knobs`);
});

crossovers('of two kernels keep the one and take shared knobs of the other', async () => {
  const parents = [
    attemptOf(withKnobs(blocks, { VECTOR: 8 }), 1, { id: 4 }),
    attemptOf(withKnobs(warps, { VECTOR: 2 }), 1, { id: 5 }),
  ];
  for (const { text } of await often({ ...feedback, parents })) {
    const { VECTOR, ...rest } = settings(text);
    const isBlocks = variantOf(text, normVariants)?.name === 'row-a-block';
    assert.is(VECTOR, isBlocks ? 2 : 4);
    assert.equal(rest, isBlocks ? { THREADS: 128, UNROLL: 1 } : { ROWS: 4 });
  }
});

crossovers('of parents that have no new child improve the first', async () => {
  const parents = [
    attemptOf(blocks, 1, { id: 4 }),
    attemptOf(withKnobs(blocks, { VECTOR: 2 }), 1, { id: 5 }),
  ];
  const documents = onlyAdvice([{ kind: 'unrolling', direction: 'up' }]);
  const [{ text }] = await often({ ...feedback, parents, documents });
  assert.is(text, withKnobs(blocks, { UNROLL: 2 }));
});

crossovers.run();
