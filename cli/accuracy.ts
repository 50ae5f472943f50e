import { InputError } from '../foundation/problem.ts';
import { type Accuracy, accuracy } from '../harness/accuracy/accuracy.ts';
import type { DeviceAccuracy, SurfaceAccuracy } from '../harness/accuracy/surface-accuracy.ts';
import type { TrainingAccuracy } from '../harness/accuracy/training-accuracy.ts';
import { aboutTraining, trainingTables, withoutInWords } from '../harness/accuracy/training-wording.ts';
import type { UnseenAccuracy } from '../harness/accuracy/unseen-accuracy.ts';
import {
  failuresInWords,
  statisticCells,
  statisticTitles,
  surfaceCells,
  transferCells,
  unseenCells,
  worstCells,
} from '../harness/accuracy/wording.ts';
import { type Column, textTable, wrap } from '../reports/text-table.ts';
import { exitCodes } from './exit-codes.ts';
import { pageWidth } from './list-table.ts';

export interface AccuracyOptions {
  device?: string;
  trainingSteps?: string;
  json?: boolean;
}

/** `rankfleet accuracy`: how well measured times are predicted when they are left out; returns the exit code. */
export function printAccuracy({ device, trainingSteps, json }: AccuracyOptions): number {
  if (trainingSteps !== undefined && device === undefined) {
    throw new InputError('--training-steps: say on which device they were measured: --device NAME');
  }
  const found = accuracy(device, trainingSteps);
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : report(found));
  return exitCodes.answered;
}

function report({ devices, transfers, transfersNotShown }: Accuracy): string {
  if (devices.length === 0)
    return 'No device of the catalogue has measurements: rankfleet calibrate makes them.\n';
  const transferRows = transfers.map(transferCells);
  const transferColumns: Column[] = [
    ...['from', 'to', 'operator', 'type'].map((title): Column => ({ title, align: 'left' })),
    { title: 'points' },
    ...statistics(),
  ];
  const transferTable = transfersNotShown
    ? `Efficiency of one device with the datasheet of another: not shown: ${transfersNotShown}.`
    : `Measured times predicted from another device's efficiency and both datasheets\n${textTable(transferColumns, transferRows)}`;
  const closing =
    'Errors of predicted times, as shares of the measured ones; bias above 0: predicted too slow. Left out: each point ' +
    'predicted from all others, and without any point of its layer, table or width. Rates and length scales are ' +
    'fitted once, to all points.';
  return `${[...devices.map(deviceTable), transferTable, wrap(closing, pageWidth)].join('\n\n')}\n`;
}

function deviceTable(accuracyOfDevice: DeviceAccuracy): string {
  const { device, date, points, surfaces, unfitted, failures, unseen, training } = accuracyOfDevice;
  const columns: Column[] = [
    { title: 'operator', align: 'left' },
    { title: 'type', align: 'left' },
    { title: 'kernel', align: 'left' },
    { title: 'points' },
    ...statistics('each point left out'),
    ...statistics('its whole shape left out'),
  ];
  const rows = surfaces.map(surfaceCells);
  const head = `${device}, measured up to ${date}: ${points} points`;
  const few =
    unfitted.length > 0 ? [wrap(`Too few points for a fit: ${unfitted.join(', ')}.`, pageWidth)] : [];
  return [
    `${head}\n${textTable(columns, rows)}`,
    ...naiveTable(surfaces),
    `Worst point of each\n${textTable(worstColumns, surfaces.map(worstCells))}`,
    ...few,
    ...failuresInWords(failures).map((line) => wrap(line, pageWidth)),
    ...unseenTable(unseen),
    ...(training ? trainingBlocks(training) : []),
  ].join('\n\n');
}

function naiveTable(surfaces: readonly SurfaceAccuracy[]): string[] {
  const rows = surfaces.flatMap(({ dataType, backend, naive }) =>
    naive ? [[dataType, backend, String(naive.points), ...statisticCells(naive)]] : [],
  );
  if (rows.length === 0) return [];
  const columns: Column[] = [
    { title: 'type', align: 'left' },
    { title: 'path', align: 'left' },
    { title: 'points' },
    ...statistics(),
  ];
  const head = 'GEMM by a naive model, 0.75 of the peak, 0.8 of the bandwidth and 3 µs';
  return [`${head}\n${textTable(columns, rows)}`];
}

function unseenTable(unseen: readonly UnseenAccuracy[]): string[] {
  if (unseen.length === 0) return [];
  const columns: Column[] = [
    { title: 'operator', align: 'left' },
    { title: 'type', align: 'left' },
    { title: 'points' },
    ...statistics(),
    { title: 'within ±1 σ' },
    { title: 'worst' },
    { title: 'measured' },
    { title: 'shape', align: 'left' },
  ];
  const rows = unseen.map(unseenCells);
  return [
    `Shapes that nobody chose: drawn at random, measured apart, seen by no fit\n${textTable(columns, rows)}`,
  ];
}

function trainingBlocks(training: TrainingAccuracy): string[] {
  const tables = trainingTables(training).map(({ head, titles, words, rows }) => {
    const columns = titles.map((title, at): Column => (at < words ? { title, align: 'left' } : { title }));
    return `${head}\n${textTable(columns, rows)}`;
  });
  const sentences = [aboutTraining(training), ...withoutInWords(training)];
  return [...tables, ...sentences.map((each) => wrap(each, pageWidth))];
}

const worstColumns: Column[] = [
  { title: 'operator', align: 'left' },
  { title: 'type', align: 'left' },
  { title: 'kernel', align: 'left' },
  { title: 'error' },
  { title: 'measured' },
  { title: 'shape', align: 'left' },
];

function statistics(group?: string): Column[] {
  return statisticTitles.map((title) => ({ title, ...(group && { group }) }));
}
