import { unusualSpeedup } from '../../evolve/evaluation/suspicions.ts';
import type { Against, ProblemResult, Score } from '../../evolve/kernelbench/score.ts';
import { formatPercent, formatTime, significant } from '../../foundation/units.ts';
import { textTable, wrap } from '../../reports/text-table.ts';
import { pageWidth } from '../list-table.ts';

/** Scored problems as a text: each problem, and fast_p against both baselines. */
export function scoredInWords(
  device: string,
  results: readonly ProblemResult[],
  scores: readonly Score[],
): string {
  const isTimed = results.some(({ kernelS }) => kernelS !== undefined);
  const answersOnly = results.some(({ isCorrect, kernelS }) => isCorrect && kernelS === undefined);
  const parts = [
    `Kernels on ${device}`,
    problemsTable(results),
    ...(answersOnly
      ? ["Triton's interpreter gives answers and no times: without times there is no fast_p."]
      : []),
    ...(isTimed && !answersOnly ? [scoresTable(scores), explained] : [counts(scores)]),
    ...flagsOf(results),
    ...notesOf(results),
  ];
  return `${parts.join('\n\n')}\n`;
}

const explained = wrap(
  'fast_p is the share of all problems, missing ones among them, whose solution is correct and more than p times as fast. Means and medians are over what is correct.',
  pageWidth,
);

function problemsTable(results: readonly ProblemResult[]): string {
  return textTable(
    [
      { title: 'problem', align: 'left' },
      { title: 'solution', align: 'left' },
      { title: 'kernel' },
      { title: 'eager' },
      { title: 'torch.compile' },
      { title: '× eager' },
      { title: '× compiled' },
    ],
    results.map((result) => [
      result.name,
      stateOf(result),
      time(result.kernelS),
      time(result.eagerS),
      time(result.compiledS),
      times(result.overEager),
      times(result.overCompiled),
    ]),
  ).concat(failuresOf(results));
}

function stateOf({ solution, isCorrect, isUnjudged, isFlagged }: ProblemResult): string {
  if (solution === undefined) return 'missing';
  if (isUnjudged) return 'not judged';
  if (!isCorrect) return 'fails';
  return isFlagged ? 'correct, flagged' : 'correct';
}

function failuresOf(results: readonly ProblemResult[]): string {
  const failed = results.filter(({ failure }) => failure !== undefined);
  const lines = failed.map(({ name, failure }) => `  ${name}: ${failure}`);
  return lines.length > 0 ? `\n\nWhat fails:\n${lines.join('\n')}` : '';
}

function scoresTable(scores: readonly Score[]): string {
  const thresholds = scores[0].eager.fast.map(({ p }) => p);
  const row = (score: Score, baseline: string, { fast, geometricMean, median }: Against) => [
    score.name,
    String(score.problems),
    String(score.correct),
    baseline,
    ...fast.map(({ share }) => formatPercent(share)),
    times(geometricMean),
    times(median),
  ];
  return textTable(
    [
      { title: 'problems', align: 'left' },
      { title: 'n' },
      { title: 'correct' },
      { title: 'against', align: 'left' },
      ...thresholds.map((p) => ({ title: `fast_${p}` })),
      { title: 'geometric mean' },
      { title: 'median' },
    ],
    scores.flatMap((score) => [
      row(score, 'eager', score.eager),
      row(score, 'torch.compile', score.compiled),
    ]),
  );
}

function counts(scores: readonly Score[]): string {
  const { problems, given, correct } = scores[scores.length - 1];
  return `${correct} of ${problems} problems are solved rightly; ${problems - given} have no solution.`;
}

function flagsOf(results: readonly ProblemResult[]): string[] {
  const flagged = results.filter(({ isFlagged }) => isFlagged).map(({ name }) => name);
  if (flagged.length === 0) return [];
  return [
    `More than ${unusualSpeedup} times as fast as a baseline, which is worth a second look: ${flagged.join(', ')}.`,
  ];
}

function notesOf(results: readonly ProblemResult[]): string[] {
  const lines = results.flatMap(({ name, notes }) => notes.map((note) => `  ${name}: ${note}`));
  return lines.length > 0 ? [`Notes:\n${lines.join('\n')}`] : [];
}

function time(seconds: number | undefined): string {
  return seconds === undefined ? '' : formatTime(seconds);
}

function times(speedup: number | undefined): string {
  return speedup === undefined ? '' : significant(speedup);
}
