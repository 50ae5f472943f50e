import type { MeasuredDataType, OperatorName } from '../../hardware-profiles/operators-measured.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import { surfacePoints } from '../../sim/cost/surface-points.ts';
import { onLinks, predict, surfaceOf } from '../../sim/cost/surfaces.ts';
import { surfaceGroups } from '../fit/fit.ts';
import { type ErrorStatistics, errorStatistics } from './error-statistics.ts';

/** How well one device's efficiency and another's datasheet predict the other's measured times. */
export interface TransferAccuracy {
  from: string;
  to: string;
  operator: OperatorName;
  dataType: MeasuredDataType;
  errors: ErrorStatistics;
}

/**
 * Predicts what was measured on each device from every other one of its kind, as if it had not been measured.
 * Links are left out: datasheets of devices say nothing of them.
 */
export function transferAccuracy(devices: readonly Device[]): TransferAccuracy[] {
  return devices.flatMap((from) =>
    devices
      .filter((to) => to !== from && to.kind === from.kind && to.kind !== 'cpu')
      .flatMap((to) => transfersBetween(from, to)),
  );
}

function transfersBetween(from: Device, to: Device): TransferAccuracy[] {
  const { measured, ...datasheet } = to;
  const unmeasured: Device = { ...datasheet, calibratedLike: from };
  return surfaceGroups(measured!.columns).flatMap((columns) => {
    const [{ operator, dataType, backend, cores }] = columns;
    const found = surfaceOf(unmeasured, operator, dataType, cores);
    const isSame =
      surfaceOf(to, operator, dataType, cores)?.backend === backend && found?.backend === backend;
    if (!found || !isSame || onLinks.includes(operator)) return [];
    const { shapes, seconds } = surfacePoints(columns);
    const errors = shapes.map((shape, index) => ({
      error: Math.log(predict(found, shape).seconds / seconds[index]),
    }));
    return [{ from: from.name, to: to.name, operator, dataType, errors: errorStatistics(errors) }];
  });
}
