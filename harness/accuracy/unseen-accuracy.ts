import {
  locateMeasurements,
  measuredNames,
  readMeasurements,
} from '../../hardware-profiles/measurement-files.ts';
import { type MeasuredColumns, toColumns } from '../../hardware-profiles/measurements.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import { surfacePoints } from '../../sim/cost/surface-points.ts';
import { predict, surfaceOf } from '../../sim/cost/surfaces.ts';
import { surfaceGroups } from '../fit/fit.ts';
import { type ErrorStatistics, errorStatistics } from './error-statistics.ts';

/** How well a device's surfaces predict shapes that were drawn at random and measured apart. */
export interface UnseenAccuracy {
  operator: OperatorName;
  dataType: MeasuredDataType;
  errors: ErrorStatistics;
  /** Share of the points within one predicted standard deviation; 0.68 when that is right. */
  withinOneDeviation: number;
  worst: UnseenPoint;
}

/** One shape with its measured time and the error of its prediction, as a share of that time. */
export interface UnseenPoint {
  shape: Shape;
  measuredS: number;
  error: number;
}

/** Name of the measurements beside a device's own that no fit sees. */
const unseenName = (device: string) => `${device}-unseen`;

/**
 * What was measured apart on a device, below `hardware-profiles/measurements`, if anything was.
 * @throws InputError when its files are wrong
 */
export function unseenColumns({ measured }: Device): MeasuredColumns[] {
  const name = unseenName(measured!.device);
  return measuredNames().includes(name) ? toColumns(readMeasurements(locateMeasurements(name)).points) : [];
}

/**
 * Predicts points measured apart as simulations would, from a device's own surfaces.
 * @param device with measurements of its own
 * @param columns what was measured apart; shapes that the device's own measurements hold too are passed over, and
 *   paths that its simulations do not use
 */
export function unseenAccuracy(device: Device, columns: readonly MeasuredColumns[]): UnseenAccuracy[] {
  return surfaceGroups(columns).flatMap((group) => {
    const [{ operator, dataType, backend, cores }] = group;
    const found = surfaceOf(device, operator, dataType, cores);
    if (!found || found.isTransferred || found.backend !== backend) return [];
    const { shapes, seconds } = surfacePoints(group);
    const points = shapes.flatMap((shape, index) => {
      const { seconds: predictedS, logError, isMeasured } = predict(found, shape);
      const error = Math.log(predictedS / seconds[index]);
      return isMeasured ? [] : [{ shape, measuredS: seconds[index], error, logError }];
    });
    if (points.length === 0) return [];
    const inside = points.filter(({ error, logError }) => Math.abs(error) <= logError);
    const { shape, measuredS, error } = points.reduce((a, b) =>
      Math.abs(Math.expm1(b.error)) > Math.abs(Math.expm1(a.error)) ? b : a,
    );
    return [
      {
        operator,
        dataType,
        errors: errorStatistics(points),
        withinOneDeviation: inside.length / points.length,
        worst: { shape, measuredS, error: Math.expm1(error) },
      },
    ];
  });
}
