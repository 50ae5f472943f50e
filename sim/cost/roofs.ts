import { type Evidenced, weakest } from '../../foundation/evidence.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Device, Host, PeakDataType } from '../../hardware-profiles/profile.ts';

/** How much faster one core reads from the last-level cache than random rows from DRAM. Assumed. */
export const cacheSpeedUp = 8;

/** The rates that bound what a device can do, not scaled by any efficiency: the roofs of its roofline. */
export interface Roofs {
  /** What runs an operator: one physical core of a CPU, or a whole accelerator. */
  unit: 'core' | 'accelerator';
  peakFlopPerS: Partial<Record<PeakDataType, Evidenced>>;
  /** What an accelerator draws of its memory, or one core alone of rows at random places. */
  memoryBytesPerS: Evidenced;
  /** Of a core: what its dense operators read at, whose weights and activations stay in cache. */
  cacheBytesPerS?: Evidenced;
}

/** Roofs of one physical core: an equal share of its CPU's peak. @throws InputError for a profile that lacks them */
export function coreRoofs(cpu: Device): Roofs & Required<Pick<Roofs, 'cacheBytesPerS'>> {
  const { peakFlopPerS, cores, coreBandwidthBytesPerS } = cpu;
  if (!cores || !coreBandwidthBytesPerS) throw missingFigure(cpu, 'cores and core_bandwidth');
  const ofCore = ({ value, evidence, source }: Evidenced): Evidenced => ({
    value: value / cores.value,
    evidence: weakest(evidence, cores.evidence),
    source: `one of ${cores.value} cores of: ${source}`,
  });
  return {
    unit: 'core',
    peakFlopPerS: Object.fromEntries(
      Object.entries(peakFlopPerS).map(([type, peak]) => [type, ofCore(peak)]),
    ),
    memoryBytesPerS: coreBandwidthBytesPerS,
    cacheBytesPerS: {
      value: cacheSpeedUp * coreBandwidthBytesPerS.value,
      evidence: 'assumed',
      source: `${cacheSpeedUp} times as fast as random rows of memory`,
    },
  };
}

/** Roofs of a whole accelerator. */
export function acceleratorRoofs({ peakFlopPerS, memory }: Device): Roofs {
  return { unit: 'accelerator', peakFlopPerS, memoryBytesPerS: memory.bandwidthBytesPerS };
}

/** What an operator does, and where its bytes come from. */
export interface Moved {
  /** Arithmetic; of feature transforms the comparisons and integer steps. */
  flops: number;
  bytes: number;
  bytesFrom: 'memory' | 'cache' | 'host link' | 'peer link';
  /** Bytes read from cache beside those. */
  cachedBytes?: number;
}

/**
 * The least seconds that the roofs allow: max(FLOPs / peak, bytes / bandwidth). A type without a peak of its own
 * computes in fp32, and so do integer steps. What an accelerator reads from its cache counts as no time, since no rate
 * of that is known.
 */
export function speedOfLightS(
  { flops, bytes, bytesFrom, cachedBytes = 0 }: Moved,
  dataType: string,
  { peakFlopPerS, memoryBytesPerS, cacheBytesPerS }: Roofs,
  links?: Host['accelerators'],
): number {
  const peak = peakFlopPerS[dataType as PeakDataType] ?? peakFlopPerS.fp32;
  const bandwidth = {
    memory: memoryBytesPerS,
    cache: cacheBytesPerS,
    'host link': links?.hostLinkBytesPerS,
    'peer link': links?.peerLinkBytesPerS,
  }[bytesFrom];
  return Math.max(
    secondsAt(peak, flops),
    secondsAt(bandwidth, bytes) + secondsAt(cacheBytesPerS, cachedBytes),
  );
}

function secondsAt(rate: Evidenced | undefined, amount: number): number {
  return rate ? amount / rate.value : 0;
}

/** A figure that a device file lacks. */
export function missingFigure(device: Device, field: string): InputError {
  return new InputError(
    `device '${device.name}' has no ${field}: add it to the device file with its evidence, from a measurement or a datasheet`,
  );
}
