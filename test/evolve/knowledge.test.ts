import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bottlenecks, type Diagnosis } from '../../evolve/diagnosis.ts';
import { failureStages } from '../../evolve/evaluation.ts';
import { parseFrontMatter } from '../../evolve/knowledge/front-matter.ts';
import { KnowledgeBase } from '../../evolve/knowledge/knowledge-base.ts';
import { parseIndex } from '../../evolve/knowledge/module-index.ts';
import { platformOf, type Query, queryOf } from '../../evolve/knowledge/query.ts';
import { retrieve } from '../../evolve/knowledge/retrieve.ts';
import { estimatedTokens } from '../../evolve/knowledge/tokens.ts';
import { knobKinds, languages, platforms } from '../../evolve/knowledge/vocabulary.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import { operatorNames } from '../../hardware-profiles/operators-measured.ts';
import { h200, normTask } from './attempts.ts';

const base = new KnowledgeBase();
const entries = base.modules.flatMap(({ path }) => base.entries(path));
const marksOf = new Map(entries.map(({ document, marks }) => [document.path, marks]));

const query: Query = {
  platform: 'nvidia',
  language: 'cuda',
  phase: 'feedback',
  operator: 'rms-norm',
  device: 'h200-sxm',
  bottleneck: 'memory-bandwidth',
};
const pathsOf = (changes: Partial<Query>, budget?: number) =>
  retrieve(base, { ...query, ...changes }, budget).map(({ path }) => path);

/** Where kernels in a language run, among others. */
const usualPlatform = { cuda: 'nvidia', triton: 'nvidia', wgsl: 'webgpu', cpp: 'cpu' } as const;

const documents = suite('documents of the knowledge base');

documents('lie in folders that the index lists, one idea each, under a path and a title of their own', () => {
  const folder = join(packageRoot, 'evolve', 'knowledge', 'documents');
  const files = filesBelow(folder).map((file) => relative(folder, file).replace(/\.md$/, ''));
  const listed = entries.map(({ document }) => document.path);
  assert.equal([...listed, 'index'].sort(), files.sort());
  assert.ok(listed.length >= 45, `${listed.length} documents`);
  const titles = new Set(entries.map(({ document }) => document.title));
  assert.is(titles.size, entries.length);
  for (const { document } of entries) {
    assert.ok(document.text.length > 250 && document.text.length < 2500, `${document.path} is no page`);
  }
});

documents('are all found by some question', () => {
  const found = new Set<string>();
  const failures = failureStages.map((stage) => ({ stage, reason: '', signature: '' }));
  const questions = platforms.flatMap((platform) =>
    languages.flatMap((language) => [
      { platform, language, phase: 'draft' as const },
      ...bottlenecks.map((bottleneck) => ({ platform, language, bottleneck })),
      ...failures.map((failure) => ({ platform, language, bottleneck: 'failed' as const, failure })),
    ]),
  );
  for (const operator of operatorNames) {
    for (const question of questions) {
      const { bottleneck: _, ...rest } = query;
      for (const { path } of retrieve(base, { ...rest, operator, ...question }, 1e6)) found.add(path);
    }
  }
  assert.equal(
    entries.map(({ document }) => document.path).filter((path) => !found.has(path)),
    [],
  );
});

documents('advise every kind of knob that there is, and kernels have no others', () => {
  const advised = new Set(entries.flatMap(({ document }) => document.advises.map(({ kind }) => kind)));
  assert.equal([...advised].sort(), Object.keys(knobKinds).sort());
  const kernels = join(packageRoot, 'kernels');
  const sources = existsSync(kernels) ? filesBelow(kernels) : [];
  const unknown = sources.flatMap((file) =>
    knobsOf(readTextFile(file))
      .filter(({ kind }) => !Object.hasOwn(knobKinds, kind))
      .map(({ kind, line }) => `${relative(packageRoot, file)}:${line}: ${kind}`),
  );
  assert.equal(unknown, []);
});

