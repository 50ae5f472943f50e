import type {
  MeasuredColumns,
  MeasuredFailure,
  Measurements,
  SurfaceFit,
} from '../../hardware-profiles/measurements.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Device, PeakDataType } from '../../hardware-profiles/profile.ts';
import { type LeftOut, predictLeftOut } from '../../sim/cost/left-out.ts';
import { Surface } from '../../sim/cost/surface.ts';
import { type SurfacePoints, surfacePoints } from '../../sim/cost/surface-points.ts';
import { settingOf, surfaceOf } from '../../sim/cost/surfaces.ts';
import { operatorWork } from '../../sim/cost/work.ts';
import { surfaceGroups } from '../fit/fit.ts';
import { wholeShapes } from '../fit/whole-shapes.ts';
import { type ErrorStatistics, errorStatistics } from './error-statistics.ts';
import type { TrainingAccuracy } from './training-accuracy.ts';
import { type UnseenAccuracy, unseenAccuracy, unseenColumns } from './unseen-accuracy.ts';

/** How well one surface predicts its own points. */
export interface SurfaceAccuracy {
  operator: OperatorName;
  dataType: MeasuredDataType;
  backend: string;
  implementation: string;
  cores: number;
  /** Whether simulations use this surface, rather than that of another path. */
  isUsed: boolean;
  /** Each point predicted from all others. */
  leaveOneOut: ErrorStatistics;
  /** Each point predicted without any point of its layer, table or width. */
  wholeShape?: ErrorStatistics;
  /** GEMM: three quarters of peak, four fifths of bandwidth, 3 µs. */
  naive?: ErrorStatistics;
  worst: { shape: Shape; measuredS: number; error: number };
}

/** What of a device was measured, and how well it is predicted. */
export interface DeviceAccuracy {
  device: string;
  date: string;
  points: number;
  surfaces: SurfaceAccuracy[];
  /** Operators and types with too few points for a fit. */
  unfitted: string[];
  /** Kernels that have no time at some shapes, since they failed there. */
  failures: MeasuredFailure[];
  /** Random shapes measured apart, which no fit has seen; none where none were measured. */
  unseen: UnseenAccuracy[];
  /** Whole training steps against the simulator; absent where none were measured. */
  training?: TrainingAccuracy;
}

/** @param device with measurements of its own */
export function accuracyOf(device: Device): DeviceAccuracy {
  const measured = device.measured!;
  const surfaces: SurfaceAccuracy[] = [];
  const unfitted: string[] = [];
  for (const columns of surfaceGroups(measured.columns)) {
    const fit = fitOf(measured, columns[0]);
    if (fit) surfaces.push(surfaceAccuracy(device, columns, fit));
    else unfitted.push(nameOf(columns));
  }
  return {
    device: device.name,
    date: measured.date,
    points: measured.points,
    surfaces,
    unfitted,
    failures: measured.failures,
    unseen: unseenAccuracy(device, unseenColumns(device)),
  };
}

function fitOf(measured: Measurements, column: MeasuredColumns): SurfaceFit | undefined {
  const { operator, dataType, backend, cores } = column;
  return measured.fits.find(
    (fit) =>
      fit.operator === operator &&
      fit.dataType === dataType &&
      fit.backend === backend &&
      fit.cores === cores,
  );
}

function nameOf(columns: readonly MeasuredColumns[]): string {
  const [{ operator, dataType, backend }] = columns;
  const count = columns.reduce((sum, { medianS }) => sum + medianS.length, 0);
  return `${operator} ${dataType} on ${backend} (${count})`;
}

function surfaceAccuracy(
  device: Device,
  columns: readonly MeasuredColumns[],
  fit: SurfaceFit,
): SurfaceAccuracy {
  const { operator, dataType, backend, cores } = fit;
  const points = surfacePoints(columns);
  const surface = new Surface(operator, dataType, points, settingOf(device, device.measured!.units), fit);
  const all = points.shapes.map((_, index) => index);
  const alone = predictLeftOut(surface.kriging, all);
  const groups = wholeShapes(operator, points.shapes);
  const naive = operator === 'gemm' ? naiveErrors(device, dataType, points) : undefined;
  return {
    operator,
    dataType,
    backend,
    implementation: points.implementations[0],
    cores,
    isUsed: surfaceOf(device, operator, dataType, cores)?.backend === backend,
    leaveOneOut: errorStatistics(alone),
    ...(groups && { wholeShape: errorStatistics(predictLeftOut(surface.kriging, all, groups)) }),
    ...(naive && { naive: errorStatistics(naive) }),
    worst: worstOf(points, alone),
  };
}

function worstOf(
  { shapes, seconds }: SurfacePoints,
  predictions: readonly LeftOut[],
): SurfaceAccuracy['worst'] {
  const worst = predictions.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a));
  return { shape: shapes[worst.point], measuredS: seconds[worst.point], error: Math.expm1(worst.error) };
}

/** What one would say without measuring: shares of the datasheet's rates and a launch. */
function naiveErrors(
  { peakFlopPerS, memory }: Device,
  dataType: MeasuredDataType,
  { shapes, seconds }: SurfacePoints,
): { error: number }[] | undefined {
  const peak = peakFlopPerS[dataType as PeakDataType];
  if (!peak) return undefined;
  return shapes.map((shape, index) => {
    const { flops, bytes } = operatorWork('gemm', dataType, shape);
    const body = Math.max(flops / (0.75 * peak.value), bytes / (0.8 * memory.bandwidthBytesPerS.value));
    return { error: Math.log((3e-6 + body) / seconds[index]) };
  });
}
