import type { ReplicationKey } from '../../streams.ts';
import { type LabelLog, type LabelService, labelService } from './label-service.ts';
import { labellingOutcome, uniqueExamples } from './labelling-outcome.ts';
import type { PipelineCourse, PipelineReplication, SnapshotRow } from './pipeline-result.ts';
import type { HorizonSpec, PipelineSpec } from './pipeline-spec.ts';
import { type Snapshot, snapshotsUntil } from './snapshots.ts';
import { storeOutcome } from './store.ts';
import { largestFrom } from './sums.ts';
import { type Traffic, trafficOf } from './traffic.ts';
import { type TrainingProgress, trainingProgress } from './training-progress.ts';
import { verticalFeeds } from './vertical-feed.ts';

/** Spacing of the course that is kept (s). */
const courseSpacingS = 3600;

/**
 * One replication of a pipeline that has been checked: traffic, then the FM's training, its snapshots, the labels made
 * with them, and what the verticals read. The same spec and key give the same figures to the last bit.
 */
export function runPipeline(
  spec: PipelineSpec,
  horizon: HorizonSpec,
  key: ReplicationKey,
): PipelineReplication {
  const traffic = trafficOf(spec, horizon, key);
  const { steps, stepS, firstStep } = traffic;
  const endS = steps * stepS;
  const progress = trainingProgress(traffic, spec.training);
  const snapshots = snapshotsUntil(endS, spec.snapshots, progress, key);
  const service = labelService(traffic, spec, snapshots);
  const verticals = verticalFeeds(spec, traffic, service, snapshots);
  const measured = snapshots.filter(({ takenS }) => takenS >= firstStep * stepS);
  return {
    figures: {
      unique: uniqueExamples(traffic, service),
      labelling: labellingOutcome(spec, traffic, service, snapshots),
      training: {
        use: progress.use,
        peakUse: progress.peakUse,
        largestBacklogExamples: largestFrom(firstStep, progress.backlog),
        lagAtEndS: Math.max(0, endS - spec.training.windowS - progress.trainedThrough(endS)),
      },
      snapshots: { taken: measured.length, delayed: measured.filter(({ delayed }) => delayed).length },
      store: storeOutcome(spec, traffic, service.log, verticals),
      verticals,
    },
    snapshots: snapshotRows(snapshots, service.log),
    course: courseOf(traffic, progress, service, snapshots),
  };
}

/** Every snapshot with the labels that bear its id, those of the warm-up included. */
function snapshotRows(snapshots: readonly Snapshot[], log: LabelLog): SnapshotRow[] {
  const labels = new Float64Array(snapshots.length);
  log.snapshot.forEach((id, entry) => {
    labels[id] += log.amount[entry];
  });
  return snapshots.map(({ takenS, readyS, trainedThroughS }, id) => ({
    id,
    takenS,
    readyS,
    trainedThroughS,
    labels: labels[id],
  }));
}

function courseOf(
  { steps, stepS, unique }: Traffic,
  { backlog }: TrainingProgress,
  { queue }: LabelService,
  snapshots: readonly Snapshot[],
): PipelineCourse {
  const stride = Math.max(1, Math.round(courseSpacingS / stepS));
  const kept = Array.from({ length: Math.ceil(steps / stride) }, (_, row) => row * stride);
  const timeS = kept.map((step) => (step + 0.5) * stepS);
  const inUse = (now: number) => snapshots.findLast(({ readyS }) => readyS <= now) ?? snapshots[0];
  return {
    timeS,
    uniquePerS: kept.map((step) => unique[step] / stepS),
    queuedExamples: kept.map((step) => queue[step]),
    trainingBacklogExamples: kept.map((step) => backlog[step]),
    teacherAgeS: timeS.map((now) => now - inUse(now).trainedThroughS),
  };
}