documents('say where their front matter is wrong', () => {
  const marks = ['---', 'title: x', 'platforms: any', 'languages: [cuda]', 'bottlenecks: any', 'phases: any'];
  const parse = (...more: string[]) =>
    parseFrontMatter([...marks, ...more, '---', 'text'].join('\n'), 'x.md');
  assert.equal(parse('advises: [tiling up, warps]').marks.advises, [
    { kind: 'tiling', direction: 'up' },
    { kind: 'warps' },
  ]);
  assert.is(parse().body, 'text');
  for (const [more, message] of [
    ['advises: [tilling up]', /x\.md:7:11: advises\[0\]: .*did you mean 'tiling'/],
    ['advises: [tiling sideways]', /x\.md:7:11: .*'up' or 'down'/],
    ['platform: any', /x\.md:7:11: .*did you mean 'platforms'/],
    ['operators: [rmsnorm]', /x\.md:7:13: .*did you mean 'rms-norm'/],
  ] as const) {
    assert.throws(() => parse(more), message);
  }
  assert.throws(() => parseFrontMatter('# x', 'x.md'), /x\.md:1:1: expected front matter/);
});

documents('have an index whose rows are checked', () => {
  const row = (cells: string) => parseIndex(`| [a/b](a/b) | ${cells} | x |`, 'index.md');
  assert.equal(row('any | cuda, wgsl | failed | any'), [
    { path: 'a/b', platforms: 'any', languages: ['cuda', 'wgsl'], bottlenecks: ['failed'], phases: 'any' },
  ]);
  const [{ bottlenecks: but }] = row('any | any | any but failed, spills | any');
  assert.equal(
    but,
    bottlenecks.filter((each) => each !== 'failed' && each !== 'spills'),
  );
  assert.throws(() => row('nvidea | any | any | any'), /index\.md:1:1: platforms: .*did you mean 'nvidia'/);
  assert.throws(() => parseIndex('# nothing', 'index.md'), /lists no modules/);
});

documents.run();

const retrieval = suite('retrieval');

for (const language of languages) {
  for (const bottleneck of bottlenecks) {
    retrieval(`finds what is meant for ${bottleneck} in ${language}`, () => {
      const platform = usualPlatform[language];
      const found = retrieve(base, { ...query, platform, language, bottleneck });
      const own = found.filter(({ path }) => marksOf.get(path)!.bottlenecks.includes(bottleneck));
      assert.ok(own.length >= 2, `only ${own.map(({ path }) => path)}`);
      assert.ok(own.some(({ advises }) => advises.length > 0));
      assert.ok(found.some(({ path }) => path === `constraints/source-contract-${language}`));
      for (const { path } of found) {
        const marks = marksOf.get(path)!;
        assert.ok(marks.languages === 'any' || marks.languages.includes(language), path);
        assert.ok(marks.platforms === 'any' || marks.platforms.includes(platform), path);
      }
    });
  }
}

retrieval('keeps to its budget of tokens, with what is forbidden before what is advised', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20_000 }),
      fc.constantFrom(...bottlenecks),
      (budget, bottleneck) => {
        const found = retrieve(base, { ...query, bottleneck }, budget);
        const tokens = found.map(({ title, text }) => estimatedTokens(title) + estimatedTokens(text));
        assert.ok(tokens.reduce((sum, each) => sum + each, 0) <= budget);
        const isConstraint = found.map(({ path }) => path.startsWith('constraints/'));
        assert.equal(
          isConstraint,
          [...isConstraint].sort((a, b) => Number(b) - Number(a)),
        );
      },
    ),
  );
  assert.ok(pathsOf({}, 20_000).length > pathsOf({}, 3000).length);
});

