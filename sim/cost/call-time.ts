import { type Evidence, weakest } from '../../foundation/evidence.ts';
import {
  type MeasuredDataType,
  type OperatorName,
  operatorAxes,
  type Shape,
} from '../../hardware-profiles/operators-measured.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import type { CostErrors, OperatorTime } from './cost-errors.ts';
import type { OperatorCall } from './operator-calls.ts';
import type { Correction } from './surface.ts';
import { type DeviceSurface, secondsByDevice, surfaceOf, variationAt } from './surfaces.ts';

/** Types whose kernels differ by little, so that one stands for the other. */
const standIns: Partial<Record<MeasuredDataType, MeasuredDataType>> = { bf16: 'fp16', fp16: 'bf16' };

/** Standard deviation, in log time, of taking one type for the other. Assumed. */
const standInError = 0.05;

/** Efficiencies along a batch are kept at this many sizes a doubling and interpolated between them. */
const perDoubling = 8;

/** The axis along which batches differ where it is not the first. */
const batchAxes: Partial<Record<OperatorName, string>> = { 'all-to-all': 'bytes', 'all-reduce': 'bytes' };

/** Times of calls on one device for many batch sizes. */
export class CallTimes {
  private readonly device: Device;
  private readonly cores: number;
  private readonly errors: CostErrors;
  private readonly series = new Map<string, CallSeries | undefined>();

  /** @param cores CPU cores that take part; 0 on an accelerator */
  constructor(device: Device, cores: number, errors: CostErrors) {
    this.device = device;
    this.cores = cores;
    this.errors = errors;
  }

  /** The time of a call, or undefined where its operator was measured neither here nor on what stands for this device. */
  of(call: OperatorCall): OperatorTime | undefined {
    const { operator, dataType, shape } = call;
    const batch = batchAxes[operator] ?? operatorAxes[operator][0];
    let key = `${operator} ${dataType}`;
    for (const axis of operatorAxes[operator]) if (axis !== batch) key += ` ${shape[axis]}`;
    let series = this.series.get(key);
    if (!series && !this.series.has(key)) {
      const found = this.surface(operator, dataType);
      series = found && new CallSeries(found, batch, shape, this.errors);
      this.series.set(key, series);
    }
    return series?.at(shape[batch]);
  }

  /** The times of several calls one after the other, or undefined where one of them is not known. */
  ofAll(calls: readonly OperatorCall[]): OperatorTime | undefined {
    const times: OperatorTime[] = [];
    for (const call of calls) {
      const time = this.of(call);
      if (!time) return undefined;
      times.push(time);
    }
    return times.length > 0 ? addTimes(times) : undefined;
  }

  /** The surface of an operator, or that of a data type that stands for the one asked for. */
  surface(operator: OperatorName, dataType: MeasuredDataType): DeviceSurface | undefined {
    const own = surfaceOf(this.device, operator, dataType, this.cores);
    const standIn = standIns[dataType];
    if (own || standIn === undefined) return own;
    const other = surfaceOf(this.device, operator, standIn, this.cores);
    return other && { ...other, isTransferred: true, extraError: Math.hypot(other.extraError, standInError) };
  }
}

/**
 * Times of one operator as its batch grows. The law follows every size; the efficiency, which is smooth, is kriged at
 * some sizes and interpolated in log size between them. What was measured is given back as it was measured.
 */
class CallSeries {
  private readonly found: DeviceSurface;
  private readonly batch: string;
  private readonly shape: Shape;
  private readonly errors: CostErrors;
  private readonly corrections = new Map<number, Correction>();

  constructor(found: DeviceSurface, batch: string, shape: Shape, errors: CostErrors) {
    this.found = found;
    this.batch = batch;
    this.shape = shape;
    this.errors = errors;
  }

  at(size: number): OperatorTime {
    const { found } = this;
    const shape = { ...this.shape, [this.batch]: size };
    const exact = found.isTransferred ? undefined : found.surface.measuredAt(shape);
    if (exact) return this.withError(exact.seconds * variationAt(found, shape), 'measured', exact.logError);
    const { log, error } = this.correction(size);
    const seconds = secondsByDevice(found, shape) * Math.exp(log);
    const evidence = found.isTransferred ? 'transferred' : 'fitted';
    return this.withError(seconds, evidence, Math.hypot(error, found.extraError));
  }

  private withError(seconds: number, evidence: Evidence, logError: number): OperatorTime {
    return { seconds: seconds * this.errors(this.found.name, logError), evidence, logError };
  }

  private correction(size: number): Correction {
    const position = perDoubling * Math.log2(Math.max(size, 1e-6));
    const below = Math.floor(position);
    const a = this.keptCorrection(below);
    const share = position - below;
    if (share === 0) return a;
    const b = this.keptCorrection(below + 1);
    return { log: a.log + share * (b.log - a.log), error: a.error + share * (b.error - a.error) };
  }

  private keptCorrection(step: number): Correction {
    let kept = this.corrections.get(step);
    if (!kept) {
      kept = this.found.surface.correction({ ...this.shape, [this.batch]: 2 ** (step / perDoubling) });
      this.corrections.set(step, kept);
    }
    return kept;
  }
}

/** Times one after the other: they add up, the weakest evidence counts, errors weigh by time. */
export function addTimes(times: readonly OperatorTime[]): OperatorTime {
  const seconds = times.reduce((sum, time) => sum + time.seconds, 0);
  const weighed = times.reduce((sum, time) => sum + time.logError * time.seconds, 0);
  return {
    seconds,
    evidence: times.map(({ evidence }) => evidence).reduce(weakest),
    logError: seconds > 0 ? weighed / seconds : 0,
  };
}
