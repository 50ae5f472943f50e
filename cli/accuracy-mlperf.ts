import { InputError } from '../foundation/problem.ts';
import { breakdownOf } from '../harness/mlperf/breakdown.ts';
import { isPredicted, predictRows, type RowOutcome, type RowPrediction } from '../harness/mlperf/predict.ts';
import { type PublishedRow, publishedFile, readPublishedRows } from '../harness/mlperf/published-rows.ts';
import { type Summary, summaryOf } from '../harness/mlperf/summary.ts';
import {
  honesty,
  offlineCells,
  offlineHeadings,
  rowsOf,
  serverCells,
  serverHeadings,
  summaryCells,
  summaryHeadings,
  summaryNote,
  systemName,
  totals,
} from '../harness/mlperf/wording.ts';
import { textTable, wrap } from '../reports/text-table.ts';
import { exitCodes } from './exit-codes.ts';
import { pageWidth } from './list-table.ts';
import { Progress } from './progress.ts';

export interface MlperfOptions {
  data?: string;
  system?: string;
  json?: boolean;
  verbose?: boolean;
}

/** @throws InputError for options of one kind of accuracy beside those of the other */
export function checkAccuracyOptions({
  mlperf,
  device,
  trainingSteps,
  ...options
}: MlperfOptions & { mlperf?: true; device?: string; trainingSteps?: string }): void {
  const alone = (['data', 'system', 'verbose'] as const).find((name) => options[name] !== undefined);
  if (!mlperf && alone) throw new InputError(`--${alone} has no meaning without --mlperf`);
  if (mlperf && trainingSteps !== undefined) {
    throw new InputError('--training-steps has no meaning with --mlperf, whose rows are of inference');
  }
  if (mlperf && device !== undefined) {
    throw new InputError('--device chooses measurements; with --mlperf, --system chooses rows');
  }
}

/** `rankfleet accuracy --mlperf`: every published row with its prediction and error; returns the exit code. */
export async function printMlperfAccuracy(options: MlperfOptions): Promise<number> {
  const rows = chosenRows(readPublishedRows(options.data ?? publishedFile), options.system);
  const progress = new Progress(rows.length);
  const outcomes = await predictRows(rows, () => progress.step()).finally(() => progress.end());
  const summary = summaryOf(outcomes);
  process.stdout.write(options.json ? json(outcomes, summary) : report(outcomes, summary, options));
  return exitCodes.answered;
}

function chosenRows(rows: readonly PublishedRow[], wanted: string | undefined): readonly PublishedRow[] {
  if (wanted === undefined) return rows;
  const words = wanted.toLowerCase();
  const chosen = rows.filter(({ submitter, system, accelerator, cpu }) =>
    [submitter, system, accelerator, cpu].some((text) => text.toLowerCase().includes(words)),
  );
  if (chosen.length > 0) return chosen;
  const systems = [...new Set(rows.map(({ system }) => system))];
  const some = systems.slice(0, 5).join('; ');
  throw new InputError(
    `no submitter, system, accelerator or CPU has '${wanted}' in its name; systems are ${some}${systems.length > 5 ? '; …' : ''}`,
  );
}

function json(outcomes: readonly RowOutcome[], summary: Summary): string {
  const rows = outcomes.map((outcome) =>
    isPredicted(outcome) ? { ...outcome, breakdown: breakdownOf(outcome) } : outcome,
  );
  return `${JSON.stringify({ note: honesty, rows, summary }, null, 2)}\n`;
}

function report(outcomes: readonly RowOutcome[], summary: Summary, { verbose }: MlperfOptions): string {
  const offline = rowsOf(outcomes, 'Offline');
  const server = rowsOf(outcomes, 'Server');
  return `${[
    wrap(honesty, pageWidth),
    ...(offline.length > 0
      ? [`Offline: samples per second\n${table(offlineHeadings, offline.map(offlineCells))}`]
      : []),
    ...(server.length > 0
      ? [`Server: latency, predicted / published\n${table(serverHeadings, server.map(serverCells))}`]
      : []),
    ...unpredicted(outcomes),
    ...(verbose ? breakdowns(outcomes.filter(isPredicted)) : []),
    ...(summary.groups.length > 0
      ? [`Summary\n${table(summaryHeadings, summary.groups.map(summaryCells))}`]
      : []),
    wrap(summaryNote, pageWidth),
    wrap(totals(summary), pageWidth),
  ].join('\n\n')}\n`;
}

function unpredicted(outcomes: readonly RowOutcome[]): string[] {
  const lines = outcomes.flatMap((outcome) =>
    isPredicted(outcome)
      ? []
      : [
          `  line ${outcome.row.line}: ${outcome.row.submitter}, ${outcome.row.system}, ${outcome.row.scenario}: ${outcome.missing}`,
        ],
  );
  return lines.length === 0 ? [] : [`Without a prediction\n${lines.join('\n')}`];
}

/** Where the time of a pair goes, for each system and model once. */
function breakdowns(predictions: readonly RowPrediction[]): string[] {
  const seen = new Set<string>();
  return predictions.flatMap((prediction) => {
    const { system, row } = prediction;
    const key = [system.accelerator ?? system.cpu, row.model, system.cross].join(' ');
    if (seen.has(key)) return [];
    seen.add(key);
    const { unit, pairs, parts, copies } = breakdownOf(prediction);
    const sum = parts.reduce((total, { secondsPerPair }) => total + secondsPerPair, 0);
    const cells = [...parts, ...copies].map(({ name, secondsPerPair, evidence }, index) => [
      name,
      (secondsPerPair * 1e9).toPrecision(3),
      index < parts.length ? `${((100 * secondsPerPair) / sum).toFixed(0)} %` : 'beside',
      evidence,
    ]);
    const head = `${systemName(prediction)}, ${row.model}: a pair on ${unit} in batches of ${pairs} takes ${(sum * 1e9).toPrecision(3)} ns`;
    return [`${head}\n${table(['operator', 'ns', 'share', 'evidence'], cells)}`];
  });
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const isWords = (column: number) => rows.every((row) => !/^[+−–\d]/.test(row[column]));
  return textTable(
    headings.map((title, column) => ({ title, align: isWords(column) || column < 2 ? 'left' : 'right' })),
    rows,
  );
}