retrieval('is the same for the same question, whatever was asked before', () => {
  const other = new KnowledgeBase();
  for (const bottleneck of bottlenecks) {
    const again = retrieve(other, { ...query, bottleneck }).map(({ path }) => path);
    assert.equal(again, pathsOf({ bottleneck }));
  }
});

retrieval('puts what the bottleneck, the operator and the error are about first', () => {
  const first = (changes: Partial<Query>) =>
    pathsOf(changes).find((path) => !path.startsWith('constraints/')) ?? '';
  assert.is(first({ operator: 'map-id' }), 'guidance/performance/searching-in-tables');
  assert.is(first({}), 'guidance/performance/reductions-over-rows');
  assert.is(first({ operator: 'elementwise' }), 'guidance/performance/bytes-in-flight');
  assert.is(first({ bottleneck: 'spills' }).split('/')[0], 'guidance');
  const failed = (stage: (typeof failureStages)[number], reason: string) =>
    first({ bottleneck: 'failed', failure: { stage, reason, signature: '' } });
  assert.is(
    failed('launch', 'out of resource: Shared memory, 262144 bytes'),
    'guidance/debugging/launch-failures',
  );
  assert.is(failed('run', 'misaligned address'), 'guidance/debugging/run-failures');
  assert.is(failed('compile', 'identifier "foo" is undefined'), 'guidance/debugging/compile-errors-cuda');
  assert.is(failed('timeout', 'ended after 60 seconds'), 'guidance/debugging/timeouts');
  assert.is(failed('wrong answer', 'relative error 0.5'), 'guidance/debugging/wrong-answers');
});

retrieval('of one bottleneck brings nothing that only a deferred one needs', () => {
  const diagnosis: Diagnosis = {
    primary: 'memory-bandwidth',
    deferred: ['spills'],
    speedOfLight: 0.4,
    bandwidthShare: 0.4,
    arithmeticShare: 0.1,
    intensity: 1,
    ridge: 15,
    findings: [],
  };
  const subject = { task: normTask, language: 'cuda', device: h200 } as const;
  const found = retrieve(base, queryOf(diagnosis, subject), 1e6).map(({ path }) => path);
  assert.not(found.includes('guidance/performance/spills'));
  assert.ok(pathsOf({ bottleneck: 'spills' }).includes('guidance/performance/spills'));
  assert.equal(found, pathsOf({ computeCapability: 9 }, 1e6));
});

retrieval('knows whose hardware it is, and what a generation of it lacks', () => {
  const on = (name: string) => platformOf({ ...h200, name }, 'triton');
  assert.equal(['NVIDIA H100 80GB HBM3', 'AMD Instinct MI300X', 'MTIA v2i', 'AMD Radeon Graphics'].map(on), [
    'nvidia',
    'amd',
    'mtia',
    'amd',
  ]);
  assert.is(platformOf(h200, 'wgsl'), 'webgpu');
  assert.is(platformOf({ ...h200, kind: 'cpu', name: 'AMD EPYC 9755' }, 'cpp'), 'cpu');
  const arithmetic = { bottleneck: 'arithmetic' as const, operator: 'gemm' as const };
  const has = (computeCapability: number, name: string) =>
    pathsOf({ ...arithmetic, computeCapability }, 1e6).includes(`hardware/nvidia/${name}`);
  assert.equal(
    [7.5, 8, 9].map((capability) => [has(capability, 'tensor-cores'), has(capability, 'bulk-copies')]),
    [
      [false, false],
      [true, false],
      [true, true],
    ],
  );
});

retrieval('for a draft brings contract, idioms and ways, and nothing about failures', () => {
  const { bottleneck: _, ...rest } = query;
  const found = retrieve(base, { ...rest, phase: 'draft' }).map(({ path }) => path);
  assert.ok(found.includes('constraints/source-contract-cuda'));
  assert.ok(found.includes('guidance/performance/reductions-over-rows'));
  assert.not(found.some((path) => path.startsWith('guidance/debugging')));
});

retrieval.run();

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
