import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Evaluation } from '../../evolve/evaluation.ts';
import { problemSet } from '../../evolve/kernelbench/problem-set.ts';
import { type ProblemResult, resultOf, scoresOf } from '../../evolve/kernelbench/score.ts';
import { InputError } from '../../foundation/problem.ts';
import { compare } from '../../harness/compare.ts';

const sets = suite('kernelbench: problems of a folder');

/** Runs `use` on a folder with some empty files. */
function withFiles(files: readonly string[], use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-problems-'));
  try {
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '');
    }
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

sets('come in the order of their numbers, with the solution of their name', () => {
  const files = ['p/level2/1_c.py', 'p/level1/10_b.py', 'p/level1/2_a.py', 'p/level1/__init__.py'];
  withFiles([...files, 's/level1/2_a.py', 's/level2/1_c.cu', 's/level1/other.py'], (folder) => {
    const all = problemSet(join(folder, 'p'), join(folder, 's'));
    assert.equal(
      all.map(({ name }) => name),
      ['level1/2_a', 'level1/10_b', 'level2/1_c'],
    );
    assert.equal(
      all.map(({ solution }) => solution?.slice(folder.length + 1)),
      [join('s', 'level1/2_a.py'), undefined, join('s', 'level2/1_c.cu')],
    );
    assert.equal(
      problemSet(join(folder, 'p'), join(folder, 's'), [2]).map(({ name }) => name),
      ['level2/1_c'],
    );
  });
});

sets('are refused without a problem, without a solution, and with two of one problem', () => {
  withFiles(['p/a.py', 's/a.py', 's/a.cu', 'none/b.py'], (folder) => {
    const set = (problems: string, solutions: string, levels: number[] = []) =>
      problemSet(join(folder, problems), join(folder, solutions), levels);
    assert.throws(() => set('p', 's'), /one solution of a problem is scored/);
    assert.throws(() => set('p', 'none'), /no file has the name of a problem, such as a\.py/);
    assert.throws(() => set('p', 'none', [3]), /no problems of level 3/);
    assert.throws(
      () => set('nowhere', 's'),
      (error: Error) => error instanceof InputError,
    );
  });
});

sets.run();

const scores = suite('kernelbench: scores');

const solved = (name: string, overEager: number, overCompiled: number, level?: string): ProblemResult => ({
  name,
  solution: `${name}.py`,
  isCorrect: true,
  overEager,
  overCompiled,
  isFlagged: false,
  notes: [],
  ...(level !== undefined && { level }),
});
const missing: ProblemResult = { name: 'missing', isCorrect: false, isFlagged: false, notes: [] };

scores('count what is more than p times as fast, among all problems', () => {
  const fails = { ...missing, name: 'fails', solution: 'fails.py', overEager: 9, overCompiled: 9 };
  const [all] = scoresOf([solved('a', 2, 1), solved('b', 0.5, 0.25), missing, fails], [0, 0.5, 1, 2]);
  assert.equal([all.problems, all.given, all.correct], [4, 3, 2]);
  // Strictly more: exactly p times as fast does not count.
  assert.equal(
    all.eager.fast.map(({ share }) => share),
    [0.5, 0.25, 0.25, 0],
  );
  assert.equal(
    all.compiled.fast.map(({ share }) => share),
    [0.5, 0.25, 0, 0],
  );
  assert.is(all.eager.geometricMean, 1);
  assert.is(all.eager.median, 1.25);
  assert.is(all.compiled.geometricMean, 0.5);
});

scores('are told of each level and of all, and of nothing without a mean', () => {
  const all = scoresOf([solved('a', 2, 1, 'level1'), { ...missing, level: 'level2' }], [1]);
  assert.equal(
    all.map(({ name, problems, correct }) => [name, problems, correct]),
    [
      ['level1', 1, 1],
      ['level2', 1, 0],
      ['all', 2, 1],
    ],
  );
  assert.is(all[1].eager.geometricMean, undefined);
});

const timing = {
  shape: {},
  candidateS: 1e-6,
  referenceS: 2e-6,
  speedup: { mean: 2.1, low: 2, high: 2.2 },
  eagerS: 11e-6,
  error: 0,
  tolerance: 1,
  speedOfLight: 0.5,
  achievedBytesPerS: 1,
  achievedFlopPerS: 1,
};
const evaluation: Evaluation = {
  score: 2.1,
  reference: 'torch.compile 2.11.0',
  timings: [timing],
  spentS: {},
  deviceHeldS: 0,
};
const about = { name: 'a', solution: 'a.py' };

scores('have both baselines, and flag what is more than ten times as fast', () => {
  const result = resultOf(about, evaluation);
  assert.equal([result.eagerS, result.compiledS, result.overCompiled], [11e-6, 2e-6, 2.1]);
  assert.ok(Math.abs(result.overEager! - 11) < 1e-9);
  assert.ok(result.isFlagged);
});

scores('have no torch.compile where that did not serve', () => {
  const { eagerS: _, ...alone } = timing;
  const result = resultOf(about, { ...evaluation, reference: 'torch eager 2.11.0', timings: [alone] });
  assert.equal([result.eagerS, result.overEager, result.compiledS], [2e-6, 2.1, undefined]);
  assert.not.ok(result.isFlagged);
});

scores('say why a solution fails, and count it as not correct', () => {
  const failure = { stage: 'cheat', reason: 'fallback', signature: 'x' } as const;
  const result = resultOf(about, { ...evaluation, timings: [], failure });
  assert.equal([result.isCorrect, result.failure], [false, 'cheat: fallback']);
});

scores.run();

const elements = suite('kernelbench: elements');

elements('may be off by an absolute and a relative error, each by itself', () => {
  const rules = { tolerance: 1e-2, isElementwise: true };
  const off = (value: number, wanted: number) =>
    compare(
      { tensor: 'out', indices: [0, 1], values: [value, 1000], wanted: Float64Array.of(wanted, 1000) },
      rules,
    );
  assert.ok(off(0.0099, 0).ok);
  assert.not.ok(off(0.0101, 0).ok);
  assert.ok(off(101.009, 100).ok);
  const wrong = off(101.02, 100);
  assert.match(wrong.reason!, /out\[0\] is 101.02 and should be 100/);
  // All together it would pass: the other element is large.
  assert.ok(
    compare(
      { tensor: 'out', indices: [0, 1], values: [0.0101, 1000], wanted: Float64Array.of(0, 1000) },
      { ...rules, isElementwise: false },
    ).ok,
  );
});

elements.run();
