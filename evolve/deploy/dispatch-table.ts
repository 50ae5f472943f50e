import { geometricMean } from '../../foundation/geometric-mean.ts';
import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { ProgramOperator } from '../../harness/device.ts';
import type { Language } from '../artifact.ts';
import type { Evaluation, ShapeTiming } from '../evaluation.ts';
import type { KernelTask, TaskShape } from '../kernel-task.ts';
import { shapeDistance } from './shape-distance.ts';

/** A kernel that was timed to the end, on held-out shapes, too. */
export interface Finalist {
  node: number;
  /** Hash of its artifact. */
  kernel: string;
  evaluation: Evaluation;
}

/** What runs for a shape. */
export interface DispatchRow {
  shape: Shape;
  /** What is special about the shape: `truncating`; rows of different kinds are never summed up together. */
  kind?: string | undefined;
  isHeldOut: boolean;
  /** `fallback`: the reference, where no kernel is surely faster. */
  use: 'kernel' | 'fallback';
  /** The kernel that is used, or that lost to the reference. */
  kernel: string;
  kernelS: number;
  referenceS: number;
  reference: string;
  /** referenceS / kernelS with its 95 % interval. */
  speedup: { mean: number; low: number; high: number };
  error: number;
  tolerance: number;
  /** Whether the kernel is slower than the reference in the mean: a regression if nothing fell back. */
  isRegression: boolean;
}

/** Kernels by shape for one operator on one device, with a fallback where they lose. */
export interface DispatchTable {
  task: string;
  operator: ProgramOperator;
  dataType: MeasuredDataType;
  language: Language;
  device: string;
  rows: DispatchRow[];
  /** Means over the rows of a kind, geometric: with the kernels everywhere, and with the fallback where they lose. */
  kinds: { kind: string; rows: number; kernels: number; speedup: number; deployed: number }[];
}

/**
 * The table of finalists. Search shapes take the kernel that is fastest there; a held-out shape, as any that comes later,
 * takes that of the nearest search shape of its kind, so that it tells what a shape that nobody tuned for gets. A kernel
 * is used where its interval lies above 1, else the reference is.
 * @param finalists correct on all shapes
 */
export function dispatchRows(task: KernelTask, finalists: readonly Finalist[]): DispatchRow[] {
  const search = task.search.flatMap((shape) => rowOf(shape, false, finalists));
  const heldOut = task.heldOut.flatMap((shape) => {
    const nearest = nearestRow(search, shape);
    const chosen = finalists.filter(({ kernel }) => kernel === nearest?.kernel);
    return rowOf(shape, true, chosen);
  });
  return [...search, ...heldOut];
}

/** The row whose shape is nearest, of the same kind where there is one. */
export function nearestRow<Row extends Pick<DispatchRow, 'shape' | 'kind'>>(
  rows: readonly Row[],
  { shape, kind }: TaskShape,
): Row | undefined {
  const sameKind = rows.filter((row) => row.kind === kind);
  const distances = (sameKind.length > 0 ? sameKind : rows).map((row) => ({
    row,
    distance: shapeDistance(row.shape, shape),
  }));
  return distances.sort((a, b) => a.distance - b.distance)[0]?.row;
}

/** Rows of a kind summed up; those without a kind are `all others` beside kinds, and `all` alone. */
export function kindsOf(rows: readonly DispatchRow[]): DispatchTable['kinds'] {
  const names = [...new Set(rows.map(({ kind }) => kind))];
  return names.map((name) => {
    const own = rows.filter(({ kind }) => kind === name);
    return {
      kind: name ?? (names.length > 1 ? 'all others' : 'all'),
      rows: own.length,
      kernels: own.filter(({ use }) => use === 'kernel').length,
      speedup: geometricMean(own.map(({ speedup }) => speedup.mean)),
      deployed: geometricMean(own.map((row) => deployedSpeedup(row).mean)),
    };
  });
}

/** What a row brings once it is deployed: 1 where the reference goes on to run. */
export function deployedSpeedup({
  use,
  speedup,
}: Pick<DispatchRow, 'use' | 'speedup'>): DispatchRow['speedup'] {
  return use === 'kernel' ? speedup : { mean: 1, low: 1, high: 1 };
}

function rowOf(
  { shape, kind }: TaskShape,
  isHeldOut: boolean,
  finalists: readonly Finalist[],
): DispatchRow[] {
  const timed = finalists.flatMap(({ kernel, evaluation }) => {
    const timing = evaluation.timings.find((each) => isSame(each.shape, shape));
    return timing ? [{ kernel, timing, reference: timing.reference ?? evaluation.reference }] : [];
  });
  if (timed.length === 0) return [];
  const best = timed.reduce((a, b) => (b.timing.speedup.mean > a.timing.speedup.mean ? b : a));
  return [{ shape, ...(kind !== undefined && { kind }), isHeldOut, ...judged(best) }];
}

function judged({ kernel, timing, reference }: { kernel: string; timing: ShapeTiming; reference: string }) {
  const { candidateS: kernelS, referenceS, speedup, error, tolerance } = timing;
  return {
    use: speedup.low > 1 ? ('kernel' as const) : ('fallback' as const),
    kernel,
    kernelS,
    referenceS,
    reference,
    speedup,
    error,
    tolerance,
    isRegression: speedup.mean < 1,
  };
}

function isSame(a: Shape, b: Shape): boolean {
  return Object.keys(b).every((axis) => a[axis] === b[axis]);
}
