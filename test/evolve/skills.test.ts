import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KnowledgeBase } from '../../evolve/knowledge/knowledge-base.ts';
import type { Query } from '../../evolve/knowledge/query.ts';
import { retrieve } from '../../evolve/knowledge/retrieve.ts';
import { distil, type Finished } from '../../evolve/knowledge/skills/distil.ts';
import type { Evidence } from '../../evolve/knowledge/skills/evidence.ts';
import { writeSkill } from '../../evolve/knowledge/skills/files.ts';
import { adviceOf, type SkillScope } from '../../evolve/knowledge/skills/skill-document.ts';
import { variantOf } from '../../evolve/rewrite/variants.ts';
import { withKnobs } from '../../evolve/source/knobs.ts';
import { attemptOf, failedAttempt, h200, normTask, normVariants } from './attempts.ts';

const [{ text: written }, { text: other }] = normVariants;
const scope: SkillScope = { operator: 'rms-norm', language: 'cuda', platform: 'nvidia' };
const subject = {
  task: normTask,
  dataType: 'fp32',
  device: h200,
  origin: 'searches/norm, session 1',
} as const;

const query: Query = {
  platform: 'nvidia',
  language: 'cuda',
  phase: 'feedback',
  operator: 'rms-norm',
  device: 'h200-sxm',
  bottleneck: 'memory-bandwidth',
};

function evidenceOf(attempts: readonly Finished[], origin: string = subject.origin): Evidence {
  const nameOf = ({ artifact }: Finished) => variantOf(artifact.text, normVariants)?.name;
  const evidence = distil(attempts, { ...subject, origin }, nameOf);
  assert.ok(evidence);
  return evidence;
}

const at = (turned: Record<string, number>, score: number) => attemptOf(withKnobs(written, turned), score);

const skills = suite('skills');

skills('are what pairs of kernels that differ in one knob show, as geometric means', () => {
  const { changes, best, failures } = evidenceOf([
    at({}, 1),
    at({ VECTOR: 4 }, 2),
    at({ THREADS: 256 }, 0.8),
    at({ VECTOR: 4, THREADS: 256 }, 0.8 * 4.5),
    attemptOf(other, 1.2),
    failedAttempt(withKnobs(written, { VECTOR: 8 })),
  ]);
  const rounded = changes.map(({ factor, ...rest }) => ({ ...rest, factor: Number(factor.toFixed(6)) }));
  assert.equal(rounded, [
    { knob: 'VECTOR', kind: 'vector-width', from: 1, to: 4, trials: 2, factor: 3 },
    { knob: 'THREADS', kind: 'warps', from: 128, to: 256, trials: 2, factor: 1.2 },
  ]);
  assert.is(best.kernel, 'row-a-block');
  assert.ok(Math.abs(best.factor - 3.6) < 1e-12);
  assert.equal(best.knobs, { VECTOR: 4, THREADS: 256, UNROLL: 1 });
  assert.equal(failures, [
    {
      knob: 'VECTOR',
      kind: 'vector-width',
      value: 8,
      signature: 'launch: too much shared memory: <n> bytes',
      trials: 2,
    },
  ]);
});

skills('advise the way that made kernels faster, the strongest first, and nothing within the noise', () => {
  const change = { knob: 'A', from: 1, to: 2, trials: 1 };
  assert.equal(
    adviceOf({
      changes: [
        { ...change, kind: 'tiling', factor: 0.5 },
        { ...change, kind: 'warps', factor: 1.2 },
        { ...change, kind: 'unrolling', factor: 1.02 },
        { ...change, kind: 'of-their-own', factor: 9 },
      ],
    }),
    [
      { kind: 'tiling', direction: 'down' },
      { kind: 'warps', direction: 'up' },
    ],
  );
});

