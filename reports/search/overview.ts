import { type DataTable, dataTable } from '../../foundation/data-table.ts';
import { geometricMean } from '../../foundation/geometric-mean.ts';
import { formatPercent, significant } from '../../foundation/units.ts';
import { markdownTable } from '../files/markdown.ts';
import { type Column, foldedTable, wrap } from '../text-table.ts';
import type { DispatchShape, SearchReport, Speedup } from './search-report.ts';
import { range } from './search-text.ts';

const textWidth = 100;

/** What a shape gains on which the reference goes on to run. */
const unchanged: Speedup = { mean: 1, low: 1, high: 1 };

/** What one of many searches came to. Plain data. */
export interface SearchOverview {
  source: string;
  task: string;
  dataType: string;
  language: string;
  device: string;
  reference: string;
  artifacts: number;
  buggyRate: number;
  target: number;
  stepsToTarget: number | undefined;
  /** Geometric means over the shapes of the search, of the best kernel; nothing without a right one. */
  score: Speedup | undefined;
  /** Over the framework without its compiler, where it was timed. */
  overEager: number | undefined;
  /** Of the first shape of the task, which is the production one where it has one. */
  firstShape: { shape: string; kind: string | undefined; speedup: Speedup } | undefined;
  /** Geometric mean of the shares that the least times have; nothing where the roofs are not known. */
  shareOfRoofline: number | undefined;
  /** Shapes of the search on which the best kernel is slower than the reference, and all of them. */
  regressions: number;
  shapes: number;
  /** Of what runs for which shape; nothing where no kernels were timed to the end. */
  dispatch: DispatchOverview | undefined;
}

/** What a dispatch table came to, shapes of all kinds together. */
export interface DispatchOverview {
  /** Geometric mean over held-out shapes of the kernels that were chosen for them, before any falls back. */
  heldOut: Speedup | undefined;
  /** The same over all shapes, where the reference runs instead of each kernel that is not surely faster. */
  deployed: Speedup;
  /** Shapes on which the chosen kernel is slower than the reference, which therefore runs. */
  regressions: number;
  shapes: number;
}

