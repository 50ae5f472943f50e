import { counted } from '../../foundation/counted.ts';
import type { SourceDocument } from '../../foundation/document.ts';
import { InputError } from '../../foundation/problem.ts';
import { emptyDaySums, sumOfDays } from '../metrics/day-sums.ts';
import { type ExampleStream, rowsOfVertical, secondsPerDay, taskNamed } from '../streams/stream.ts';
import { verticalsOf } from './plan-jobs.ts';
import type { ExperimentFile } from './schema.ts';
import type { ExperimentSpec } from './spec.ts';

/** @throws InputError where days count for which no snapshot is old enough: what is compared would not be the same */
export function checkDays(
  { metrics, staleness_days, lag_days }: ExperimentFile,
  document: SourceDocument,
): void {
  const oldest = Math.max(...staleness_days, ...lag_days);
  if (metrics.from_day > oldest) return;
  throw new InputError([
    document.problemAt(
      ['metrics', 'from_day'],
      `expected ${oldest + 1} at least: the first snapshot is taken after a day, and the oldest that is asked is ${counted(oldest, 'day')} stale`,
    ),
  ]);
}

/** @throws InputError where a stream ends before days count, or holds labels of one kind only where NE is asked for */
export function checkMeasurable(spec: ExperimentSpec, stream: ExampleStream, document: SourceDocument): void {
  const days = Math.floor(stream.impressionS[stream.size - 1] / secondsPerDay) + 1;
  const { metricsFromDay } = spec;
  const at = ['metrics', 'from_day'];
  const last = days - 1;
  if (metricsFromDay >= last) {
    const where = metricsFromDay > last ? 'past the stream' : 'the last of the stream';
    const message = `day ${metricsFromDay} is ${where}, which has days 0 to ${last}: two at least should count`;
    throw new InputError([document.problemAt(at, message)]);
  }
  const { grid, others } = verticalsOf(spec, stream);
  const tasks = new Set([...spec.student.tasks, spec.teacher.task]);
  const problems = [...grid, ...others].flatMap((vertical) =>
    [...tasks].flatMap((task) => {
      const { count, positives } = countsFrom(stream, vertical, task, metricsFromDay, days);
      if (positives > 0 && positives < count) return [];
      const what = `${counted(count, 'label')} of ${task}, ${positives} of them positive`;
      const message = `from day ${metricsFromDay} on, vertical ${stream.verticals[vertical]} has ${what}: NE needs both kinds`;
      return [document.problemAt(at, message)];
    }),
  );
  if (problems.length > 0) throw new InputError(problems);
}

function countsFrom(stream: ExampleStream, vertical: number, name: string, from: number, days: number) {
  const { labels } = taskNamed(stream, name);
  const sums = emptyDaySums(days);
  for (const row of rowsOfVertical(stream, vertical)) {
    if (labels[row] > 1) continue;
    const day = Math.floor(stream.impressionS[row] / secondsPerDay);
    sums.count[day]++;
    sums.positives[day] += labels[row];
  }
  return sumOfDays(sums, from, days);
}
