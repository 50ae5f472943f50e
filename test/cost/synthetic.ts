import type { Evidenced } from '../../foundation/evidence.ts';
import { RandomStream } from '../../foundation/random.ts';
import { loadHost } from '../../hardware-profiles/files.ts';
import { type Measurements, type SurfaceFit, toColumns } from '../../hardware-profiles/measurements.ts';
import type { MeasuredPoint, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Device, Host } from '../../hardware-profiles/profile.ts';
import { fingerprint } from '../../sim/fingerprint.ts';
import { pointOf } from '../hardware-profiles/measured-points.ts';

const known = (value: number): Evidenced => ({ value, evidence: 'datasheet', source: 'made up for a test' });

/** A GPU in round figures: 100 TFLOP/s fp16, 50 fp32, 1 TB/s, 100 multiprocessors. */
export function gpu(given: Partial<Device> = {}): Device {
  return {
    name: 'test-gpu',
    kind: 'gpu',
    vendor: 'test',
    description: 'round figures',
    peakFlopPerS: { fp32: known(5e13), fp16: known(1e14) },
    memory: { capacityBytes: known(1e11), bandwidthBytesPerS: known(1e12) },
    cacheBytes: known(5e7),
    launchOverheadS: known(4e-6),
    powerW: known(700),
    units: known(100),
    efficiency: { dense: known(0.6), stream: known(0.8), gather: known(0.6) },
    ...given,
  };
}

/** The catalogue's eight-GPU host with another device. */
export function hostWith(device: Device): Host {
  const host = loadHost('h100x8');
  return { ...host, accelerators: { ...host.accelerators!, device } };
}

export function measurementsOf(points: readonly MeasuredPoint[], fits: SurfaceFit[] = []): Measurements {
  const columns = toColumns(points);
  return {
    device: 'test-gpu',
    date: '2025-01-02',
    units: 100,
    points: points.length,
    hash: fingerprint([columns, fits]),
    columns,
    fits,
    failures: [],
  };
}

/** Points of a law of time, one for each shape. */
export function measure(
  of: Pick<MeasuredPoint, 'operator'> & Partial<MeasuredPoint>,
  shapes: readonly Shape[],
  law: (shape: Shape) => number,
): MeasuredPoint[] {
  return shapes.map((shape) => pointOf({ ...of, shape, medianS: law(shape) }));
}

/** Shapes drawn over ranges of their axes, whole numbers, uniform in the logarithm. */
export function drawShapes(count: number, ranges: Record<string, [low: number, high: number]>): Shape[] {
  const random = new RandomStream(7);
  return Array.from({ length: count }, () =>
    Object.fromEntries(
      Object.entries(ranges).map(([axis, [low, high]]) => [
        axis,
        Math.round(low * (high / low) ** random.uniform()),
      ]),
    ),
  );
}
