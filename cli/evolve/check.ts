import { type Artifact, backendOf } from '../../evolve/artifact.ts';
import { countersInWords } from '../../evolve/counters.ts';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import type { Evaluation, ShapeAnswer } from '../../evolve/evaluation.ts';
import { formatPercent, formatTime, significant } from '../../foundation/units.ts';
import { range } from '../../reports/search/search-text.ts';
import { textTable } from '../../reports/text-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { artifactIn, checkProblem } from './beginning.ts';
import { checkingDevice } from './devices.ts';
import { failedWithoutDevice } from './no-device.ts';
import { shapeInWords } from './search-data.ts';
import { stopSearch } from './stop-search.ts';
import { dataTypeOf, taskNamed } from './task-named.ts';

/** Seconds that hardware counters of a kernel may take. */
const longestCountersS = 30;

export interface CheckOptions {
  task: string;
  dataType?: string;
  baseline?: string;
  cores?: number;
  final?: boolean;
  allowTorch?: boolean;
  counters?: boolean;
  python: boolean;
  json?: boolean;
}

interface Judged {
  file: string;
  evaluation: Evaluation;
}

/** `rankfleet evolve check`: judges given sources as a search would; 3 where one of them fails. */
export async function checkSources(files: readonly string[], options: CheckOptions): Promise<number> {
  const problemOptions = { allowsTorch: options.allowTorch ?? false };
  const { task } = await taskNamed(options.task, undefined, problemOptions);
  checkProblem(task, options);
  const dataType = dataTypeOf(task, options.dataType);
  const artifacts = files.map((file) => ({ file, artifact: artifactIn(file) }));
  const baseline = options.baseline === undefined ? undefined : artifactIn(options.baseline);
  const stop = stopSearch();
  const evaluated: Judged[] = [];
  try {
    for (const { language, devices } of await placesFor(artifacts, options)) {
      const own = artifacts.filter(({ artifact }) => artifact.language === language);
      const usable = baseline?.language === language ? baseline : own[0].artifact;
      const baselineToUse = task.problem ? {} : { baseline: usable };
      const pool = new EvaluatorPool({ devices, usesPython: options.python, ...baselineToUse });
      try {
        for (const { file, artifact } of own) {
          process.stderr.write(`evaluating ${file}\n`);
          const request = {
            task,
            dataType,
            isFinal: options.final ?? false,
            ...(options.counters && { countersWithinS: longestCountersS }),
            signal: stop.signal,
          };
          evaluated.push({ file, evaluation: await pool.evaluate(artifact, request) });
        }
      } finally {
        await pool.close();
      }
    }
  } catch (error) {
    if (stop.signal.aborted) {
      process.stderr.write(`${evaluated.length} of ${files.length} sources were judged\n`);
      if (evaluated.length > 0) printJudged(evaluated, options);
      return stop.why().code;
    }
    return failedWithoutDevice(error);
  } finally {
    stop.release();
  }
  printJudged(evaluated, options);
  return evaluated.every(({ evaluation }) => !evaluation.failure) ? exitCodes.answered : exitCodes.infeasible;
}

function printJudged(evaluated: readonly Judged[], { json = false }: CheckOptions): void {
  process.stdout.write(
    json
      ? `${JSON.stringify(evaluated, null, 2)}\n`
      : `${evaluated.map(({ file, evaluation }) => inWords(file, evaluation)).join('\n\n')}\n`,
  );
}

/** Devices for all languages, found before any source is judged. */
async function placesFor(sources: readonly { artifact: Artifact }[], options: CheckOptions) {
  const places = [];
  for (const language of new Set(sources.map(({ artifact }) => artifact.language))) {
    const asked = { ...options, backend: backendOf[language], onTorchCpu: options.allowTorch ?? false };
    places.push({ language, devices: await checkingDevice(asked) });
  }
  return places;
}

function inWords(file: string, evaluation: Evaluation): string {
  const { failure, score, reference, untimed, notes = [], resources, uncounted } = evaluation;
  const { counters, countedOn } = resources ?? {};
  const counted =
    counters && countedOn
      ? [`hardware counters on ${shapeInWords(countedOn)}: ${countersInWords(counters)}`]
      : uncounted === undefined
        ? []
        : [`no hardware counters: ${uncounted}`];
  const tables = [...timesTable(evaluation), ...(untimed?.length ? [answersTable(untimed)] : [])];
  const right = untimed
    ? "right; Triton's interpreter gave the answers, so that nothing was timed"
    : `right, and ${significant(score)}× as fast as ${reference}`;
  const verdict = failure
    ? `${file}: fails at ${failure.stage}: ${failure.reason}${logOf(failure)}`
    : `${file}: ${right}`;
  return [verdict, ...tables, ...counted, ...notes.map((note) => `note: ${note}`)].join('\n');
}

/** What was printed, where it says more than the reason. */
function logOf({ reason, log = '' }: NonNullable<Evaluation['failure']>): string {
  return log.trim() === '' || reason.includes(log.trim()) ? '' : `\n${log}`;
}

function timesTable({ timings }: Evaluation): string[] {
  if (timings.length === 0) return [];
  const table = textTable(
    [
      { title: 'shape', align: 'left' },
      { title: 'kernel' },
      { title: 'reference' },
      { title: 'times as fast' },
      { title: 'of least time' },
      { title: 'error / tolerance' },
    ],
    timings.map((timing) => [
      shapeInWords(timing.shape),
      formatTime(timing.candidateS),
      formatTime(timing.referenceS),
      range(timing.speedup),
      timing.speedOfLight > 0 ? formatPercent(timing.speedOfLight) : 'unknown',
      errorOverTolerance(timing),
    ]),
  );
  return [table];
}

function answersTable(answers: readonly ShapeAnswer[]): string {
  return textTable(
    [{ title: 'shape', align: 'left' }, { title: 'error / tolerance' }],
    answers.map((answer) => [shapeInWords(answer.shape), errorOverTolerance(answer)]),
  );
}

function errorOverTolerance({ error, tolerance }: ShapeAnswer): string {
  return significant(tolerance > 0 ? error / tolerance : error);
}
