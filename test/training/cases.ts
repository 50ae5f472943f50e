import { loadHost } from '../../hardware-profiles/files.ts';
import { assumedCosts, trainingDeviceOf } from '../../sim/training/cost/assumptions.ts';
import type { DistillationCase } from '../../sim/training/cost/distillation-case.ts';
import type { DistillationWorkload, Vertical } from '../../sim/training/cost/workload.ts';

export const h100 = trainingDeviceOf(loadHost('h100x8'), 'bf16');

/** A 1X vertical model with a tenth of 10¹⁰ examples a day. */
export function vertical(index: number, more: Partial<Vertical> = {}): Vertical {
  return {
    name: `vertical ${index}`,
    examplesPerDay: 1e9,
    forwardFlop: 20e6,
    trainingBytesPerExample: 2e6,
    stateBytes: 50e9,
    runs: 1,
    ...more,
  };
}

/** Ten disjoint verticals under one teacher of 64 GFLOP and 1.8 T parameters at full rates. */
export function workloadOf(more: Partial<DistillationWorkload> = {}): DistillationWorkload {
  return {
    verticals: Array.from({ length: 10 }, (_, index) => vertical(index)),
    uniqueExamplesPerDay: 1e10,
    teacher: {
      forwardFlop: 64e9,
      trainingBytesPerExample: 0,
      labelBytesPerExample: 0,
      parameters: 1.8e12,
      bytesPerParameter: 2,
      optimizerBytesPerParameter: 0.1,
    },
    trainShare: 1,
    labelShare: 1,
    heads: { auxiliary: 1, dim: 256, hidden: 256, adapterHidden: 0 },
    recordBytes: 18,
    retentionDays: 30,
    publishesPerDay: 24,
    ...more,
  };
}

export function caseOf(more: Partial<DistillationWorkload> = {}): DistillationCase {
  const workload = workloadOf(more);
  return {
    workload,
    targets: workload.verticals.map(({ name }) => ({
      name,
      baseNe: 0.8,
      baseRate: 0.05,
      teacherCalibration: 1.1,
    })),
    path: {
      head: 'auxiliary-head-and-adapter',
      channel: 'label',
      lossWeight: 1,
      missedShare: 0,
      gaps: [{ gapS: 6 * 3600, share: 1 }],
    },
    device: h100,
    assumptions: assumedCosts(),
  };
}