skills('come from searches in which something worked', () => {
  assert.is(
    distil([failedAttempt(written)], subject, () => undefined),
    undefined,
  );
  const unreadable = attemptOf('#define A 3 // @knob tiling {1}', 9);
  assert.is(evidenceOf([unreadable, at({}, 1)]).best.factor, 1);
});

skills('are found in a like search, and in no other', () =>
  inFolder((folder) => {
    writeSkill(folder, evidenceOf([at({}, 1), at({ VECTOR: 4 }, 1.8)]), scope);
    const base = new KnowledgeBase([folder]);
    const found = (changes: Partial<Query>) =>
      retrieve(base, { ...query, ...changes }).find(({ path }) => path.startsWith('skills/'));
    const skill = found({});
    assert.is(skill?.path, 'skills/rms-norm/cuda-fp32-h200-sxm');
    assert.equal(skill?.advises, [{ kind: 'vector-width', direction: 'up' }]);
    assert.match(skill?.text ?? '', /\| VECTOR \| vector-width \| 1 → 4 \| 1\.80 × \| 1 \|/);
    assert.match(skill?.text ?? '', /rows 4096, n 1024/);
    assert.ok(found({ device: 'a100-sxm-80gb' }), 'another device of the platform');
    for (const unlike of [
      { operator: 'layer-norm' },
      { language: 'triton' },
      { platform: 'amd' },
      { bottleneck: 'failed' },
    ] as const) {
      assert.is(found(unlike), undefined, JSON.stringify(unlike));
    }
    const { bottleneck: _, ...draft } = { ...query, phase: 'draft' as const };
    assert.ok(retrieve(base, draft).some(({ path }) => path === skill?.path));
  }),
);

skills('grow by versions: pairs are added up, the better kernel counts, and each search counts once', () =>
  inFolder((folder) => {
    const first = writeSkill(folder, evidenceOf([at({}, 1), at({ VECTOR: 4 }, 2)]), scope);
    const again = writeSkill(folder, evidenceOf([at({}, 1), at({ VECTOR: 4 }, 2)]), scope);
    assert.equal([first.version, again.version], [1, 1]);
    assert.is(again.text, first.text);
    const second = evidenceOf([at({ UNROLL: 2 }, 1), at({ UNROLL: 2, VECTOR: 4 }, 1.2)], 'another');
    const { version, path, file } = writeSkill(folder, second, scope);
    assert.is(version, 2);
    assert.equal(readdirSync(join(folder, 'skills', 'rms-norm')), [
      'cuda-fp32-h200-sxm.v1.md',
      'cuda-fp32-h200-sxm.v2.md',
    ]);
    const [entry, ...more] = new KnowledgeBase([folder]).entries('skills');
    assert.is(more.length, 0, 'only the latest version is read');
    assert.is(entry.document.path, path);
    const evidence = entry.marks.evidence!;
    assert.equal(evidence.searches, [subject.origin, 'another']);
    assert.is(evidence.best.factor, 2);
    const [change] = evidence.changes;
    assert.is(change.trials, 2);
    assert.ok(Math.abs(change.factor - Math.sqrt(2 * 1.2)) < 1e-12);
    assert.match(readFileSync(file, 'utf8'), /Measured by 2 searches/);
  }),
);

skills('that somebody spoilt are told with their line, and none are no trouble', () =>
  inFolder((folder) => {
    assert.equal(new KnowledgeBase([join(folder, 'nowhere')]).entries('skills'), []);
    const { file } = writeSkill(folder, evidenceOf([at({}, 1)]), scope);
    writeFileSync(file, readFileSync(file, 'utf8').replace('factor: 1', 'factor: fast'));
    assert.throws(
      () => new KnowledgeBase([folder]).entries('skills'),
      /v1\.md:\d+:\d+: evidence\.best\.factor/,
    );
    assert.throws(() => writeSkill(folder, evidenceOf([at({}, 1)], 'new'), scope), /v1\.md:\d+/);
  }),
);

skills.run();

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-skills-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
