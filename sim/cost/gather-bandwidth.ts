import { type Evidence, weakest } from '../../foundation/evidence.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import { predict, surfaceOf } from './surfaces.ts';

/** Bytes of a row by which gathers are rated: a middling embedding row. */
const usualRowBytes = 128;

/** Bytes that a rating gathers. */
const usualBytes = 2 ** 28;

/** Bandwidth of rows at random places of a CPU's memory. */
export interface GatherBandwidth {
  /** What one core draws alone. */
  coreBytesPerS: number;
  /** What all cores of a socket draw together. */
  socketBytesPerS: number;
  evidence: Evidence;
}

/**
 * How fast a CPU gathers rows: measured with one core and with ever more of them busy, or the datasheet's bandwidth at
 * the profile's efficiency.
 */
export function gatherBandwidth(cpu: Device): GatherBandwidth {
  const { memory, efficiency, coreBandwidthBytesPerS: core, cores } = cpu;
  const found = surfaceOf(cpu, 'memory-gather', 'bytes', 1);
  if (!found || found.isTransferred) {
    const bandwidth = memory.bandwidthBytesPerS;
    return {
      coreBytesPerS: core?.value ?? bandwidth.value,
      socketBytesPerS: bandwidth.value * efficiency.gather.value,
      evidence: [bandwidth.evidence, efficiency.gather.evidence, core?.evidence ?? 'assumed'].reduce(weakest),
    };
  }
  const { surface } = found;
  const rowBytes = surface.clamp('rowBytes', usualRowBytes);
  const bytes = surface.clamp('bytes', usualBytes);
  const all = surface.clamp('busy', cores?.value ?? 1);
  const times = Array.from({ length: all }, (_, index) =>
    predict(found, { bytes, rowBytes, busy: index + 1 }),
  );
  return {
    coreBytesPerS: bytes / times[0].seconds,
    socketBytesPerS: bytes / Math.min(...times.map(({ seconds }) => seconds)),
    evidence: times[0].isMeasured && times[all - 1].isMeasured ? 'measured' : 'fitted',
  };
}
