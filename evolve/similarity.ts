import type { Shape } from '../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../harness/device.ts';
import type { SearchSubject } from './expansion.ts';

/**
 * How much a kernel found for one subject is likely to be of use for another, from 0 to 1: a product of what their
 * shapes, devices and data types have in common. 0 for another operator or another language, from which nothing is taken.
 * Trellis reuses above 0.8; the factors are ours.
 */
export function similarity(a: SearchSubject, b: SearchSubject): number {
  if (a.task.operator !== b.task.operator || a.language !== b.language) return 0;
  if (a.task.problem?.key !== b.task.problem?.key) return 0;
  const sameType = a.dataType === b.dataType ? 1 : 0.85;
  const shapesOf = ({ task }: SearchSubject) => task.search.map(({ shape }) => shape);
  return sameType * deviceSimilarity(a.device, b.device) * shapesSimilarity(shapesOf(a), shapesOf(b));
}

function deviceSimilarity(a: DeviceDescription, b: DeviceDescription): number {
  if (a.name === b.name) return 1;
  if (a.kind !== b.kind) return 0;
  const { computeCapability } = a.details;
  const sameArchitecture =
    computeCapability !== undefined && computeCapability === b.details.computeCapability;
  return sameArchitecture ? 0.95 : 0.85;
}

/** Mean over the first's shapes of the nearest that the second has. */
function shapesSimilarity(a: readonly Shape[], b: readonly Shape[]): number {
  if (a.length === 0) return 0;
  const nearest = a.map((shape) => Math.max(0, ...b.map((other) => shapeSimilarity(shape, other))));
  return nearest.reduce((sum, value) => sum + value, 0) / a.length;
}

/** An axis that is ten times as long takes a fifth; 0 where they have other axes. */
function shapeSimilarity(a: Shape, b: Shape): number {
  const axes = Object.keys(a);
  if (axes.length !== Object.keys(b).length || !axes.every((axis) => Object.hasOwn(b, axis))) return 0;
  const apart = axes.reduce((sum, axis) => sum + Math.abs(Math.log1p(a[axis]) - Math.log1p(b[axis])), 0);
  return Math.exp((-0.1 * apart) / Math.max(1, axes.length));
}
