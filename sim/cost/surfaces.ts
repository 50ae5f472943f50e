import type { MeasuredColumns, Measurements, Rates } from '../../hardware-profiles/measurements.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Device, PeakDataType } from '../../hardware-profiles/profile.ts';
import type { Law } from './rates.ts';
import { type LawSetting, lawFor, Surface } from './surface.ts';
import { surfacePoints } from './surface-points.ts';

/** Paths in the order in which their kernels stand for a device: its own libraries, a framework, a portable one. */
const backendsByRank: readonly (readonly string[])[] = [['cuda', 'hip', 'cpu'], ['python'], ['webgpu']];

/** Standard deviation, in log time, of an efficiency that is carried from one device to another. Assumed. */
const transferError = 0.1;

/** Bytes in which memory is read: a GPU's sector, a CPU's cache line. */
const gpuSectorBytes = 32;
const cpuLineBytes = 64;

/** Operators on a link: the datasheets of the devices at its ends say nothing of it. */
export const onLinks: readonly OperatorName[] = [
  'copy-to-device',
  'copy-from-device',
  'all-to-all',
  'all-reduce',
];

/** A surface as one device uses it. */
export interface DeviceSurface {
  /** `h200-sxm gemm fp16`: errors of the cost model are drawn by this name. */
  name: string;
  surface: Surface;
  /** Path by which it was measured. */
  backend: string;
  /** Law and rates of the device itself; the surface's own are those of the device that was measured. */
  law: Law;
  rates: Rates;
  isTransferred: boolean;
  /** Added to the error of a prediction. */
  extraError: number;
}

/** Operators that matrix units compute: a device without them for a type cannot run them in it. */
export const needsArithmetic: readonly OperatorName[] = [
  'gemm',
  'cross-low-rank',
  'attention',
  'attention-jagged',
  'optimised-fm',
  'pffn',
  'conv1d',
];

const known = new WeakMap<Device, Map<string, DeviceSurface | undefined>>();

/** A surface and what of its fit does not show in it. */
interface BuiltSurface {
  surface: Surface;
  backend: string;
  waves: boolean;
}

/**
 * Surfaces by what they are made from. A plan that is sent to a thread arrives as new objects each time; what was
 * built and kriged for the one before serves again.
 */
const built = new Map<string, BuiltSurface | undefined>();

/** More surfaces than a simulation uses. */
const mostBuilt = 1000;

/**
 * The surface of an operator on a device: its own measurements, or those of the device that it is calibrated like.
 * @param cores CPU cores that take part; 0 on an accelerator
 */
export function surfaceOf(
  device: Device,
  operator: OperatorName,
  dataType: MeasuredDataType,
  cores: number,
): DeviceSurface | undefined {
  const surfaces = known.get(device) ?? new Map<string, DeviceSurface | undefined>();
  known.set(device, surfaces);
  const key = `${operator} ${dataType} ${cores}`;
  if (!surfaces.has(key)) surfaces.set(key, build(device, operator, dataType, cores));
  return surfaces.get(key);
}

function build(
  device: Device,
  operator: OperatorName,
  dataType: MeasuredDataType,
  cores: number,
): DeviceSurface | undefined {
  const name = `${device.name} ${operator} ${dataType}`;
  const real = device.variationOf ?? device;
  const own = device.measured && surfaceFrom(device.measured, real, operator, dataType, cores);
  if (own) {
    const { surface, backend } = own;
    const { law, rates } =
      real === device || onLinks.includes(operator)
        ? surface
        : {
            law: lawFor(operator, dataType, settingOf(device, device.measured!.units), own.waves),
            rates: variedRates(surface.rates, dataType, cores, { from: real, to: device }),
          };
    return { name, surface, backend, law, rates, isTransferred: false, extraError: 0 };
  }
  const { calibratedLike: origin } = device;
  if (needsArithmetic.includes(operator) && device.kind !== 'cpu' && !hasPeak(device, dataType))
    return undefined;
  const other = origin?.measured && surfaceFrom(origin.measured, origin, operator, dataType, cores);
  if (!other || !origin) return undefined;
  return {
    name,
    surface: other.surface,
    backend: other.backend,
    law: lawFor(operator, dataType, settingOf(device, origin.measured!.units), other.waves),
    rates: onLinks.includes(operator)
      ? other.surface.rates
      : withLaunchOf(
          device,
          transferredRates(other.surface.rates, dataType, cores, { from: origin, to: device }),
        ),
    isTransferred: true,
    extraError: transferError,
  };
}

function surfaceFrom(
  measured: Measurements,
  device: Device,
  operator: OperatorName,
  dataType: MeasuredDataType,
  cores: number,
): BuiltSurface | undefined {
  const setting = settingOf(device, measured.units);
  const { units, memory } = setting;
  const madeFrom = [measured.hash, operator, dataType, cores, units, memory.unitBytes, memory.cacheBytes];
  const key = madeFrom.join(' ');
  if (!built.has(key)) {
    if (built.size >= mostBuilt) built.clear();
    built.set(key, buildFrom(measured, setting, operator, dataType, cores));
  }
  return built.get(key);
}

