import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../../foundation/data-table.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { sharedOf } from '../../distillation/arms.ts';
import type { Makers } from '../makers.ts';
import { armColumn, estimateColumns, itemsOf } from './columns.ts';

/** Vertical models, and what their tasks gain. */
export const qualityTables: Makers<DistillationResult> = {
  verticals: verticalsTable,
  tasks: tasksTable,
  swings: swingsTable,
};

function verticalsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, (arm) =>
    arm.answer.verticals.map((vertical) => ({
      vertical,
      extra: sharedOf(arm).verticals.find(({ name }) => name === vertical.name),
    })),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('vertical', ({ vertical }) => vertical.name),
    wholeColumn('count', ({ vertical }) => vertical.count),
    textColumn('model', ({ vertical }) => vertical.model),
    numberColumn('examples_per_day', ({ vertical }) => vertical.examplesPerDay),
    wholeColumn('runs', ({ vertical }) => vertical.runs),
    numberColumn('extra_usd_per_day', ({ extra }) => extra?.extraUsdPerDay.equal),
    numberColumn('extra_usd_per_day_by_examples', ({ extra }) => extra?.extraUsdPerDay.byExamples),
    estimateColumns('usd_per_day_per_step', '', ({ extra }) => extra?.usdPerDayPerStep),
    numberColumn('serving_flop', ({ vertical }) => vertical.serving.flopPerExample),
    numberColumn('serving_parameters', ({ vertical }) => vertical.serving.parameters),
    numberColumn('dropped_parameters', ({ vertical }) => vertical.serving.droppedParameters),
    flagColumn('is_serving_unchanged', ({ vertical }) => vertical.serving.unchanged),
    numberColumn('step_s', ({ vertical }) => vertical.step.withHeads.stepS),
    numberColumn('step_without_heads_s', ({ vertical }) => vertical.step.withoutHeads.stepS),
  ]);
}

function tasksTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer }) =>
    answer.verticals.flatMap(({ name, tasks }) => tasks.map((task) => ({ ...task, vertical: name }))),
  );
  type Item = (typeof items)[number];
  const part = (name: string, key: keyof NonNullable<Item['quality']>['parts']) =>
    estimateColumns<Item>(name, '', ({ quality }) => quality?.parts[key]);
  return dataTable(items, [
    armColumn<Item>(),
    textColumn('vertical', ({ vertical }) => vertical),
    textColumn('task', ({ name }) => name),
    flagColumn('is_labelled', ({ distilled }) => distilled),
    numberColumn('window_s', ({ windowS }) => windowS),
    numberColumn('base_rate', ({ baseRate }) => baseRate),
    numberColumn('base_ne', ({ baseNe }) => baseNe),
    numberColumn('teacher_calibration', ({ teacherCalibration }) => teacherCalibration),
    numberColumn('drift', ({ drift }) => drift),
    part('teacher_gain', 'teacher'),
    part('transfer_ratio', 'transferRatio'),
    part('transferred', 'transferred'),
    part('bias_loss', 'bias'),
    part('freshness_loss', 'freshness'),
    part('gain', 'gain'),
    intervalColumns('replicated_gain', '', ({ gain }) => gain),
    estimateColumns('ne', '', ({ quality }) => quality?.ne),
    textColumn('significance', ({ quality }) => quality?.significance),
    numberColumn('extrapolated_share', ({ quality }) => quality?.extrapolated),
    textColumn('evidence', ({ quality }) => quality?.evidence),
  ]);
}

function swingsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer }) =>
    answer.verticals.flatMap(({ name, tasks }) =>
      tasks.flatMap(({ name: task, quality }) =>
        (quality?.swings ?? []).map((swing) => ({ ...swing, vertical: name, task })),
      ),
    ),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('vertical', ({ vertical }) => vertical),
    textColumn('task', ({ task }) => task),
    textColumn('constant', ({ constant }) => constant),
    numberColumn('gain_with_least', ({ atLow }) => atLow),
    numberColumn('gain_with_most', ({ atHigh }) => atHigh),
  ]);
}
