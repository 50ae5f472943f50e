import { type Evidence, weakest } from '../../foundation/evidence.ts';
import { geometricMean } from '../../foundation/geometric-mean.ts';
import { deviceName } from '../../harness/device-names.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { operatorWork } from '../../sim/cost/work.ts';
import { type KernelGap, kernelGapsOf } from '../../sim/kernel-gaps.ts';
import type { Coverage } from '../../sim/operators/coverage.ts';
import { coverageOf } from '../../sim/operators/coverage-of.ts';
import { devicesNeeded, modelSpeedup } from './amdahl.ts';
import type { Deployment } from './deployment.ts';
import { type DispatchRow, deployedSpeedup } from './dispatch-table.ts';
import { isReplaced, kernelNameOf } from './replaced-operator.ts';
import { axesApart, shapeDistance } from './shape-distance.ts';

/** A mean with what it may be at worst and at best. */
export interface Range {
  mean: number;
  low: number;
  high: number;
}

/** An operator of the model that the dispatch table takes over. */
export interface ReplacedOperator {
  name: string;
  shape: string;
  seconds: number;
  /** Of the operator time of its device. */
  share: number;
  row: DispatchRow;
  speedup: Range;
  /** Standard deviation of the error of its time, in log time; 0 where nothing is known of it. */
  logError: number;
  /** What the row that stands for it was found by: the axes of the operator, or its work where the model does not tell them. */
  matchedBy: 'axes' | 'work';
  /** The largest ratio between the operator and that row: of an axis, or of FLOPs or bytes. */
  apart: number;
  evidence: Evidence;
}

/** What a kernel brings an arm of a scenario. */
export interface AppliedArm {
  arm: string;
  device: string;
  /** Devices of the arm, or those that the user stated. */
  devices: number;
  replaced: ReplacedOperator[];
  /** Share of the device's operator time that they take together. */
  share: number;
  /** Stated by the user, for a model that does not have the operator. */
  isStatedShare: boolean;
  speedup: Range;
  devicesAfter: Range;
  devicesSaved: Range;
  evidence: Evidence;
  enablement: Enablement;
}

/** The step that a kernel takes a model over, where it lacks kernels: all of them or nothing. */
export interface Enablement {
  /** What the device lacks and the model needs. */
  missing: string[];
  /** Of these, still missing when the kernel is there. */
  stillMissing: string[];
  /** CPU hosts in front that preprocess because of it. */
  tierHosts: number;
  overhead: { fromS: number; toS: number; evidence: Evidence } | undefined;
}

export interface ApplyOptions {
  /** Instead of the arm's own. */
  devices?: number | undefined;
  /** Share of the model's time, for an operator that the model does not have. */
  share?: number | undefined;
}

/** Half-width of a 95 % interval in standard deviations. */
const sigmas = 1.96;
/** Cores that run an operator of a simulated CPU; kernels that were timed on more are carried over. */
const mostCores = 1;
/** What differs by more is another size class: what was measured there is carried over. */
const sameSize = 2;

/**
 * Amdahl's law over the operators of an arm that the dispatch table takes over, each by the row whose shape is nearest,
 * and what it does to the devices of the arm when arithmetic of this device is what they are bought for. At worst, both
 * the shares and the speedups are at the low ends of their intervals; at best, at the high ones.
 */
export function applyToArm(
  arm: ArmDeployment,
  deployment: Deployment,
  { devices: stated, share: statedShare }: ApplyOptions,
): AppliedArm {
  const { main, accelerated } = arm;
  const device = accelerated ? main.host.accelerators!.device : main.host.cpu;
  const lines = coverageOf(arm).filter((line) => line.device === device.name);
  const replaced = replacedIn(lines, deployment, device.name);
  const isStatedShare = replaced.length === 0 && statedShare !== undefined;
  const parts = isStatedShare ? [statedPart(statedShare, deployment)] : replaced.map(partOf);
  const speedup = rangeOf((end) => modelSpeedup(withinWhole(parts.map((part) => part[end]))));
  const devices = stated ?? main.replicas * (accelerated?.used ?? 1);
  const devicesAfter = rangeOf((end) => devicesNeeded(devices, speedup[opposite[end]]));
  return {
    arm: arm.name,
    device: device.name,
    devices,
    replaced,
    share: parts.reduce((sum, { mean }) => sum + mean.share, 0),
    isStatedShare,
    speedup,
    devicesAfter,
    devicesSaved: rangeOf((end) => devices - devicesAfter[opposite[end]]),
    evidence: isStatedShare
      ? 'assumed'
      : replaced.map(({ evidence }) => evidence).reduce(weakest, 'measured'),
    enablement: enablementOf(arm, deployment),
  };
}

