import { backendOf, type Language } from '../../evolve/artifact.ts';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { type ProblemEntry, problemSet } from '../../evolve/kernelbench/problem-set.ts';
import { type ProblemResult, resultOf, scoresOf } from '../../evolve/kernelbench/score.ts';
import { ProblemReader } from '../../evolve/tasks/problem-file.ts';
import { csvLine } from '../../foundation/csv.ts';
import { checkWritableFile, writeWhole } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';
import { artifactIn } from './beginning.ts';
import { checkingDevice } from './devices.ts';
import { scoredInWords } from './kernelbench-text.ts';
import { failedWithoutDevice } from './no-device.ts';
import { stopSearch } from './stop-search.ts';
import { dataTypeOf } from './task-named.ts';

export interface KernelbenchOptions {
  solutions: string;
  /** Thresholds of fast_p. */
  p: readonly number[];
  level: readonly number[];
  dataType?: string;
  cores?: number;
  allowTorch?: boolean;
  csv?: string;
  json?: boolean;
}

/**
 * `rankfleet evolve kernelbench`: scores the solutions of a folder of problems; 3 where a given one fails, 1 where a problem
 * could not be judged by.
 */
export async function scoreSolutions(folder: string, options: KernelbenchOptions): Promise<number> {
  const entries = problemSet(folder, options.solutions, options.level);
  if (options.csv !== undefined) checkWritableFile(options.csv, '--csv');
  const stop = stopSearch();
  const judge = new Judge(options, stop.signal);
  const results: ProblemResult[] = [];
  try {
    await judge.readAll(entries);
    for (const entry of entries) results.push(await judge.resultOf(entry));
  } catch (error) {
    if (stop.signal.aborted) return stop.why().code;
    return failedWithoutDevice(error);
  } finally {
    stop.release();
    await judge.close();
  }
  const { device } = judge;
  const scores = scoresOf(results, options.p);
  if (options.csv !== undefined) writeWhole(options.csv, csvOfResults(results));
  const data = { format: 'rankfleet-kernelbench', version: 1, device, problems: results, scores };
  await print(options.json ? `${JSON.stringify(data, null, 2)}\n` : scoredInWords(device, results, scores));
  if (results.some(({ isUnjudged }) => isUnjudged)) return exitCodes.failed;
  const isWrong = results.some(({ solution, isCorrect }) => solution !== undefined && !isCorrect);
  return isWrong ? exitCodes.infeasible : exitCodes.answered;
}

/** Evaluates solutions of any language on its device. */
class Judge {
  /** What kernels ran on. */
  device = 'no device';
  private readonly options: KernelbenchOptions;
  private readonly signal: AbortSignal;
  private readonly pools = new Map<Language, EvaluatorPool>();
  private readonly tasks = new Map<string, KernelTask>();

  constructor(options: KernelbenchOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }

  /** @throws InputError with all that is wrong in any problem that a solution is given for */
  async readAll(entries: readonly ProblemEntry[]): Promise<void> {
    const reader = new ProblemReader();
    const wrong: InputError[] = [];
    try {
      for (const { name, file, solution } of entries) {
        if (solution === undefined) continue;
        this.signal.throwIfAborted();
        try {
          const allowsTorch = this.options.allowTorch ?? false;
          this.tasks.set(name, await reader.read(file, { allowsTorch }));
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          wrong.push(error);
        }
      }
    } finally {
      await reader.close();
    }
    if (wrong.length > 0) throw new InputError(wrong.flatMap(({ problems }) => problems));
  }

  async resultOf({ name, level, solution }: ProblemEntry): Promise<ProblemResult> {
    const about = {
      name,
      ...(level !== undefined && { level }),
      ...(solution !== undefined && { solution }),
    };
    if (solution === undefined) return { ...about, isCorrect: false, isFlagged: false, notes: [] };
    const artifact = artifactIn(solution);
    const task = this.tasks.get(name)!;
    const dataType = dataTypeOf(task, this.options.dataType);
    const pool = await this.poolOf(artifact.language);
    process.stderr.write(`evaluating ${solution}\n`);
    try {
      const request = { task, dataType, isFinal: true, signal: this.signal };
      return resultOf(about, await pool.evaluate(artifact, request));
    } catch (error) {
      if (this.signal.aborted) throw error;
      const [reason] = (error as Error).message.split('\n', 1);
      return { ...about, isCorrect: false, isUnjudged: true, failure: reason, isFlagged: false, notes: [] };
    }
  }

  async close(): Promise<void> {
    for (const pool of this.pools.values()) await pool.close();
  }

  private async poolOf(language: Language): Promise<EvaluatorPool> {
    const known = this.pools.get(language);
    if (known) return known;
    const { cores, allowTorch = false } = this.options;
    const devices = await checkingDevice({ backend: backendOf[language], cores, onTorchCpu: allowTorch });
    const pool = new EvaluatorPool({ devices });
    this.pools.set(language, pool);
    this.device = (await pool.evaluators[0].describe()).name;
    return pool;
  }
}

const columns = [
  ['problem', ({ name }) => name],
  ['solution', ({ solution }) => solution],
  ['correct', ({ isCorrect }) => Number(isCorrect)],
  ['kernel_s', ({ kernelS }) => kernelS],
  ['eager_s', ({ eagerS }) => eagerS],
  ['torch_compile_s', ({ compiledS }) => compiledS],
  ['speedup_over_eager', ({ overEager }) => overEager],
  ['speedup_over_torch_compile', ({ overCompiled }) => overCompiled],
  ['flagged', ({ isFlagged }) => Number(isFlagged)],
  ['failure', ({ failure }) => failure],
] as const satisfies [string, (result: ProblemResult) => string | number | undefined][];

function csvOfResults(results: readonly ProblemResult[]): string {
  const rows = results.map((result) => columns.map(([, of]) => of(result)));
  return [columns.map(([title]) => title), ...rows].map(csvLine).join('');
}
