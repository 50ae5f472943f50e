import type { Evidenced } from '../../foundation/evidence.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { roofsOf } from '../cost/roofs-of.ts';
import type { Surface } from '../cost/surface.ts';
import { surfaceOf } from '../cost/surfaces.ts';
import type { Coverage } from '../operators/coverage.ts';
import type { RooflineResult } from '../roofline-result.ts';
import { measuredSample } from './measured-sample.ts';

/** A device with the surfaces of its own that price operators. */
interface Used {
  device: Device;
  surfaces: Set<Surface>;
  calibratedLike?: string;
}

/**
 * What bounds the devices that run the operators, by name, and what was measured of the kinds that they run: on the
 * devices themselves, or on others that stand for them and are listed, too.
 */
export function rooflinesOf(
  arms: readonly ArmDeployment[],
  operators: readonly Pick<Coverage, 'device' | 'measuredAs'>[],
): Record<string, RooflineResult> {
  const devices = devicesOf(arms);
  const used = new Map<string, Used>();
  const use = (device: Device): Used => {
    const known = used.get(device.name) ?? { device, surfaces: new Set() };
    used.set(device.name, known);
    return known;
  };
  for (const operator of operators) {
    const device = devices.get(operator.device)!;
    const own = use(device);
    for (const { operator: name, dataType } of operator.measuredAs ?? []) {
      const { surface, isTransferred } = surfaceOf(device, name, dataType, coresOf(device))!;
      if (isTransferred) own.calibratedLike = device.calibratedLike!.name;
      use(isTransferred ? device.calibratedLike! : device).surfaces.add(surface);
    }
  }
  return Object.fromEntries([...used].map(([name, one]) => [name, rooflineOf(one)]));
}

function rooflineOf({ device, surfaces, calibratedLike }: Used): RooflineResult {
  const { unit, peakFlopPerS, memoryBytesPerS, cacheBytesPerS } = roofsOf(device);
  return {
    unit,
    peakFlopPerS: Object.fromEntries(
      Object.entries(peakFlopPerS).map(([type, peak]) => [type, figure(peak)]),
    ),
    memoryBytesPerS: figure(memoryBytesPerS),
    ...(cacheBytesPerS && { cacheBytesPerS: figure(cacheBytesPerS) }),
    ...(calibratedLike !== undefined && { calibratedLike }),
    ...(surfaces.size > 0 && { measured: [...surfaces].map(measuredSample) }),
  };
}

function devicesOf(arms: readonly ArmDeployment[]): Map<string, Device> {
  const hosts = arms.flatMap(({ main, sparse, preprocessing }) => [
    main.host,
    sparse.host,
    ...(preprocessing?.tier ? [preprocessing.tier.host] : []),
  ]);
  const all = hosts.flatMap(({ cpu, accelerators }) => [cpu, ...(accelerators ? [accelerators.device] : [])]);
  return new Map(all.map((device) => [device.name, device]));
}

/** Cores by which surfaces are told apart: operators run on one core of a CPU. */
function coresOf({ kind }: Device): number {
  return kind === 'cpu' ? 1 : 0;
}

function figure({ value, evidence, source }: Evidenced): Evidenced {
  return { value, evidence, source };
}
