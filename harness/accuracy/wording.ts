import { counted } from '../../foundation/counted.ts';
import { formatTime } from '../../foundation/units.ts';
import type { MeasuredFailure } from '../../hardware-profiles/measurements.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import type { ErrorStatistics } from './error-statistics.ts';
import type { SurfaceAccuracy } from './surface-accuracy.ts';
import type { TransferAccuracy } from './transfer-accuracy.ts';
import type { UnseenAccuracy } from './unseen-accuracy.ts';

/** `4.3 %`. */
export function percentOf(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `+4.3 %` or `−4.3 %`. */
export function signedPercentOf(share: number): string {
  const size = Math.abs(100 * share).toFixed(1);
  return `${share < 0 && Number(size) > 0 ? '−' : '+'}${size} %`;
}

/** Whose kernel it is and where it ran: `cublaslt on cuda`, `rankfleet on 4 cores`. */
export function kernelOf({
  implementation,
  backend,
  cores,
}: Pick<SurfaceAccuracy, 'implementation' | 'backend' | 'cores'>): string {
  if (cores === 0) return `${implementation} on ${backend}`;
  return `${implementation} on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

/** `m 64, n 512, k 256`. */
function describeShape(shape: Shape): string {
  return Object.entries(shape)
    .map(([axis, value]) => `${axis} ${value}`)
    .join(', ');
}

/** `No time, because the kernel failed: merge-bucketised fp32, torch-compile: wrong answer at 4 shapes; …` */
export function failuresInWords(failures: readonly MeasuredFailure[]): string[] {
  if (failures.length === 0) return [];
  const each = failures.map(
    ({ operator, dataType, implementation, stage, shapes }) =>
      `${operator} ${dataType}, ${implementation}: ${stage} at ${counted(shapes, 'shape')}`,
  );
  return [`No time, because the kernel failed: ${each.join('; ')}.`];
}

/** What is said of a set of errors, in the order of `statisticCells`. */
export const statisticTitles = ['median', 'mean', 'p90', 'bias'] as const;

export function statisticCells({ median, mean, p90, bias }: ErrorStatistics): string[] {
  return [percentOf(median), percentOf(mean), percentOf(p90), signedPercentOf(bias)];
}

/** A surface with its errors left out, point by point and shape by shape. */
export function surfaceCells(surface: SurfaceAccuracy): string[] {
  return [
    surface.operator,
    surface.dataType,
    `${kernelOf(surface)}${surface.isUsed ? '' : ' (unused)'}`,
    String(surface.leaveOneOut.points),
    ...statisticCells(surface.leaveOneOut),
    ...(surface.wholeShape ? statisticCells(surface.wholeShape) : ['–', '–', '–', '–']),
  ];
}

/** The worst point of a surface. */
export function worstCells(surface: SurfaceAccuracy): string[] {
  const { operator, dataType, worst } = surface;
  return [
    operator,
    dataType,
    kernelOf(surface),
    signedPercentOf(worst.error),
    formatTime(worst.measuredS),
    describeShape(worst.shape),
  ];
}

/** Shapes measured apart, of one operator and data type. */
export function unseenCells({
  operator,
  dataType,
  errors,
  withinOneDeviation,
  worst,
}: UnseenAccuracy): string[] {
  return [
    operator,
    dataType,
    String(errors.points),
    ...statisticCells(errors),
    `${Math.round(100 * withinOneDeviation)} %`,
    signedPercentOf(worst.error),
    formatTime(worst.measuredS),
    describeShape(worst.shape),
  ];
}

/** One device predicted from another. */
export function transferCells({ from, to, operator, dataType, errors }: TransferAccuracy): string[] {
  return [from, to, operator, dataType, String(errors.points), ...statisticCells(errors)];
}
