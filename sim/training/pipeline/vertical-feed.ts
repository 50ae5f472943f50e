import { lateLabelShare } from './label-delay.ts';
import type { LabelService } from './label-service.ts';
import type { TaskFeed, VerticalFeed } from './pipeline-result.ts';
import { type PipelineSpec, queueStepsWithin, type TaskSpec, windowsOf } from './pipeline-spec.ts';
import type { Snapshot } from './snapshots.ts';
import type { Traffic } from './traffic.ts';
import { Ranked } from './weighted.ts';

/** What a window means to the labels, whoever's task it is. */
interface WindowView {
  /** Cohorts from this one on are still waiting at the end. */
  readUntil: number;
  /** Labels that are there in time, over unique examples, of each cohort. */
  inTimeShare: Float64Array;
  /** The same of each entry of the log; 0 where it is late, not counted or not read. */
  shareOfEntry: Float64Array;
}

/** Filters the shared store for every vertical and task. */
export function verticalFeeds(
  spec: PipelineSpec,
  traffic: Traffic,
  service: LabelService,
  snapshots: readonly Snapshot[],
): VerticalFeed[] {
  const { cohort, snapshot } = service.log;
  const { stepS } = traffic;
  const gaps = new Ranked(
    cohort.map((step, entry) => (step + 0.5) * stepS - snapshots[snapshot[entry]].trainedThroughS),
  );
  const views = new Map(
    windowsOf(spec).map((windowS) => [windowS, windowView(windowS, spec, traffic, service)]),
  );
  return spec.verticals.map(({ name, tasks }, index) => ({
    name,
    tasks: tasks.map((task) => {
      const amounts = traffic.ofVertical[index];
      const view = views.get(task.windowS)!;
      const weights = view.shareOfEntry.map((share, entry) => share * amounts[cohort[entry]]);
      return {
        ...countsOf(task, amounts, view, traffic.firstStep, spec.labelling.sampledShare),
        gapS: gaps.distribution(weights, task.windowS),
        exampleGapS: gaps.distribution(weights),
      };
    }),
  }));
}

function windowView(
  windowS: number,
  spec: PipelineSpec,
  { steps, stepS, firstStep, unique }: Traffic,
  { log }: LabelService,
): WindowView {
  const readUntil = Math.max(firstStep, steps - Math.ceil(windowS / stepS));
  const patience = queueStepsWithin(windowS, spec, stepS);
  const inTimeShare = new Float64Array(steps);
  const shareOfEntry = new Float64Array(log.cohort.length);
  log.cohort.forEach((cohort, entry) => {
    if (cohort < firstStep || cohort >= readUntil || log.step[entry] - cohort > patience) return;
    shareOfEntry[entry] = log.amount[entry] / unique[cohort];
    inTimeShare[cohort] += shareOfEntry[entry];
  });
  return { readUntil, inTimeShare, shareOfEntry };
}

function countsOf(
  { name, windowS, delay }: TaskSpec,
  amounts: Float64Array,
  { readUntil, inTimeShare }: WindowView,
  firstStep: number,
  sampledShare: number,
): TaskFeed {
  let [withLabel, missed, read, waiting] = [0, 0, 0, 0];
  for (let cohort = firstStep; cohort < readUntil; cohort++) {
    read += amounts[cohort];
    withLabel += amounts[cohort] * inTimeShare[cohort];
    // A cohort of which everything is in time misses exactly nothing, whatever the sums have rounded.
    const share = sampledShare - inTimeShare[cohort];
    if (share > 1e-12) missed += amounts[cohort] * share;
  }
  for (let cohort = readUntil; cohort < amounts.length; cohort++) waiting += amounts[cohort];
  const sampled = withLabel + missed;
  return {
    name,
    windowS,
    arrived: read + waiting,
    withLabel,
    missed,
    unsampled: read * (1 - sampledShare),
    waiting,
    missShare: sampled > 0 ? missed / sampled : 0,
    lateLabelShare: lateLabelShare(delay, windowS),
  };
}
