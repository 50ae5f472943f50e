import type { MeasuredDataType, MeasuredPoint, OperatorName } from './operators-measured.ts';
import { operatorAxes } from './operators-measured.ts';

/** Points of one operator and data type by one path and one kernel, in columns: plain data that travels between threads. */
export interface MeasuredColumns {
  operator: OperatorName;
  dataType: MeasuredDataType;
  backend: string;
  implementation: string;
  /** CPU cores that took part; 0 on an accelerator. */
  cores: number;
  cache: 'cold' | 'warm';
  /** Axes of each point, in the order of `operatorAxes`, point after point. */
  shapes: Float64Array;
  /** Seconds, and interquartile range over median, of each point. */
  medianS: Float64Array;
  spread: Float64Array;
}

/**
 * What a device reaches on one operator and data type when nothing but one thing limits it. They are fitted to
 * measurements, so that they already hold the efficiency: datasheet rates enter only where a device stands for another.
 */
export interface Rates {
  /** From the start of a launch to the start of the next when there is next to nothing to do. */
  latencyS: number;
  flopPerS: number;
  bytesPerS: number;
  /** From cache. */
  rereadBytesPerS: number;
  /** Seconds of one of the steps that follow each other. */
  stepS: number;
}

/** What was fitted to the points of one operator, data type and path; errors are in log time. */
export interface SurfaceFit {
  operator: OperatorName;
  dataType: MeasuredDataType;
  backend: string;
  cores: number;
  rates: Rates;
  /** Whether the rates are those of tiles dealt to multiprocessors in whole waves. */
  waves: boolean;
  /** Distance along each coordinate over which efficiency changes. */
  lengthScales: Readonly<Record<string, number>>;
  /** Share of the variance that neighbours say nothing about. */
  nugget: number;
  /** Standard deviation that kriging starts from, such that errors left out are as large as predicted. */
  sigma: number;
}

/** Shapes at which a kernel failed, in one way, when it was to be measured. */
export interface MeasuredFailure {
  operator: OperatorName;
  dataType: MeasuredDataType;
  implementation: string;
  /** `compile`, `wrong answer`, … */
  stage: string;
  shapes: number;
}

/** Everything measured on one device, by the latest date. */
export interface Measurements {
  /** Name of the device in the catalogue. */
  device: string;
  date: string;
  /** Multiprocessors, compute units or cores, as the driver reports them. */
  units: number;
  points: number;
  /** Of the files' text. */
  hash: string;
  columns: MeasuredColumns[];
  fits: SurfaceFit[];
  failures: MeasuredFailure[];
}

/** What a result keeps of measurements: enough to find them, and to tell others apart. */
export type MeasurementsSummary = Pick<Measurements, 'device' | 'date' | 'points' | 'hash'>;

function summaryOf({ device, date, points, hash }: Measurements): MeasurementsSummary {
  return { device, date, points, hash };
}

/** A profile with its measured points replaced by their summary, as results and lists show it. */
export function withoutPoints<Profile extends object>(profile: Profile): object {
  return Object.fromEntries(
    Object.entries(profile).map(([key, value]) => {
      if (key === 'measured') return [key, summaryOf(value)];
      if (key === 'calibratedLike') return [key, { name: value.name, measured: summaryOf(value.measured) }];
      if (key === 'cpu' || key === 'accelerators' || key === 'device') return [key, withoutPoints(value)];
      return [key, value];
    }),
  );
}

/** Sorts points into columns. Of a point measured twice the later one counts. */
export function toColumns(points: readonly MeasuredPoint[]): MeasuredColumns[] {
  const groups = new Map<string, Map<string, MeasuredPoint>>();
  for (const point of points) {
    const { operator, dataType, backend, implementation, cores, cache, shape } = point;
    const key = [operator, dataType, backend, implementation, cores, cache].join(' ');
    const group = groups.get(key) ?? new Map<string, MeasuredPoint>();
    groups.set(key, group);
    group.set(operatorAxes[operator].map((axis) => shape[axis]).join(' '), point);
  }
  return [...groups.values()].map((group) => columnsOf([...group.values()]));
}

function columnsOf(points: readonly MeasuredPoint[]): MeasuredColumns {
  const [{ operator, dataType, backend, implementation, cores, cache }] = points;
  const axes = operatorAxes[operator];
  return {
    operator,
    dataType,
    backend,
    implementation,
    cores,
    cache,
    shapes: Float64Array.from(points.flatMap(({ shape }) => axes.map((axis) => shape[axis]))),
    medianS: Float64Array.from(points, ({ medianS }) => medianS),
    spread: Float64Array.from(points, ({ spread }) => spread),
  };
}
