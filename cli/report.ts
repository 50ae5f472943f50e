import { orWriteError, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { chartsOf } from '../reports/charts/charts-of.ts';
import type { Subject, SubjectKind } from '../reports/subject.ts';
import { scenarioNames } from '../scenarios/files.ts';
import { requireDuckDb } from '../sweep/duckdb.ts';
import { isExperiment } from './distil/experiment-source.ts';
import { isSearch } from './evolve/search-source.ts';
import { exporters, type Piece } from './exporters.ts';
import { print } from './print.ts';
import { answerOf, openSource, type ReportSource, type SourceOptions, scenarioOf } from './report-source.ts';
import { checkTable } from './report-table.ts';
import { type Format, type FormatOptions, type Target, targetsOf } from './report-targets.ts';
import { reportText } from './report-text.ts';
import { writePieces } from './write-pieces.ts';

export interface ReportOptions extends FormatOptions, SourceOptions {
  table?: string;
}

/** `rankfleet report`: data to stdout or files, what was written to stderr; returns the exit code. */
export async function report(named: string, options: ReportOptions): Promise<number> {
  if (!scenarioNames().includes(named)) {
    if (isSearch(named)) {
      const { reportKernelSearch } = await import('./report-search.ts');
      return reportKernelSearch(named, options);
    }
    if (isExperiment(named)) {
      const { reportExperiment } = await import('./report-experiment.ts');
      return reportExperiment(named, options);
    }
  }
  const targets = targetsOf(options, named);
  await checkOptions(options);
  const source = await openSource(named, options);
  checkTable(kindOf(source), options.table);
  // Told before anything is simulated.
  if (options.trace !== undefined && source.kind === 'distillation-scenario')
    await scenarioOf(source, '--trace');
  const { subject, exitCode } = await answerOf(source, options);
  if (subject.kind === 'sweep') checkProgress(subject);
  if (targets.length === 0) await print(reportText(subject));
  const pieces = await piecesOf(source, subject, targets, options);
  await writePieces(pieces);
  return exitCode;
}

/** What kind of subject there is, or is to be. */
function kindOf(source: ReportSource): SubjectKind {
  if (source.kind === 'stored') return source.subject.kind;
  return source.kind === 'scenario' ? 'result' : 'distillation';
}

async function checkOptions({ table, csv, parquet }: ReportOptions): Promise<void> {
  if (table !== undefined && csv === undefined && parquet === undefined) {
    throw new InputError('--table says what --csv and --parquet write: give one of them, too');
  }
  if (parquet !== undefined) await requireDuckDb('--parquet');
}

/** @throws InputError for a sweep of which no point is done */
function checkProgress({ sweep, source }: Extract<Subject, { kind: 'sweep' }>): void {
  const { points, total } = sweep;
  if (points.length === 0) {
    throw new InputError(`${source}: none of the ${total} points of its sweep is done yet`);
  }
  if (points.length < total) {
    process.stderr.write(`unfinished sweep: ${points.length} of ${total} points so far\n`);
  }
}

/** Writes one file about an answer that is there. */
export async function writeReport(subject: Subject, format: Format, file: string): Promise<void> {
  const pieces = await piecesOf({ kind: 'stored', subject }, subject, [{ format, named: file }], {});
  for (const { content } of pieces) orWriteError(file, () => writeWhole(file, content));
}

/** All that is to be written: what cannot be made is known before anything is. */
async function piecesOf(
  source: ReportSource,
  subject: Subject,
  targets: readonly Target[],
  { table, svg, workers }: Pick<ReportOptions, 'table' | 'svg' | 'workers'>,
): Promise<Piece[]> {
  let drawn: ReturnType<typeof chartsOf> | undefined;
  const charts = () => {
    drawn ??= chartsOf(subject);
    return drawn;
  };
  const pieces: Piece[] = [];
  for (const { format, named } of targets) {
    pieces.push(...(await exporters[format]({ source, subject, charts, named, table, svg, workers })));
  }
  return pieces;
}