function buildFrom(
  { columns: all, fits }: Measurements,
  setting: LawSetting,
  operator: OperatorName,
  dataType: MeasuredDataType,
  cores: number,
): BuiltSurface | undefined {
  const isMeant = (part: { operator: OperatorName; dataType: MeasuredDataType; cores: number }) =>
    part.operator === operator && part.dataType === dataType && part.cores === cores;
  const columns = bestPath(all.filter(isMeant));
  if (columns.length === 0) return undefined;
  const [{ backend }] = columns;
  const fit = fits.find((candidate) => isMeant(candidate) && candidate.backend === backend);
  const surface = new Surface(operator, dataType, surfacePoints(columns), setting, fit);
  return { surface, backend, waves: fit?.waves ?? false };
}

/** The columns of the first path that has any. */
function bestPath(columns: readonly MeasuredColumns[]): MeasuredColumns[] {
  for (const backends of backendsByRank) {
    const own = columns.filter(({ backend }) => backends.includes(backend));
    if (own.length > 0) return own.filter(({ backend }) => backend === own[0].backend);
  }
  return [];
}

/** What of a device its laws need. */
export function settingOf(
  { kind, units, cacheBytes }: Pick<Device, 'kind' | 'units' | 'cacheBytes'>,
  reportedUnits: number,
): LawSetting {
  const memory = { unitBytes: kind === 'cpu' ? cpuLineBytes : gpuSectorBytes, cacheBytes: cacheBytes.value };
  return { units: kind === 'cpu' ? 0 : (units?.value ?? reportedUnits), memory };
}

/**
 * Rates of a device that was not measured: those of another with the same efficiency, scaled by the datasheets of
 * both. Caches scale as arithmetic does, with units and clock; latencies are held.
 * @param cores as in `surfaceOf`; one core has its share of a CPU's peak, and what it can draw of the bandwidth
 */
export function transferredRates(
  rates: Rates,
  dataType: MeasuredDataType,
  cores: number,
  { from, to }: { from: Device; to: Device },
): Rates {
  const bandwidth = bandwidthOf(to, cores) / bandwidthOf(from, cores);
  const arithmetic = (type: MeasuredDataType) => {
    // What both have arithmetic for; all have fp32.
    const common = hasPeak(from, type) && hasPeak(to, type) ? type : 'fp32';
    const [before, after] = [peakOf(from, common, cores), peakOf(to, common, cores)];
    return before && after ? after / before : bandwidth;
  };
  return {
    latencyS: rates.latencyS,
    flopPerS: rates.flopPerS * arithmetic(dataType),
    bytesPerS: rates.bytesPerS * bandwidth,
    rereadBytesPerS: rates.rereadBytesPerS * arithmetic('fp32'),
    stepS: rates.stepS,
  };
}

/** Rates of a variation of the device that was measured: unlike those of another device, launches may differ, too. */
function variedRates(...[rates, dataType, cores, devices]: Parameters<typeof transferredRates>): Rates {
  return withLaunchOf(devices.to, transferredRates(rates, dataType, cores, devices));
}

function withLaunchOf({ launchOverheadS, variationOf }: Device, rates: Rates): Rates {
  if (!variationOf || variationOf.launchOverheadS.value === 0) return rates;
  return { ...rates, latencyS: (rates.latencyS * launchOverheadS.value) / variationOf.launchOverheadS.value };
}

/** How much longer than on the device that was measured a measured shape takes: 1 but on a variation of it. */
export function variationAt(found: DeviceSurface, shape: Shape): number {
  const { law, rates, surface } = found;
  if (rates === surface.rates && law === surface.law) return 1;
  return secondsByDevice(found, shape) / surface.law.seconds(shape, surface.law.work(shape), surface.rates);
}

function bandwidthOf({ memory, coreBandwidthBytesPerS }: Device, cores: number): number {
  return (cores === 1 ? coreBandwidthBytesPerS : undefined)?.value ?? memory.bandwidthBytesPerS.value;
}

function hasPeak({ peakFlopPerS }: Device, type: MeasuredDataType): boolean {
  return peakFlopPerS[type as PeakDataType] !== undefined;
}

function peakOf({ peakFlopPerS, cores: all }: Device, type: MeasuredDataType, cores: number) {
  const peak = peakFlopPerS[type as PeakDataType]?.value;
  return peak !== undefined && cores === 1 && all ? peak / all.value : peak;
}

/** Seconds of a shape by rates alone. */
export function secondsByDevice({ law, rates }: DeviceSurface, shape: Shape): number {
  return law.seconds(shape, law.work(shape), rates);
}

/** A prediction by a surface: the measured time itself at a measured shape, else kriged. */
export function predict(
  found: DeviceSurface,
  shape: Shape,
): { seconds: number; logError: number; isMeasured: boolean } {
  const { surface, isTransferred, extraError } = found;
  const exact = isTransferred ? undefined : surface.measuredAt(shape);
  if (exact) return { ...exact, seconds: exact.seconds * variationAt(found, shape), isMeasured: true };
  const { log, error } = surface.correction(shape);
  const seconds = secondsByDevice(found, shape) * Math.exp(log);
  return { seconds, logError: Math.hypot(error, extraError), isMeasured: false };
}
