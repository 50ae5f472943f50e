import type { MeasuredDataType, OperatorName, Shape } from '../hardware-profiles/operators-measured.ts';
import { coordinatesOf } from '../sim/cost/coordinates.ts';

/** One surface to be measured: an operator in a data type, by one implementation. */
export interface Target {
  operator: OperatorName;
  dataType: MeasuredDataType;
  implementation: string;
  /** CPU cores that take part; 0 on an accelerator. */
  cores: number;
  /** Coordinates in which its efficiency is smooth (the axes, and what else decides), and the shapes to choose from. */
  axes: readonly string[];
  shapes: readonly Shape[];
  /** How much its error matters beside that of others; 1 is usual. */
  weight: number;
}

/** How a surface varies, from a fit to what has been measured of it. */
export interface Roughness {
  /** Distance (in log2 of each axis) over which efficiency stays alike. */
  lengthScales: readonly number[];
  /** Typical relative error of a prediction from its neighbours. */
  error: number;
}

/** Points that a surface gets before others get more. */
const firstPoints = 4;

export interface Choice {
  target: Target;
  shape: Shape;
}

/** Before anything is known: efficiency changes over two octaves, and predictions are off by half. */
const unknownScale = 2;
const unknownError = 0.5;

/**
 * Chooses what to measure next: the shape whose prediction is least certain, that is the one furthest from
 * everything measured of its surface, in that surface's own length scales, weighted by how rough the surface has
 * proved to be. Distances near one length scale are as uncertain as any; so the choice spreads first over all
 * surfaces, then goes where neighbours predict each other badly.
 */
export class Sampler {
  private readonly surfaces: Surface[];

  constructor(targets: readonly Target[]) {
    this.surfaces = targets.filter(({ shapes }) => shapes.length > 0).map((target) => new Surface(target));
  }

  /** The next case, or undefined when nothing is left that would teach anything. */
  next(): Choice | undefined {
    let best: Surface | undefined;
    for (const surface of this.surfaces) {
      if (surface.gain > 0 && (!best || surface.gain > best.gain)) best = surface;
    }
    return best && { target: best.target, shape: best.target.shapes[best.candidate] };
  }

  /** Takes a shape off the list: it has been measured (`isKnown`), or it has failed and teaches nothing about others. */
  done(target: Target, shape: Shape, isKnown: boolean): void {
    this.surfaces.find((surface) => surface.target === target)?.done(shape, isKnown);
  }

  /** Measures distances anew with what a fit has found. */
  refine(target: Target, roughness: Roughness): void {
    this.surfaces.find((surface) => surface.target === target)?.refine(roughness);
  }
}

class Surface {
  readonly target: Target;
  /** Most uncertain shape that is left, and what measuring it is worth; 0 when none is left. */
  candidate = 0;
  gain = 0;
  private readonly places: number[][];
  private readonly distances: Float64Array;
  private readonly isOpen: Uint8Array;
  private readonly known: number[][] = [];
  private roughness: Roughness;

  constructor(target: Target) {
    this.target = target;
    this.places = target.shapes.map((shape) => placeOf(target, shape));
    this.distances = new Float64Array(target.shapes.length).fill(Number.POSITIVE_INFINITY);
    this.isOpen = new Uint8Array(target.shapes.length).fill(1);
    this.roughness = { lengthScales: target.axes.map(() => unknownScale), error: unknownError };
    this.choose();
  }

  done(shape: Shape, isKnown: boolean): void {
    const place = placeOf(this.target, shape);
    const index = this.places.findIndex((other) => other.every((value, axis) => value === place[axis]));
    if (index >= 0) this.isOpen[index] = 0;
    if (isKnown) {
      this.known.push(place);
      this.shorten(place);
    }
    this.choose();
  }

  refine(roughness: Roughness): void {
    this.roughness = roughness;
    this.distances.fill(Number.POSITIVE_INFINITY);
    for (const place of this.known) this.shorten(place);
    this.choose();
  }

  private shorten(place: number[]): void {
    const { places, distances } = this;
    for (let i = 0; i < places.length; i++) {
      if (this.isOpen[i] === 1) distances[i] = Math.min(distances[i], this.distance(places[i], place));
    }
  }

  private distance(a: number[], b: number[]): number {
    const { lengthScales } = this.roughness;
    return Math.sqrt(a.reduce((sum, value, axis) => sum + ((value - b[axis]) / lengthScales[axis]) ** 2, 0));
  }

  private choose(): void {
    const { distances, isOpen, target, roughness } = this;
    // Nothing measured yet: start in the middle, where most predictions will be made.
    const start = Math.floor(distances.length / 2);
    let best = -1;
    for (let i = 0; i < distances.length; i++) {
      if (isOpen[i] === 1 && (best < 0 || distances[i] > distances[best])) best = i;
    }
    if (best >= 0 && this.known.length === 0 && isOpen[start] === 1) best = start;
    this.candidate = Math.max(best, 0);
    // Uncertainty saturates with distance, as the variance of a prediction does. Every surface gets its first points
    // before any gets many.
    const first = this.known.length < firstPoints ? Number.MAX_SAFE_INTEGER : 0;
    const uncertainty = roughness.error * -Math.expm1(-distances[best]);
    this.gain = best < 0 ? 0 : first + target.weight * uncertainty;
  }
}

/** Where a shape lies among the others of its surface. */
function placeOf({ operator, dataType }: Target, shape: Shape): number[] {
  return coordinatesOf(operator, dataType, shape);
}