/** Sums up searches, by task, data type, language and device. */
export function overviewOf(reports: readonly SearchReport[]): SearchOverview[] {
  const keyOf = ({ task, dataType, language, device, source }: SearchOverview) =>
    [task, dataType, language, device, source].join('\0');
  return reports.map(rowOf).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function rowOf(report: SearchReport): SearchOverview {
  const { source, task, dataType, language, device, reference, nodes, summary, timings, dispatch } = report;
  const [first] = timings;
  const eager = timings.flatMap(({ eagerS, kernelS }) => (eagerS === undefined ? [] : eagerS / kernelS));
  const shares = timings.map(({ speedOfLight }) => speedOfLight).filter((share) => share > 0);
  return {
    source,
    task: task.name,
    dataType,
    language,
    device,
    reference,
    artifacts: nodes.length,
    buggyRate: summary.buggyRate,
    target: summary.target,
    stepsToTarget: summary.stepsToTarget,
    score: meanSpeedup(timings.map(({ speedup }) => speedup)),
    overEager: eager.length > 0 ? geometricMean(eager) : undefined,
    firstShape: first && { shape: first.shape, kind: first.kind, speedup: first.speedup },
    shareOfRoofline: shares.length > 0 ? geometricMean(shares) : undefined,
    regressions: timings.filter(({ speedup }) => speedup.mean < 1).length,
    shapes: timings.length,
    dispatch: dispatch && dispatchOf(dispatch.rows),
  };
}

function dispatchOf(rows: readonly DispatchShape[]): DispatchOverview | undefined {
  const asDeployed = rows.map(({ use, speedup }) => (use === 'kernel' ? speedup : unchanged));
  const deployed = meanSpeedup(asDeployed);
  return (
    deployed && {
      heldOut: meanSpeedup(rows.filter(({ isHeldOut }) => isHeldOut).map(({ speedup }) => speedup)),
      deployed,
      regressions: rows.filter(({ speedup }) => speedup.mean < 1).length,
      shapes: rows.length,
    }
  );
}

/** Geometric mean of speedups whose errors have nothing to do with each other: in logs, these add up as squares. */
function meanSpeedup(speedups: readonly Speedup[]): Speedup | undefined {
  if (speedups.length === 0) return undefined;
  const mean = geometricMean(speedups.map((one) => one.mean));
  const squares = speedups.reduce((sum, { low, high }) => sum + (Math.log(high / low) / 2) ** 2, 0);
  const factor = Math.exp(Math.sqrt(squares) / speedups.length);
  return { mean, low: mean / factor, high: mean * factor };
}

/** Searches side by side, as a terminal shows them. */
export function overviewText(rows: readonly SearchOverview[]): string {
  const { columns, cells } = tableOf(rows);
  const devices = unlike(rows.map(({ device }) => device)).join(', ');
  const references = unlike(rows.map(({ reference }) => reference)).join(' or ');
  const heading = `On ${devices}, against ${references}. Geometric means over the shapes of a task with 95 % intervals, of the best kernel; a regression is a shape on which it is slower. The last three columns are of what runs for which shape, timed to the end: the kernels on held-out shapes, all shapes with the reference where no kernel is surely faster, and all shapes on which that is needed because the kernel is slower.`;
  return `${wrap(heading, textWidth)}\n\n${foldedTable(columns, cells)}\n`;
}

function unlike(words: readonly string[]): string[] {
  return [...new Set(words)];
}

/** The same as a table in Markdown. */
export function overviewMarkdown(rows: readonly SearchOverview[]): string {
  const { columns, cells } = tableOf(rows);
  return `${markdownTable(columns, cells)}\n`;
}

function tableOf(rows: readonly SearchOverview[]): { columns: Column[]; cells: string[][] } {
  const [{ target }] = rows;
  return {
    columns: [
      { title: 'search', align: 'left' },
      { title: 'device', align: 'left' },
      { title: 'against', align: 'left' },
      { title: 'artifacts' },
      { title: 'failed' },
      { title: `steps to ${significant(target)}×` },
      { title: 'times as fast' },
      { title: 'over eager' },
      { title: 'first shape' },
      { title: 'of the roofline' },
      { title: 'regressions' },
      { title: 'held out' },
      { title: 'with fallback' },
      { title: 'regressions of all' },
    ],
    cells: rows.map((row) => [
      `${row.task} ${row.dataType} ${row.language}`,
      row.device,
      row.reference,
      String(row.artifacts),
      formatPercent(row.buggyRate),
      row.stepsToTarget === undefined ? 'never' : String(row.stepsToTarget),
      row.score ? range(row.score) : 'none is right',
      row.overEager === undefined ? '' : significant(row.overEager),
      row.firstShape ? range(row.firstShape.speedup) : '',
      row.shareOfRoofline === undefined ? 'unknown' : formatPercent(row.shareOfRoofline),
      row.shapes === 0 ? '' : `${row.regressions} of ${row.shapes}`,
      ...dispatchCells(row.dispatch),
    ]),
  };
}

function dispatchCells(dispatch: DispatchOverview | undefined): string[] {
  if (!dispatch) return ['', '', ''];
  const { heldOut, deployed, regressions, shapes } = dispatch;
  return [heldOut ? range(heldOut) : '', range(deployed), `${regressions} of ${shapes}`];
}

/** The same for a program to read. */
export function overviewData(rows: readonly SearchOverview[]): DataTable {
  const text = (name: string, cell: (row: SearchOverview) => string | null) =>
    ({ name, type: 'VARCHAR', cell }) as const;
  const whole = (name: string, cell: (row: SearchOverview) => number | null) =>
    ({ name, type: 'INTEGER', cell }) as const;
  const real = (name: string, cell: (row: SearchOverview) => number | undefined) =>
    ({ name, type: 'DOUBLE', cell: (row: SearchOverview) => cell(row) ?? null }) as const;
  return dataTable(rows, [
    text('source', ({ source }) => source),
    text('task', ({ task }) => task),
    text('data_type', ({ dataType }) => dataType),
    text('language', ({ language }) => language),
    text('device', ({ device }) => device),
    text('reference', ({ reference }) => reference),
    whole('artifacts', ({ artifacts }) => artifacts),
    real('buggy_rate', ({ buggyRate }) => buggyRate),
    real('target', ({ target }) => target),
    whole('steps_to_target', ({ stepsToTarget }) => stepsToTarget ?? null),
    real('score', ({ score }) => score?.mean),
    real('score_low', ({ score }) => score?.low),
    real('score_high', ({ score }) => score?.high),
    real('over_eager', ({ overEager }) => overEager),
    text('first_shape', ({ firstShape }) => firstShape?.shape ?? null),
    real('first_shape_speedup', ({ firstShape }) => firstShape?.speedup.mean),
    real('first_shape_low', ({ firstShape }) => firstShape?.speedup.low),
    real('first_shape_high', ({ firstShape }) => firstShape?.speedup.high),
    real('share_of_roofline', ({ shareOfRoofline }) => shareOfRoofline),
    whole('regressions', ({ regressions }) => regressions),
    whole('shapes', ({ shapes }) => shapes),
    real('held_out', ({ dispatch }) => dispatch?.heldOut?.mean),
    real('held_out_low', ({ dispatch }) => dispatch?.heldOut?.low),
    real('held_out_high', ({ dispatch }) => dispatch?.heldOut?.high),
    real('with_fallback', ({ dispatch }) => dispatch?.deployed.mean),
    real('with_fallback_low', ({ dispatch }) => dispatch?.deployed.low),
    real('with_fallback_high', ({ dispatch }) => dispatch?.deployed.high),
    whole('regressions_of_all', ({ dispatch }) => dispatch?.regressions ?? null),
    whole('shapes_of_all', ({ dispatch }) => dispatch?.shapes ?? null),
  ]);
}
