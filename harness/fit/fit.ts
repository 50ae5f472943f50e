import type { Evidenced } from '../../foundation/evidence.ts';
import { catalogueNames, loadDevice } from '../../hardware-profiles/files.ts';
import { type MeasuredColumns, toColumns } from '../../hardware-profiles/measurements.ts';
import type { FitRecord } from '../../hardware-profiles/measurements-schema.ts';
import type { MeasuredPoint } from '../../hardware-profiles/operators-measured.ts';
import type { LawSetting } from '../../sim/cost/surface.ts';
import { surfacePoints } from '../../sim/cost/surface-points.ts';
import { settingOf } from '../../sim/cost/surfaces.ts';
import { errorStatistics } from '../accuracy/error-statistics.ts';
import type { DeviceDescription } from '../device.ts';
import type { Roughness, Target } from '../sampler.ts';
import { fitSurface } from './fit-surface.ts';

/** What a device says of itself, as far as its laws need it. */
export type DescribedDevice = Pick<DeviceDescription, 'kind' | 'units' | 'cacheBytes'>;

/** Fewest points that say something of how a surface varies. */
const fewestPoints = 8;

/** Without waves and with a usual cache: what they explain is rough to a sampler that does not know them. */
const unknownSetting: LawSetting = { units: 0, memory: { unitBytes: 32, cacheBytes: 50e6 } };

/** Most points that a surface in the making is fitted to, so that choosing costs little beside measuring. */
const mostForRoughness = 100;
const mostEvaluated = 40;

/**
 * Fits every surface of a device that has enough points: by operator, data type, path and number of cores.
 * @param device name in the catalogue; one that is not there yet is known by what it says of itself
 */
export function fitMeasurements(
  points: readonly MeasuredPoint[],
  device: string,
  about: DescribedDevice,
): FitRecord[] {
  const setting = settingFor(device, about);
  return surfaceGroups(toColumns(points)).flatMap((columns) => {
    const record = fitRecord(columns, setting);
    return record ? [record] : [];
  });
}

/** What of a device the laws of its operators need. */
export function settingFor(device: string, about: DescribedDevice): LawSetting {
  if (!catalogueNames('devices').includes(device)) {
    const cacheBytes: Evidenced = {
      value: about.cacheBytes,
      evidence: 'measured',
      source: 'reported by the device',
    };
    return settingOf({ kind: about.kind, cacheBytes }, about.units);
  }
  return settingOf(loadDevice(device), about.units);
}

/** Columns by the surface that they belong to, in the order in which they come. */
export function surfaceGroups(columns: readonly MeasuredColumns[]): MeasuredColumns[][] {
  const groups = new Map<string, MeasuredColumns[]>();
  for (const column of columns) {
    const key = [column.operator, column.dataType, column.backend, column.cores].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), column]);
  }
  return [...groups.values()];
}

function fitRecord(columns: readonly MeasuredColumns[], setting: LawSetting): FitRecord | undefined {
  const [{ operator, dataType, backend, cores }] = columns;
  const points = surfacePoints(columns);
  if (points.shapes.length < fewestPoints) return undefined;
  const fitted = fitSurface(operator, dataType, points, setting);
  const { rates, waves, lengthScales, nugget, sigma, leaveOneOut, wholeShape } = fitted;
  return {
    operator,
    data_type: dataType,
    backend: backend as FitRecord['backend'],
    implementations: points.implementations,
    cores,
    rates: rounded({
      latency_s: rates.latencyS,
      flop_per_s: rates.flopPerS,
      bytes_per_s: rates.bytesPerS,
      reread_bytes_per_s: rates.rereadBytesPerS,
      step_s: rates.stepS,
    }),
    waves,
    length_scales: rounded(lengthScales),
    ...rounded({ nugget, sigma }),
    leave_one_out: rounded(errorStatistics(leaveOneOut)),
    ...(wholeShape && { whole_shape: rounded(errorStatistics(wholeShape)) }),
  };
}

/** Four digits are enough for a file that people read. */
function rounded<Figures extends object>(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number((value as number).toPrecision(4))]),
  ) as Figures;
}

/**
 * How a surface in the making varies, for the choice of what to measure next.
 * @returns undefined while there are too few points
 */
export function roughnessOf(target: Target, points: readonly MeasuredPoint[]): Roughness | undefined {
  if (points.length < fewestPoints) return undefined;
  const stride = Math.ceil(points.length / mostForRoughness);
  const some = points.filter((_, index) => index % stride === 0);
  const surface = surfacePoints(toColumns(some));
  if (surface.shapes.length < fewestPoints) return undefined;
  const { operator, dataType, axes } = target;
  const fitted = fitSurface(operator, dataType, surface, unknownSetting, mostEvaluated);
  return {
    lengthScales: axes.map((axis) => fitted.lengthScales[axis]),
    error: errorStatistics(fitted.leaveOneOut).mean,
  };
}
