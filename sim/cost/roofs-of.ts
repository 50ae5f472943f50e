import type { Evidenced } from '../../foundation/evidence.ts';
import type { MeasuredColumns, Measurements } from '../../hardware-profiles/measurements.ts';
import { operatorAxes, type Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Device, PeakDataType } from '../../hardware-profiles/profile.ts';
import { acceleratorRoofs, coreRoofs, type Roofs } from './roofs.ts';
import { needsArithmetic } from './surfaces.ts';
import { operatorWork } from './work.ts';

/**
 * The roofs of what runs operators on a device. One core alone clocks higher and has caches for itself: where it was
 * measured beyond its share of what all cores reach, the best that was measured of it is its roof.
 */
export function roofsOf(device: Device): Roofs {
  if (device.kind !== 'cpu') return acceleratorRoofs(device);
  const roofs = coreRoofs(device);
  if (!device.measured) return roofs;
  const { flopPerS, gatheredBytesPerS } = bestOfOneCore(device.measured);
  const peaks = { ...roofs.peakFlopPerS };
  for (const [type, best] of flopPerS) peaks[type] = higher(peaks[type], best);
  return {
    ...roofs,
    peakFlopPerS: peaks,
    memoryBytesPerS: higher(roofs.memoryBytesPerS, gatheredBytesPerS),
  };
}

function higher(stated: Evidenced | undefined, best: number): Evidenced {
  if (stated && stated.value >= best) return stated;
  return { value: best, evidence: 'measured', source: 'best that the harness measured of one core' };
}

/** What one core reached at best. */
interface Best {
  /** Of matrix products, by data type. */
  flopPerS: ReadonlyMap<PeakDataType, number>;
  gatheredBytesPerS: number;
}

const known = new WeakMap<Measurements, Best>();

function bestOfOneCore(measured: Measurements): Best {
  let best = known.get(measured);
  if (!best) {
    best = findBest(measured.columns.filter(({ cores }) => cores === 1));
    known.set(measured, best);
  }
  return best;
}

function findBest(columns: readonly MeasuredColumns[]): Best {
  const flopPerS = new Map<PeakDataType, number>();
  let gatheredBytesPerS = 0;
  for (const { operator, dataType, shapes, medianS } of columns) {
    const axes = operatorAxes[operator];
    medianS.forEach((seconds, index) => {
      const shape: Shape = Object.fromEntries(
        axes.map((axis, offset) => [axis, shapes[index * axes.length + offset]]),
      );
      const { flops, bytes } = operatorWork(operator, dataType, shape);
      const type = dataType as PeakDataType;
      if (needsArithmetic.includes(operator))
        flopPerS.set(type, Math.max(flopPerS.get(type) ?? 0, flops / seconds));
      if (operator === 'memory-gather' && shape.busy === 1) {
        gatheredBytesPerS = Math.max(gatheredBytesPerS, bytes / seconds);
      }
    });
  }
  return { flopPerS, gatheredBytesPerS };
}
