import { RandomStream } from '../../../foundation/random.ts';
import { type ReplicationKey, streams } from '../../streams.ts';
import { type SnapshotSpec, secondsPerDay } from './pipeline-spec.ts';
import type { TrainingProgress } from './training-progress.ts';

/** One state of the FM that labels are made with. Its id is its place in the list. */
export interface Snapshot {
  takenS: number;
  /** From here on all label servers use it, until the next one is ready. */
  readyS: number;
  /** It has trained on the examples of impressions before this time. */
  trainedThroughS: number;
  /** It was due while the publisher was busy with the one before. */
  delayed: boolean;
}

/** The phase of the schedule is drawn from so long a time that it is even over any interval. */
const phaseRangeS = 1000 * secondsPerDay;

/**
 * Snapshots until `endS`, the first of them ready by time 0. They are due at a random phase plus multiples of the
 * interval: of two schedules whose intervals are multiples of each other, one therefore holds the other. One is
 * published at a time; its publishing time depends on when it was taken alone, so that schedules share their luck.
 */
export function snapshotsUntil(
  endS: number,
  spec: SnapshotSpec,
  progress: TrainingProgress,
  key: ReplicationKey,
): Snapshot[] {
  const phaseS = new RandomStream(key.seed, key.replication, streams.snapshots, 0).uniform() * phaseRangeS;
  const dueAfter = (timeS: number) =>
    phaseS + (Math.floor((timeS - phaseS) / spec.intervalS + 1e-9) + 1) * spec.intervalS;
  const snapshots: Snapshot[] = [];
  let freeS = Number.NEGATIVE_INFINITY;
  let dueS = dueAfter(-2 * (spec.intervalS + 4 * spec.publishS + spec.loadS));
  while (dueS < endS) {
    const takenS = Math.max(dueS, freeS);
    freeS = takenS + publishS(takenS, spec, key);
    snapshots.push({
      takenS,
      readyS: freeS + spec.loadS,
      trainedThroughS: progress.trainedThrough(takenS),
      delayed: takenS > dueS,
    });
    dueS = dueAfter(takenS);
  }
  const firstInUse = snapshots.findLastIndex(({ readyS }) => readyS <= 0);
  return snapshots.slice(Math.max(firstInUse, 0));
}

function publishS(takenS: number, { publishS, publishVariation }: SnapshotSpec, key: ReplicationKey): number {
  if (publishVariation === 0) return publishS;
  const random = new RandomStream(key.seed, key.replication, streams.snapshots, Math.round(takenS));
  return publishS * random.gamma(publishVariation ** -2);
}
