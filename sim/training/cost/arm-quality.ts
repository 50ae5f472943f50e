import type { GapShare } from '../quality/freshness-loss.ts';
import type { Channel, DistillationHead } from '../quality/transfer-ratio.ts';
import type { Distilled } from '../quality/vertical-quality.ts';
import type { DistillationArm } from './arm-work.ts';
import type { DistillationWorkload, Vertical } from './workload.ts';

/** What quality needs to know of a vertical beyond its work. */
export interface VerticalTarget {
  name: string;
  /** NE without a teacher. */
  baseNe: number;
  /** Positive rate of its labels. */
  baseRate: number;
  /** A shared teacher's mean prediction on its examples, over their positive rate; 1 is without cross-domain bias. */
  teacherCalibration: number;
  /** How fast it ages a teacher: factor on the loss by staleness; absent: 1. */
  drift?: number;
  /** How its own labels come, where that is not as the path says of all. */
  feed?: Pick<LabelPath, 'missedShare' | 'gaps'>;
}

/** How external teachers hand their labels on. */
export interface LabelPath {
  head: DistillationHead;
  channel: Channel;
  /** Weight of the distillation loss. */
  lossWeight: number;
  /** Share of labels that come too late and are masked. */
  missedShare: number;
  /** Distribution of the freshness gap. */
  gaps: readonly GapShare[];
}

/**
 * The inputs of the quality model for one vertical under one arm. A teacher of one vertical, external or not, sees
 * that vertical's examples only and has no bias of other domains; a co-distilled one has no gap either, misses no
 * label, and teaches through the serving head.
 * @returns undefined where there is no teacher
 */
export function distilledIn(
  arm: DistillationArm,
  workload: DistillationWorkload,
  vertical: Vertical,
  target: VerticalTarget,
  path: LabelPath,
): Distilled | undefined {
  if (arm === 'no-teacher') return undefined;
  const { uniqueExamplesPerDay, trainShare, labelShare, teacher } = workload;
  const { name, forwardFlop, examplesPerDay } = vertical;
  const { baseNe, baseRate, teacherCalibration, drift = 1, feed = path } = target;
  const ofOwn: Distilled = {
    student: { name, forwardFlop, baseNe, baseRate },
    teacher: { forwardFlop: teacher.forwardFlop, trainedExamplesPerDay: examplesPerDay },
    referenceExamplesPerDay: uniqueExamplesPerDay,
    head: path.head,
    channel: path.channel,
    lossWeight: path.lossWeight,
    labelledShare: 1 - feed.missedShare,
    teacherCalibration: 1,
    gaps: feed.gaps,
    drift,
  };
  switch (arm) {
    case 'own-teachers':
      return ofOwn;
    case 'co-distillation':
      return { ...ofOwn, head: 'one-head', labelledShare: 1, gaps: [{ gapS: 0, share: 1 }] };
    case 'shared-teacher':
      return {
        ...ofOwn,
        teacher: { ...ofOwn.teacher, trainedExamplesPerDay: trainShare * uniqueExamplesPerDay },
        labelledShare: labelShare * (1 - feed.missedShare),
        teacherCalibration,
      };
  }
}
