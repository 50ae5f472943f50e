import type { Rates, SurfaceFit } from '../../hardware-profiles/measurements.ts';
import {
  type MeasuredDataType,
  type OperatorName,
  operatorAxes,
  type Shape,
} from '../../hardware-profiles/operators-measured.ts';
import { axisCoordinate, coordinateNames, coordinatesOf } from './coordinates.ts';
import { type KrigingModel, krige } from './kriging.ts';
import { fastestRates, type Law, lawOf } from './rates.ts';
import { type SurfacePoints, shapeKey } from './surface-points.ts';
import type { MemorySystem } from './work.ts';

/** Without a fit: efficiency changes over two doublings, and a twentieth of its variance is noise. */
const usualLengthScale = 2;
const usualNugget = 0.05;

/** Corrections that a surface remembers. */
const mostCorrections = 20_000;

/** What of a device a law needs beside rates. */
export interface LawSetting {
  /** Multiprocessors; 0 on a CPU. */
  units: number;
  memory: MemorySystem;
}

/** What neighbours say of an efficiency: the log of time over time by rates. */
export interface Correction {
  log: number;
  /** Standard deviation of its error. */
  error: number;
}

/**
 * The measured times of one operator and data type as a surface: time = time by rates × efficiency, where the log of
 * the efficiency is kriged between the points. Outside the box of measured shapes the efficiency at the nearest
 * shape inside is held, and the rates scale it.
 */
export class Surface {
  readonly rates: Rates;
  readonly law: Law;
  readonly operator: OperatorName;
  readonly dataType: MeasuredDataType;
  readonly points: SurfacePoints;
  private readonly axes: readonly string[];
  private readonly positions = new Map<string, number>();
  private readonly corrections = new Map<string, Correction>();
  /** Log efficiencies of the points, in their order. */
  readonly kriging: KrigingModel;
  private readonly lengthScales: number[];
  private readonly sigma: number;
  private readonly low: number[];
  private readonly high: number[];

  constructor(
    operator: OperatorName,
    dataType: MeasuredDataType,
    points: SurfacePoints,
    setting: LawSetting,
    fit?: Pick<SurfaceFit, 'rates' | 'waves' | 'lengthScales' | 'nugget' | 'sigma'>,
  ) {
    this.operator = operator;
    this.dataType = dataType;
    this.axes = operatorAxes[operator];
    this.points = points;
    const { shapes, seconds } = points;
    shapes.forEach((shape, index) => {
      this.positions.set(shapeKey(this.axes, shape), index);
    });
    this.law = lawFor(operator, dataType, setting, fit?.waves ?? false);
    const works = shapes.map((shape) => this.law.work(shape));
    this.rates = fit?.rates ?? fastestRates(works, seconds);
    const values = Float64Array.from(shapes, (shape, index) =>
      Math.log(seconds[index] / this.law.seconds(shape, works[index], this.rates)),
    );
    this.lengthScales = coordinateNames(operator).map((name) => fit?.lengthScales[name] ?? usualLengthScale);
    const places = shapes.map((shape) => coordinatesOf(operator, dataType, shape));
    this.kriging = {
      dimensions: this.lengthScales.length,
      places: Float64Array.from(places.flatMap((place) => this.scaled(place))),
      values,
      nugget: fit?.nugget ?? usualNugget,
    };
    this.sigma = fit?.sigma ?? deviation(values);
    this.low = this.axes.map((_, axis) => Math.min(...places.map((place) => place[axis])));
    this.high = this.axes.map((_, axis) => Math.max(...places.map((place) => place[axis])));
  }

  /** The time that was measured at exactly this shape, if one was. */
  measuredAt(shape: Shape): { seconds: number; logError: number } | undefined {
    const index = this.positions.get(shapeKey(this.axes, shape));
    if (index === undefined) return undefined;
    // An interquartile range is 1.35 standard deviations of normal repeats.
    return { seconds: this.points.seconds[index], logError: this.points.spread[index] / 1.35 };
  }

  /** The value of an axis that was measured nearest to one, by the ends of what was measured. */
  clamp(axis: string, value: number): number {
    const values = this.points.shapes.map((shape) => shape[axis]);
    return Math.min(Math.max(...values), Math.max(Math.min(...values), value));
  }

  /** What the nearest points say of the efficiency at a shape; remembered, since every replication asks again. */
  correction(shape: Shape): Correction {
    const key = shapeKey(this.axes, shape);
    let correction = this.corrections.get(key);
    if (!correction) {
      if (this.corrections.size >= mostCorrections) this.corrections.clear();
      correction = this.kriged(shape);
      this.corrections.set(key, correction);
    }
    return correction;
  }

  private kriged(shape: Shape): Correction {
    const place = coordinatesOf(this.operator, this.dataType, shape);
    let outside = 0;
    this.axes.forEach((axis, index) => {
      const at = axisCoordinate(axis, shape[axis]);
      const inside = Math.min(this.high[index], Math.max(this.low[index], at));
      outside += ((at - inside) / this.lengthScales[index]) ** 2;
      place[index] = inside;
    });
    const { value, variance } = krige(this.kriging, this.scaled(place))!;
    return { log: value, error: this.sigma * Math.sqrt(variance + outside) };
  }

  /** Coordinates in length scales. */
  private scaled(place: readonly number[]): number[] {
    return place.map((value, index) => value / this.lengthScales[index]);
  }
}

/** The law of an operator on a device. */
export function lawFor(
  operator: OperatorName,
  dataType: MeasuredDataType,
  { units, memory }: LawSetting,
  waves: boolean,
): Law {
  return lawOf(operator, dataType, { waves: waves ? units : 0, memory });
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return Math.min(0.5, Math.max(0.05, Math.sqrt(variance)));
}
