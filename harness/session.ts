import type { MeasuredPoint, Shape } from '../hardware-profiles/operators-measured.ts';
import type { ComputeDevice } from './device.ts';
import { type Failure, measureCase } from './measure.ts';
import { type Roughness, Sampler, type Target } from './sampler.ts';

/** A case that gave no time, and why. */
export interface FailedCase {
  target: Target;
  shape: Shape;
  failure: Failure;
}

export interface SessionOptions {
  /** Wall-clock seconds after which no case is begun. */
  budgetS: number;
  seed: number;
  /** Measured or failed earlier: not measured again, and known to the choice of the next case. */
  known: readonly MeasuredPoint[];
  failedBefore: readonly { target: Target; shape: Shape }[];
  /** Length scales and error of a surface from its points; undefined while there are too few. */
  roughnessOf(target: Target, points: readonly MeasuredPoint[]): Roughness | undefined;
  onPoint(point: MeasuredPoint): void;
  onFailure(failed: FailedCase): void;
  /** Called between cases: readings that do not belong into a timed region. */
  betweenCases(): Promise<void>;
  /** Asked before each case; true ends the session in good order. */
  isStopped(): boolean;
}

export interface SessionEnd {
  measured: number;
  failed: number;
  reason: 'everything measured' | 'budget spent' | 'stopped' | 'device lost';
}

/** Failures of one surface after which the rest of it is given up when nothing of it has ever worked. */
const hopeless = 4;

/**
 * Measures what the surfaces are least certain about, one case at a time, until the budget is spent. Every point is
 * handed on as soon as it is known, so that a killed run loses one case at most.
 */
export async function runSession(
  device: ComputeDevice,
  targets: readonly Target[],
  options: SessionOptions,
): Promise<SessionEnd> {
  const session = new Session(device, targets, options);
  return session.run();
}

class Session {
  private readonly device: ComputeDevice;
  private readonly options: SessionOptions;
  private readonly sampler: Sampler;
  private readonly points = new Map<Target, MeasuredPoint[]>();
  private readonly failures = new Map<Target, number>();
  private measured = 0;
  private failed = 0;

  constructor(device: ComputeDevice, targets: readonly Target[], options: SessionOptions) {
    this.device = device;
    this.options = options;
    this.sampler = new Sampler(targets);
    for (const target of targets) {
      const known = options.known.filter((point) => isOf(target, point, device.backend));
      this.points.set(target, known);
      for (const { shape } of known) this.sampler.done(target, shape, true);
      this.refine(target);
    }
    for (const { target, shape } of options.failedBefore) this.sampler.done(target, shape, false);
  }

  async run(): Promise<SessionEnd> {
    const started = performance.now();
    const spentS = () => (performance.now() - started) / 1000;
    for (let choice = this.sampler.next(); choice; choice = this.sampler.next()) {
      if (this.options.isStopped()) return this.end('stopped');
      if (spentS() >= this.options.budgetS) return this.end('budget spent');
      if (!(await this.measure(choice.target, choice.shape))) return this.end('device lost');
      await this.options.betweenCases();
    }
    return this.end('everything measured');
  }

  /** False when the device can do no more. */
  private async measure(target: Target, shape: Shape): Promise<boolean> {
    const { operator, dataType, implementation, cores } = target;
    const seed = (this.options.seed + Math.imul(this.measured + this.failed + 1, 0x9e3779b1)) >>> 0;
    const outcome = await measureCase(
      this.device,
      { operator, dataType, shape, implementation, cores },
      { seed },
    );
    if ('failure' in outcome) {
      this.failed++;
      this.options.onFailure({ target, shape, failure: outcome.failure });
      this.sampler.done(target, shape, false);
      this.giveUpIfHopeless(target);
      return outcome.failure.stage !== 'device lost';
    }
    this.measured++;
    this.options.onPoint(outcome.point);
    const points = this.points.get(target)!;
    points.push(outcome.point);
    this.sampler.done(target, shape, true);
    // Often enough that the choice follows what has been learnt, seldom enough to cost nothing beside measuring.
    if (points.length >= 12 && Math.log2(points.length / 12) % 0.5 < 0.06) this.refine(target);
    return true;
  }

  private refine(target: Target): void {
    const roughness = this.options.roughnessOf(target, this.points.get(target)!);
    if (roughness) this.sampler.refine(target, roughness);
  }

  private giveUpIfHopeless(target: Target): void {
    const count = (this.failures.get(target) ?? 0) + 1;
    this.failures.set(target, count);
    if (count < hopeless || this.points.get(target)!.length > 0) return;
    for (const shape of target.shapes) this.sampler.done(target, shape, false);
  }

  private end(reason: SessionEnd['reason']): SessionEnd {
    return { measured: this.measured, failed: this.failed, reason };
  }
}

/** Whether a point lies on a target's surface. */
export function isOf(target: Target, point: MeasuredPoint, backend: string): boolean {
  return (
    point.backend === backend &&
    point.operator === target.operator &&
    point.dataType === target.dataType &&
    point.implementation === target.implementation &&
    point.cores === target.cores
  );
}
