import { type QualityConstantName, qualityConstants } from '../../sim/training/quality/constants.ts';
import { ConstantDraws } from '../../sim/training/quality/estimate.ts';
import type { Distilled } from '../../sim/training/quality/vertical-quality.ts';

export const dayS = 86_400;

export const draws = new ConstantDraws<QualityConstantName>(qualityConstants, { count: 400 });

/** A 1X vertical model under a teacher 3200 times as large that is fresh, unbiased and trained on everything. */
export function distilled(more: Partial<Distilled> = {}): Distilled {
  return {
    student: { name: 'clicks', forwardFlop: 20e6, baseNe: 0.8, baseRate: 0.1 },
    teacher: { forwardFlop: 64e9, trainedExamplesPerDay: 1e10 },
    referenceExamplesPerDay: 1e10,
    head: 'auxiliary-head',
    channel: 'label',
    lossWeight: 1,
    labelledShare: 1,
    teacherCalibration: 1,
    gaps: [{ gapS: 0, share: 1 }],
    ...more,
  };
}