type End = keyof Range;
const opposite = { mean: 'mean', low: 'high', high: 'low' } as const satisfies Record<End, End>;

function rangeOf(of: (end: End) => number): Range {
  return { mean: of('mean'), low: of('low'), high: of('high') };
}

/** At the high ends of their intervals, shares may come to more than there is. */
function withinWhole(parts: readonly { share: number; speedup: number }[]) {
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  return parts.map((part) => ({ ...part, share: part.share / Math.max(1, total) }));
}

function replacedIn(lines: readonly Coverage[], deployment: Deployment, device: string): ReplacedOperator[] {
  const total = lines.reduce((sum, { seconds }) => sum + seconds, 0);
  const { operator, dataType } = deployment;
  const isSameDevice =
    (deviceName(deployment.device) === device || deployment.device === device) &&
    deployment.cores <= mostCores;
  return lines.flatMap((line) => {
    if (!isReplaced(line, operator)) return [];
    if (!line.isPreprocessing && !isStoredAlike(line.dataType, dataType)) return [];
    const { row, matchedBy, apart } = nearestTo(line, deployment);
    const fromRow: Evidence = isSameDevice && apart <= sameSize ? 'measured' : 'transferred';
    return [
      {
        name: line.operator,
        shape: line.shape,
        seconds: line.seconds,
        share: line.seconds / total,
        row,
        speedup: deployedSpeedup(row),
        matchedBy,
        apart,
        evidence: weakest(line.evidence, fromRow),
        logError: line.logError,
      },
    ];
  });
}

type Match = Pick<ReplacedOperator, 'row' | 'matchedBy' | 'apart'>;

/** The row that is nearest in the ratios of its axes, or in its work where the model does not tell the operator's axes. */
function nearestTo(line: Coverage, deployment: Deployment): Match {
  const { operator, rows } = deployment;
  const call = line.calls?.find((one) => one.operator === operator);
  if (call) {
    const distance = (row: DispatchRow) => shapeDistance(row.shape, call.shape);
    const row = rows.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    return { row, matchedBy: 'axes', apart: axesApart(row.shape, call.shape) };
  }
  return rows
    .map((row): Match => ({ row, matchedBy: 'work', apart: workApart(row, line, deployment) }))
    .reduce((a, b) => (b.apart < a.apart ? b : a));
}

/** tf32 is stored as fp32. */
function isStoredAlike(model: string, kernel: string): boolean {
  return (
    model === kernel || (model === 'tf32' && kernel === 'fp32') || (model === 'fp32' && kernel === 'tf32')
  );
}

/** Ratio of bytes or of operations, whichever is further from 1. */
function workApart({ shape }: DispatchRow, line: Coverage, { operator, dataType }: Deployment): number {
  // No operator of a model is taken for a problem.
  if (operator === 'problem') return Number.POSITIVE_INFINITY;
  const work = operatorWork(operator, dataType, shape);
  const apart = (a: number, b: number) => (a > 0 && b > 0 ? Math.max(a / b, b / a) : 1);
  return Math.max(apart(line.bytes, work.bytes), apart(line.flops, work.flops));
}

function partOf({ share, speedup, logError }: ReplacedOperator) {
  const factor = Math.exp(sigmas * logError);
  return {
    mean: { share, speedup: speedup.mean },
    low: { share: share / factor, speedup: speedup.low },
    // What takes longer by a factor takes a larger part of a longer whole.
    high: { share: (share * factor) / (1 + share * (factor - 1)), speedup: speedup.high },
  };
}

/** A share that the user states, sped up as the search shapes are in the geometric mean. */
function statedPart(share: number, { rows }: Deployment) {
  const mean = (end: End) => geometricMean(rows.map((row) => deployedSpeedup(row)[end]));
  return {
    mean: { share, speedup: mean('mean') },
    low: { share, speedup: mean('low') },
    high: { share, speedup: mean('high') },
  };
}

function enablementOf(arm: ArmDeployment, { operator }: Deployment): Enablement {
  const { preprocessing } = arm;
  const needed = kernelGapsOf(arm).filter(({ answer }: KernelGap) => answer !== 'unused');
  const missing = needed.map(({ kernel }) => kernel as string);
  const own: string | undefined = kernelNameOf(operator);
  return {
    missing,
    stillMissing: missing.filter((kernel) => kernel !== own),
    tierHosts: preprocessing?.tier?.replicas ?? 0,
    overhead: preprocessing?.overhead,
  };
}
