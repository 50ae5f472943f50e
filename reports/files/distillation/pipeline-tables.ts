import {
  type DataTable,
  dataTable,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../../foundation/data-table.ts';
import type { ReplicatedDistribution } from '../../../sim/training/distillation/figure-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import type { Makers } from '../makers.ts';
import { armColumn, itemsOf } from './columns.ts';

/** What becomes of labels on their way from the teacher to the vertical models. */
export const pipelineTables: Makers<DistillationResult> = {
  pipeline: pipelineTable,
  feeds: feedsTable,
  snapshots: snapshotsTable,
  course: courseTable,
};

const statistics = ['mean', 'p05', 'p50', 'p90', 'p99'] as const;

/** All of a distribution over examples, each figure with its interval over replications. */
function distributionColumns<Item>(name: string, of: (item: Item) => ReplicatedDistribution | undefined) {
  return statistics.flatMap((statistic) =>
    intervalColumns<Item>(`${name}_${statistic}`, '_s', (item) => of(item)?.[statistic]),
  );
}

function pipelineTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer }) => [answer.pipeline.figures]);
  type Item = (typeof items)[number];
  const unique = (key: keyof Item['unique']) =>
    intervalColumns<Item>(`${key}_examples`, '', (item) => item.unique[key]);
  return dataTable(items, [
    armColumn<Item>(),
    ...(['arrived', 'sampled', 'labelled', 'dropped', 'queued'] as const).map(unique),
    intervalColumns('labelling_use', '', ({ labelling }) => labelling.use),
    intervalColumns('labelling_peak_use', '', ({ labelling }) => labelling.peakUse),
    intervalColumns('largest_queue_examples', '', ({ labelling }) => labelling.largestQueueExamples),
    intervalColumns('required', '_per_s', ({ labelling }) => labelling.requiredPerS),
    distributionColumns('ready_after', ({ labelling }) => labelling.readyAfterS),
    distributionColumns('teacher_age', ({ labelling }) => labelling.teacherAgeS),
    intervalColumns('age_of_window', '_s', ({ labelling }) => labelling.ageParts?.trainingWindowS),
    intervalColumns('age_of_backlog', '_s', ({ labelling }) => labelling.ageParts?.trainingBacklogS),
    intervalColumns('age_of_publishing', '_s', ({ labelling }) => labelling.ageParts?.publishS),
    intervalColumns('age_in_use', '_s', ({ labelling }) => labelling.ageParts?.inUseS),
    intervalColumns('already_trained_share', '', ({ labelling }) => labelling.alreadyTrainedShare),
    intervalColumns('training_use', '', ({ training }) => training.use),
    intervalColumns('training_peak_use', '', ({ training }) => training.peakUse),
    intervalColumns('largest_backlog_examples', '', ({ training }) => training.largestBacklogExamples),
    intervalColumns('lag_at_end', '_s', ({ training }) => training.lagAtEndS),
    intervalColumns('snapshots_taken', '', ({ snapshots }) => snapshots.taken),
    intervalColumns('snapshots_delayed', '', ({ snapshots }) => snapshots.delayed),
    intervalColumns('written', '_bytes_per_day', ({ store }) => store.writtenBytesPerDay),
    intervalColumns('held', '_bytes', ({ store }) => store.heldBytes),
    intervalColumns('read', '_bytes_per_day', ({ store }) => store.readBytesPerDay),
  ]);
}

function feedsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer }) =>
    answer.pipeline.figures.verticals.flatMap(({ name, tasks }) =>
      tasks.map((feed) => ({ ...feed, vertical: name })),
    ),
  );
  type Item = (typeof items)[number];
  const count = (name: string, key: 'arrived' | 'withLabel' | 'missed' | 'unsampled' | 'waiting') =>
    intervalColumns<Item>(name, '', (item) => item[key]);
  return dataTable(items, [
    armColumn<Item>(),
    textColumn('vertical', ({ vertical }) => vertical),
    textColumn('task', ({ name }) => name),
    numberColumn('window_s', ({ windowS }) => windowS.mean),
    count('arrived_examples', 'arrived'),
    count('labelled_examples', 'withLabel'),
    count('missed_examples', 'missed'),
    count('unsampled_examples', 'unsampled'),
    count('waiting_examples', 'waiting'),
    intervalColumns('miss_share', '', ({ missShare }) => missShare),
    intervalColumns('late_positive_share', '', ({ lateLabelShare }) => lateLabelShare),
    distributionColumns('gap_when_read', ({ gapS }) => gapS),
    distributionColumns('gap', ({ exampleGapS }) => exampleGapS),
  ]);
}

function snapshotsTable(result: DistillationResult): DataTable {
  return dataTable(
    itemsOf(result, ({ answer }) => answer.pipeline.snapshots),
    [
      armColumn(),
      wholeColumn('snapshot', ({ id }) => id),
      numberColumn('taken_s', ({ takenS }) => takenS),
      numberColumn('ready_s', ({ readyS }) => readyS),
      numberColumn('trained_through_s', ({ trainedThroughS }) => trainedThroughS),
      numberColumn('labels', ({ labels }) => labels),
    ],
  );
}

function courseTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer: { pipeline } }) =>
    pipeline.course.timeS.map((timeS, index) => ({ timeS, index, course: pipeline.course })),
  );
  return dataTable(items, [
    armColumn(),
    numberColumn('time_s', ({ timeS }) => timeS),
    numberColumn('unique_examples_per_s', ({ course, index }) => course.uniquePerS[index]),
    numberColumn('queued_examples', ({ course, index }) => course.queuedExamples[index]),
    numberColumn('backlog_examples', ({ course, index }) => course.trainingBacklogExamples[index]),
    numberColumn('teacher_age_s', ({ course, index }) => course.teacherAgeS[index]),
  ]);
}
