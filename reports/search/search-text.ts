import { counted } from '../../foundation/counted.ts';
import { formatPercent, formatTime, significant } from '../../foundation/units.ts';
import { type Column, foldedTable, textTable, titledTable, wrap } from '../text-table.ts';
import type { ArtifactSeconds, DispatchReport, SearchReport, ShapeRow, Speedup } from './search-report.ts';

const textWidth = 100;
/** Failures that a terminal lists. */
const mostFailures = 8;

/** A search as a terminal shows it. */
export function searchText(report: SearchReport): string {
  const blocks = [
    wrap(searchInWords(report).join(' '), textWidth),
    timingText(report.timings),
    report.dispatch ? dispatchText(report.dispatch) : '',
    failureText(report),
    wrap(costInWords(report), textWidth),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function timingText(timings: readonly ShapeRow[]): string {
  if (timings.length === 0) return '';
  const { columns, rows } = timingTable(timings);
  return `The best kernel on the shapes of the search:\n${foldedTable(columns, rows)}`;
}

/** What came of a search, a sentence each, the answer first. */
export function searchInWords(report: SearchReport): string[] {
  const { task, language, dataType, device, reference, nodes, summary, best } = report;
  const where = `in ${language}, ${dataType}, on ${device}`;
  const winner = nodes.find(({ id }) => id === best);
  const first = winner
    ? `The best kernel for ${task.name} ${where} is ${significant(winner.score)} times as fast as ${reference}, in the geometric mean over ${counted(report.timings.length, 'shape')} (step ${winner.step}).`
    : `No right kernel for ${task.name} ${where} was found.`;
  const meets =
    summary.meetsReference === undefined
      ? ''
      : ` Of the right ones, ${formatPercent(summary.meetsReference)} are at least as fast as the reference.`;
  const { target, stepsToTarget } = summary;
  const reached =
    stepsToTarget === undefined
      ? `No kernel reached ${significant(target)} times its speed.`
      : `The first that is ${significant(target)} times as fast came at step ${stepsToTarget}.`;
  return [
    first,
    `${counted(nodes.length, 'artifact')}, ${summary.evaluations} of them evaluated; ${formatPercent(summary.buggyRate)} failed.${meets}`,
    reached,
    endInWords(report.ended),
  ];
}

function endInWords(ended: string | undefined): string {
  if (ended === undefined) return 'The search may go on.';
  return ended === 'exhausted'
    ? 'The search ended because its operator had nothing new to try.'
    : `The search ended by its limit: ${ended}.`;
}

/** What the search cost, in device time. */
export function costInWords({ cost, utilisation, artifactS }: SearchReport): string {
  const busy = `Devices evaluated for ${hours(cost.busyDeviceHours)} and were at hand for ${hours(cost.heldDeviceHours)}`;
  const share =
    utilisation === undefined ? '' : `, so that they were busy for ${formatPercent(utilisation)} of it`;
  const agents = `Agents that keep a device while they write would have held ${hours(cost.agentHeldDeviceHours)}`;
  return `${busy}${share}. ${agents}.${artifactS ? ` ${artifactInWords(artifactS)}` : ''}`;
}

function artifactInWords(seconds: ArtifactSeconds): string {
  const { writing, compiling, waiting, waitingForOtherProcesses, onDevice } = seconds;
  const total = writing + compiling + waiting + waitingForOtherProcesses + onDevice;
  const others =
    waitingForOtherProcesses > 0 ? `, ${formatTime(waitingForOtherProcesses)} for other processes` : '';
  return `An artifact took ${formatTime(total)} in the mean: ${formatTime(writing)} to be written, ${formatTime(compiling)} to be compiled, ${formatTime(waiting)} waiting for its turn${others}, ${formatTime(onDevice)} on the device.`;
}

/** `1.23 device-hours`, or seconds where it is little. */
export function hours(deviceHours: number): string {
  return deviceHours >= 1
    ? `${significant(deviceHours)} device-hours`
    : `${formatTime(deviceHours * 3600)} of device time`;
}

/** Times of the best kernel by shape: over the reference, over what runs without a compiler, and over the roofs. */
export function timingTable(timings: readonly ShapeRow[]): {
  columns: Column[];
  rows: string[][];
} {
  const hasEager = timings.some(({ eagerS }) => eagerS !== undefined);
  return {
    columns: [
      { title: 'shape', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'kernel' },
      { title: 'reference' },
      { title: 'times as fast' },
      ...(hasEager ? [{ title: 'eager' }, { title: 'over eager' }] : []),
      { title: 'GB/s' },
      { title: 'TFLOP/s' },
      { title: 'of the roofline' },
    ],
    rows: timings.map((row) => [
      row.shape,
      row.kind ?? '',
      formatTime(row.kernelS),
      formatTime(row.referenceS),
      range(row.speedup),
      ...(hasEager ? eagerCells(row) : []),
      ...rateCells(row),
      row.speedOfLight > 0 ? formatPercent(row.speedOfLight) : 'unknown',
    ]),
  };
}

/** The interval is that of the ratio to the reference: eager runs are few, and far slower than their spread. */
function eagerCells({ eagerS, referenceS, speedup }: ShapeRow): string[] {
  if (eagerS === undefined) return ['', ''];
  const over = (value: number) => (value * eagerS) / referenceS;
  const { mean, low, high } = speedup;
  return [formatTime(eagerS), range({ mean: over(mean), low: over(low), high: over(high) })];
}

/** GB/s and TFLOP/s that are reached; nothing of what an operator does not do. */
export function rateCells({ bytesPerS, flopPerS }: Pick<ShapeRow, 'bytesPerS' | 'flopPerS'>): string[] {
  const cell = (value: number, unit: number) => (value > 0 ? significant(value / unit) : '–');
  return [cell(bytesPerS, 1e9), cell(flopPerS, 1e12)];
}

/** `2.31 (2.25 … 2.38)`. */
export function range({ mean, low, high }: Speedup): string {
  return `${significant(mean)} (${significant(low)} … ${significant(high)})`;
}

export function dispatchTable({ rows }: DispatchReport): { columns: Column[]; rows: string[][] } {
  return {
    columns: [
      { title: 'shape', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'seen', align: 'left' },
      { title: 'runs', align: 'left' },
      { title: 'kernel' },
      { title: 'reference' },
      { title: 'times as fast' },
    ],
    rows: rows.map(({ shape, kind, isHeldOut, use, kernel, kernelS, referenceS, speedup }) => [
      shape,
      kind ?? '',
      isHeldOut ? 'held out' : 'searched',
      use === 'kernel' ? kernel.slice(0, 8) : 'fallback',
      formatTime(kernelS),
      formatTime(referenceS),
      range(speedup),
    ]),
  };
}

export function kindTable({ kinds }: DispatchReport): { columns: Column[]; rows: string[][] } {
  return {
    columns: [
      { title: 'kind', align: 'left' },
      { title: 'shapes' },
      { title: 'by a kernel' },
      { title: 'kernels everywhere' },
      { title: 'with fallback' },
    ],
    rows: kinds.map(({ kind, rows, kernels, speedup, deployed }) => [
      kind,
      String(rows),
      String(kernels),
      `${significant(speedup)}×`,
      `${significant(deployed)}×`,
    ]),
  };
}

/** Where the reference would have been faster, and what was not let through to the end. */
export function dispatchInWords({ rows, rejected, counters, uncounted }: DispatchReport): string[] {
  const lost = rows.filter(({ use }) => use === 'fallback');
  const slower = lost.filter(({ speedup }) => speedup.mean < 1);
  const losses =
    lost.length === 0
      ? 'A kernel is surely faster than the reference on every shape.'
      : `${counted(lost.length, 'shape')} ${lost.length === 1 ? 'falls' : 'fall'} back to the reference, because no kernel is surely faster there; on ${slower.length} of them the kernel is slower in the median, a regression without the fallback: ${slower.map(({ shape, speedup }) => `${shape} (${significant(speedup.mean)}×)`).join('; ') || 'none'}.`;
  return [
    losses,
    ...rejected.map(({ node, reason }) => `Node ${node} was turned down: ${reason}.`),
    ...counters.map(
      ({ kernel, shape, inWords }) => `Hardware counters of ${kernel.slice(0, 8)} on ${shape}: ${inWords}.`,
    ),
    ...(uncounted === undefined ? [] : [`No hardware counters: ${uncounted}.`]),
  ];
}

function dispatchText(dispatch: DispatchReport): string {
  if (dispatch.rows.length === 0) {
    return wrap(
      `Nothing to deploy. ${dispatchInWords({ ...dispatch, rows: [] })
        .slice(1)
        .join(' ')}`,
      textWidth,
    );
  }
  return [
    titledTable({
      title: 'What runs for which shape, timed to the end (median and 95 % interval):',
      ...dispatchTable(dispatch),
    }),
    textTable(kindTable(dispatch).columns, kindTable(dispatch).rows),
    wrap(dispatchInWords(dispatch).join(' '), textWidth),
  ].join('\n\n');
}

function failureText({ failures }: SearchReport): string {
  if (failures.length === 0) return '';
  const rows = failures.slice(0, mostFailures).map(({ signature, count }) => [String(count), signature]);
  return titledTable({
    title: 'What failed, by its signature:',
    columns: [{ title: 'nodes' }, { title: 'signature', align: 'left' }],
    rows,
  });
}
