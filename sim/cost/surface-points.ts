import type { MeasuredColumns } from '../../hardware-profiles/measurements.ts';
import { operatorAxes, type Shape } from '../../hardware-profiles/operators-measured.ts';
import { fastestRates, secondsByRates } from './rates.ts';
import { operatorWork } from './work.ts';

/** Points of one surface, each shape once. */
export interface SurfacePoints {
  shapes: Shape[];
  seconds: number[];
  spread: number[];
  /** Whose kernels made them; the first is the fastest on the whole. */
  implementations: string[];
}

/** Shapes that two implementations must share before they are compared on them. */
const enoughShared = 3;

/**
 * The points of one operator, data type, path and number of cores as one surface. A surface is that of the kernel
 * that is fastest on the whole, since shapes that only a slow one was measured on would bend it; where others were
 * measured on the same shape too, the fastest counts. Of a shape measured cold and warm the cold one counts.
 */
export function surfacePoints(columns: readonly MeasuredColumns[]): SurfacePoints {
  const byImplementation = new Map<string, Map<string, Point>>();
  for (const column of columns) addColumn(byImplementation, column);
  const ranked = rank(columns[0], byImplementation);
  const [main, ...others] = ranked.map((name) => byImplementation.get(name)!);
  const points = [...main].map(([key, point]) =>
    others.reduce((best, other) => {
      const rival = other.get(key);
      return rival && rival.seconds < best.seconds ? rival : best;
    }, point),
  );
  return {
    shapes: points.map(({ shape }) => shape),
    seconds: points.map(({ seconds }) => seconds),
    spread: points.map(({ spread }) => spread),
    implementations: ranked,
  };
}

interface Point {
  shape: Shape;
  seconds: number;
  spread: number;
  isCold: boolean;
}

function addColumn(byImplementation: Map<string, Map<string, Point>>, column: MeasuredColumns): void {
  const points = byImplementation.get(column.implementation) ?? new Map<string, Point>();
  byImplementation.set(column.implementation, points);
  const isCold = column.cache === 'cold';
  const axes = operatorAxes[column.operator];
  for (let i = 0; i < column.medianS.length; i++) {
    const shape = Object.fromEntries(
      axes.map((axis, offset) => [axis, column.shapes[i * axes.length + offset]]),
    );
    const key = shapeKey(axes, shape);
    if (points.get(key)?.isCold && !isCold) continue;
    points.set(key, { shape, seconds: column.medianS[i], spread: column.spread[i], isCold });
  }
}

/** A shape as text, for maps. */
export function shapeKey(axes: readonly string[], shape: Shape): string {
  let key = '';
  for (const axis of axes) key += `${shape[axis]} `;
  return key;
}

/** Implementations, fastest first. */
function rank(
  { operator, dataType }: MeasuredColumns,
  byImplementation: Map<string, Map<string, Point>>,
): string[] {
  const names = [...byImplementation.keys()].sort();
  if (names.length === 1) return names;
  const all = names.flatMap((name) => [...byImplementation.get(name)!.values()]);
  const works = all.map(({ shape }) => operatorWork(operator, dataType, shape));
  const rates = fastestRates(
    works,
    all.map(({ seconds }) => seconds),
  );
  /** How much slower than by the fastest rates, typically. */
  const slowness = (name: string) => {
    const ratios = [...byImplementation.get(name)!.values()].map(
      ({ shape, seconds }) => seconds / secondsByRates(operatorWork(operator, dataType, shape), rates),
    );
    return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)];
  };
  const compare = (a: string, b: string) =>
    sharedLogRatio(byImplementation.get(a)!, byImplementation.get(b)!) ?? Math.log(slowness(a) / slowness(b));
  // The one that no other beats; a plain sort would want an order that comparisons in pairs need not have.
  const best = names.reduce((winner, name) => (compare(name, winner) < 0 ? name : winner));
  return [best, ...names.filter((name) => name !== best)];
}

/** Mean log ratio of times on the shapes that both were measured on. */
function sharedLogRatio(a: Map<string, Point>, b: Map<string, Point>): number | undefined {
  const shared = [...a.keys()].filter((key) => b.has(key));
  if (shared.length < enoughShared) return undefined;
  const sum = shared.reduce((total, key) => total + Math.log(a.get(key)!.seconds / b.get(key)!.seconds), 0);
  return sum / shared.length;
}
