import { geometricMean } from '../../foundation/geometric-mean.ts';
import { unusualSpeedup } from '../evaluation/suspicions.ts';
import type { Evaluation } from '../evaluation.ts';
import { medianInterval } from '../replay/median.ts';

/** What became of one problem. */
export interface ProblemResult {
  name: string;
  level?: string;
  /** None where nothing was given, which counts as not correct. */
  solution?: string;
  isCorrect: boolean;
  /** Why it is not: at which stage, and what was said. */
  failure?: string;
  /** The problem itself could not be judged by, whatever the solution. */
  isUnjudged?: boolean;
  kernelS?: number;
  eagerS?: number;
  compiledS?: number;
  /** Times as fast as PyTorch as it is, and as torch.compile. */
  overEager?: number;
  overCompiled?: number;
  /** Unusually fast over one of both: worth a second look. */
  isFlagged: boolean;
  notes: readonly string[];
}

/** What an evaluation on a problem's one shape says. */
export function resultOf(
  about: Pick<ProblemResult, 'name' | 'level' | 'solution'>,
  { failure, timings, reference, notes = [] }: Evaluation,
): ProblemResult {
  if (failure) {
    const told = `${failure.stage}: ${failure.reason}`;
    return { ...about, isCorrect: false, failure: told, isFlagged: false, notes };
  }
  const [timing] = timings;
  if (!timing) return { ...about, isCorrect: true, isFlagged: false, notes };
  const { candidateS, referenceS, speedup } = timing;
  const isCompiled = reference.startsWith('torch.compile');
  const eagerS = isCompiled ? timing.eagerS : referenceS;
  const overCompiled = isCompiled ? speedup.mean : undefined;
  // Against the reference it is the median of rounds that were timed in turn.
  const overEager = isCompiled ? eagerS && eagerS / candidateS : speedup.mean;
  return {
    ...about,
    isCorrect: true,
    kernelS: candidateS,
    ...(eagerS !== undefined && { eagerS }),
    ...(isCompiled && { compiledS: referenceS }),
    ...(overEager !== undefined && { overEager }),
    ...(overCompiled !== undefined && { overCompiled }),
    isFlagged: Math.max(overEager ?? 0, overCompiled ?? 0) > unusualSpeedup,
    notes,
  };
}

/** Speedups over one baseline. */
export interface Against {
  /** fast_p for each p: the share of all problems that are solved rightly and more than p times as fast. */
  fast: { p: number; share: number }[];
  /** Over what is correct and was timed against the baseline; none without any. */
  geometricMean?: number;
  median?: number;
}

export interface Score {
  /** `level1`, or `all`. */
  name: string;
  problems: number;
  given: number;
  correct: number;
  eager: Against;
  compiled: Against;
}

/** Scores of each level, where there are several, and of all. */
export function scoresOf(results: readonly ProblemResult[], thresholds: readonly number[]): Score[] {
  const levels = [...new Set(results.map(({ level }) => level))].filter((level) => level !== undefined);
  const parts = levels.map((level) => ({
    name: level,
    own: results.filter((each) => each.level === level),
  }));
  const all = { name: 'all', own: [...results] };
  return [...(levels.length > 1 ? parts : []), all].map(({ name, own }) => ({
    name,
    problems: own.length,
    given: own.filter(({ solution }) => solution !== undefined).length,
    correct: own.filter(({ isCorrect }) => isCorrect).length,
    eager: against(own, ({ overEager }) => overEager, thresholds),
    compiled: against(own, ({ overCompiled }) => overCompiled, thresholds),
  }));
}

function against(
  results: readonly ProblemResult[],
  speedupOf: (result: ProblemResult) => number | undefined,
  thresholds: readonly number[],
): Against {
  const speedups = results.filter(({ isCorrect }) => isCorrect).flatMap((result) => speedupOf(result) ?? []);
  const fast = thresholds.map((p) => ({ p, share: speedups.filter((x) => x > p).length / results.length }));
  if (speedups.length === 0) return { fast };
  const { median } = medianInterval(speedups, 0.95);
  return { fast, geometricMean: geometricMean(speedups), median };
}
