import { type Evidence, weakest } from '../../../foundation/evidence.ts';
import { biasLoss } from './bias-loss.ts';
import type { QualityConstantName, QualityValues } from './constants.ts';
import type { ConstantDraws, Estimate, Outcomes, Swing } from './estimate.ts';
import { freshnessLoss, type GapShare } from './freshness-loss.ts';
import { extrapolatedShare, type TeacherScale, teacherGain } from './scaling-law.ts';
import { type Significance, significanceOf } from './significance.ts';
import { type Channel, type DistillationHead, transferRatio } from './transfer-ratio.ts';

/** One vertical model that learns from a teacher, and how. */
export interface Distilled {
  student: {
    name: string;
    /** Forward FLOP per example. */
    forwardFlop: number;
    /** NE without a teacher. */
    baseNe: number;
    /** Positive rate of its labels. */
    baseRate: number;
  };
  teacher: TeacherScale;
  /** Unique examples per day of all verticals: what a teacher could train on. */
  referenceExamplesPerDay: number;
  head: DistillationHead;
  channel: Channel;
  /** Weight of the distillation loss beside that of the label. */
  lossWeight: number;
  /** Share of the vertical's examples with a teacher's label in time. */
  labelledShare: number;
  /** The teacher's mean prediction on the vertical's examples, over their positive rate. */
  teacherCalibration: number;
  gaps: readonly GapShare[];
  /** Factor on the loss by staleness; absent: 1, as where its constants come from. */
  drift?: number;
}

/** Relative NE of each part of the model; `gain` = transfer ratio · teacher − bias − freshness. */
export interface QualityParts {
  /** By which the teacher is better than the student. */
  teacher: number;
  transferRatio: number;
  /** What of it reaches the student, on the labelled share of examples. */
  transferred: number;
  bias: number;
  freshness: number;
  gain: number;
}

/** A vertical model's gain with all that it rests on. */
export interface VerticalQuality {
  name: string;
  parts: Record<keyof QualityParts, Estimate>;
  /** NE with the teacher: base · (1 − gain). */
  ne: Estimate;
  significance: Significance;
  /** Constants by how far they move the gain. */
  swings: Swing[];
  /** Weakest evidence among the constants that move the gain; none does where there is no teacher's label. */
  evidence: Evidence | undefined;
  /** Share of the way from student to teacher over which the scaling law is extrapolated. */
  extrapolated: number;
}

/**
 * The parts of the gain for one set of constants. Losses count on the labelled share of examples only, since the
 * distillation loss is masked on the others: without labels there is neither gain nor loss.
 */
export function qualityParts(values: QualityValues, distilled: Distilled): QualityParts {
  const { student, teacher, head, channel, labelledShare, gaps, referenceExamplesPerDay } = distilled;
  const { lossWeight, teacherCalibration, drift = 1 } = distilled;
  const teacherBias = { baseRate: student.baseRate, teacherCalibration, lossWeight, labelledShare };
  const bias = biasLoss(values, head, teacherBias);
  const coverage = labelledShare ** values.coveragePower;
  const better = teacherGain(values, teacher, student.forwardFlop, referenceExamplesPerDay);
  const sizes = { studentFlop: student.forwardFlop, teacherFlop: teacher.forwardFlop };
  const ratio = transferRatio(values, { head, channel }, sizes);
  const transferred = coverage * ratio * better;
  const freshness = labelledShare === 0 ? 0 : coverage * drift * freshnessLoss(values, head, gaps);
  const gain = transferred - bias - freshness;
  return { teacher: better, transferRatio: ratio, transferred, bias, freshness, gain };
}

/**
 * Gain and NE of a vertical model, with the ranges that the constants' ranges leave.
 * @param outcomes parts of its gain by set of constants, where they are known already
 */
export function verticalQuality(
  draws: ConstantDraws<QualityConstantName>,
  distilled: Distilled,
  outcomes: Outcomes<QualityParts> = draws.outcomes((values) => qualityParts(values, distilled)),
): VerticalQuality {
  const { student, teacher } = distilled;
  const part = (name: keyof QualityParts) => outcomes.estimate((parts) => parts[name]);
  const gain = part('gain');
  const swings = draws.swings((values) => qualityParts(values, distilled).gain);
  const levels = swings.map(({ constant }) => draws.ranges[constant as QualityConstantName].evidence);
  return {
    name: student.name,
    parts: {
      teacher: part('teacher'),
      transferRatio: part('transferRatio'),
      transferred: part('transferred'),
      bias: part('bias'),
      freshness: part('freshness'),
      gain,
    },
    ne: outcomes.estimate((parts) => student.baseNe * (1 - parts.gain)),
    significance: significanceOf(gain),
    swings,
    evidence: levels.length === 0 ? undefined : levels.reduce(weakest),
    extrapolated: extrapolatedShare(student.forwardFlop, teacher.forwardFlop),
  };
}
