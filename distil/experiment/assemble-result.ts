import { fingerprint } from '../../sim/fingerprint.ts';
import {
  type ExperimentBackend,
  type ExperimentResult,
  type ExperimentSource,
  experimentFormat,
  experimentResultVersion,
} from '../../sim/training/experiment-result.ts';
import { normalizedEntropy } from '../../sim/training/quality/normalized-entropy.ts';
import type { Precision } from '../learner/float-array.ts';
import { addToDay, emptyDaySums, sumOfDays } from '../metrics/day-sums.ts';
import { type ExampleStream, noLabel, overlapOf, secondsPerDay, type Task } from '../streams/stream.ts';
import { blockDaysOf } from './difference.ts';
import type { OpenedSource } from './open-source.ts';
import type { Outcomes } from './outcomes.ts';
import type { ExperimentSpec } from './spec.ts';
import { summarise } from './summarise.ts';

/** What of an experiment its figures do not say. */
export interface About {
  /** Version of rankfleet. */
  product: string;
  /** Hash of the stream's columns. */
  streamDigest: string;
  /** In which models were trained; float32 unless stated. */
  precision?: Precision;
  /** What trained; absent where our own learner did. */
  backend?: ExperimentBackend;
}

/** The whole result, its numbers rounded to six digits. */
export function assembleResult(
  spec: ExperimentSpec,
  opened: OpenedSource,
  outcomes: Outcomes,
  { product, streamDigest, precision = 'float32', backend }: About,
): ExperimentResult {
  const { source: _, ...others } = spec;
  const { logFiles: __, logs = [], ...teacher } = spec.teacher;
  // What logs hold decides, and not where they lie.
  const decides = { ...others, teacher: { ...teacher, logs: logs.map(({ digest }) => digest) } };
  const result: ExperimentResult = {
    format: experimentFormat,
    version: experimentResultVersion,
    name: spec.name,
    question: spec.question,
    product,
    key: fingerprint({
      ...decides,
      product,
      streamDigest,
      ...(isUsual(precision) ? {} : { precision }),
      ...(backend && { backend }),
    }),
    ...(backend && { backend }),
    source: describeSource(spec, opened),
    protocol: protocolOf(spec, daysOf(opened.stream), precision, backend),
    teacherTask: spec.teacher.task,
    tasks: [...spec.student.tasks],
    gridVerticals: [...spec.gridVerticals],
    ...summarise(spec, opened.stream, outcomes),
    warnings: warningsOf(spec),
  };
  return rounded(result);
}

function describeSource(
  spec: ExperimentSpec,
  { stream, report, description, truth }: OpenedSource,
): ExperimentSource {
  const { perVertical, overlap } = overlapOf(stream);
  return {
    kind: spec.source.kind,
    stream: stream.name,
    description,
    examples: stream.size,
    days: daysOf(stream),
    fields: stream.fields.map(({ name, cardinality }) => ({ name, cardinality })),
    tasks: stream.tasks.map((task, at) => {
      const { positives, unlabelled, beforeImpression } = report.tasks[at];
      return {
        task: task.name,
        positiveRate: positives / (stream.size - unlabelled),
        unlabelled,
        beforeImpression,
        medianDelayS: medianDelay(task),
        ...(truth && { bestNe: bestNe(spec, stream, task, truth[at]) }),
      };
    }),
    verticals: stream.verticals.map((name, at) => ({ name, examples: perVertical[at] })),
    overlap,
    inNoVertical: report.inNoVertical,
    moved: report.moved,
    unknownVerticals: report.unknownVerticals,
  };
}

function daysOf(stream: ExampleStream): number {
  return Math.floor(stream.impressionS[stream.size - 1] / secondsPerDay) + 1;
}

function medianDelay({ labels, delayS }: Task): number {
  const delays = delayS.filter((_, row) => labels[row] !== noLabel).sort();
  return delays[Math.floor(delays.length / 2)];
}

function bestNe(spec: ExperimentSpec, stream: ExampleStream, { labels }: Task, truth: Float32Array): number {
  const sums = emptyDaySums(daysOf(stream));
  for (let row = 0; row < stream.size; row++)
    addToDay(sums, Math.floor(stream.impressionS[row] / secondsPerDay), truth[row], labels[row]);
  return normalizedEntropy(sumOfDays(sums, spec.metricsFromDay));
}

function notesOfTrained({ snapshotsPerDay = 1 }: ExperimentSpec['teacher']): string[] {
  return [
    'The teacher streams once over every example with a label, in the order in which labels come to be known.',
    snapshotsPerDay === 1
      ? 'Snapshots are taken at every midnight but the first: each has seen all labels known until then, and none later. Publishing takes no time here.'
      : `Snapshots are taken ${snapshotsPerDay} times a day, from midnight on: each has seen all labels known until then, and none later. Publishing takes no time here.`,
    snapshotsPerDay === 1
      ? 'Day d is labelled by the snapshot of the midnight before day d − s; 0 is that of the same morning.'
      : 'An example is labelled by the last snapshot before it, or by the one of the same time s days earlier.',
    'Predictions of the teacher are written to a log with the id of their snapshot, and read back by the students. Examples of the first days, for which no snapshot is old enough, have none: their distillation loss is masked and they are counted.',
  ];
}

const notesOfGiven = [
  'The teacher comes from elsewhere: its logs were given, and are the same for every seed. s is the median age of the snapshots of a log, in whole days.',
  'Examples without a pseudo-label have their distillation loss masked and are counted. A log that lacks examples that count is not compared with students, which have all of them.',
];

function protocolOf(
  spec: ExperimentSpec,
  days: number,
  precision: Precision,
  backend: ExperimentBackend | undefined,
): ExperimentResult['protocol'] {
  const { knobs } = spec;
  return {
    seeds: Array.from({ length: spec.seeds }, (_, seed) => seed + 1),
    stalenessDays: [...spec.stalenessDays],
    ...(spec.teacher.snapshotsPerDay !== undefined && { snapshotsPerDay: spec.teacher.snapshotsPerDay }),
    metricsFromDay: spec.metricsFromDay,
    periodDays: spec.periodDays,
    level: spec.level,
    bootstrap: {
      resamples: spec.bootstrap.resamples,
      blockDays: blockDaysOf({ fromDay: spec.metricsFromDay, days, bootstrap: spec.bootstrap }),
    },
    batch: spec.batch,
    learningRate: spec.learningRate,
    ...(!spec.teacher.logs && { teacherLearningRate: spec.teacher.learningRate }),
    distillation: {
      weight: knobs.weight,
      gradientScale: knobs.gradientScale,
      labelScale: knobs.labelScale,
      headHidden: [...knobs.headHidden],
      adapter: { ...knobs.adapter, hidden: [...knobs.adapter.hidden] },
    },
    notes: [
      ...(spec.teacher.logs ? notesOfGiven : notesOfTrained(spec.teacher)),
      'Students stream once over the examples of their vertical: each example is predicted at its impression, and trained on when its label is known.',
      'A seed names the initial parameters of teacher and students; the data are the same. Intervals over seeds say nothing of other data: those over days do.',
      'Several cells are judged at once, each at the stated confidence; nothing corrects for their number.',
      ...(isUsual(precision) ? [] : [`Parameters and activations were kept in ${precision}.`]),
      ...(backend ? [backendNote(backend)] : []),
    ],
  };
}

/** What results that do not say it were trained in. */
function isUsual(precision: Precision): boolean {
  return precision === 'float32';
}

function backendNote({ framework, device, initialParameters }: ExperimentBackend): string {
  const whose =
    initialParameters === 'shared'
      ? 'the parameters that rankfleet’s own learner starts from'
      : 'parameters of its own';
  return `All models were trained by ${framework} on ${device}, from ${whose}. rankfleet’s serving code serves what was exported as the framework does but for rounding, not to the last bit.`;
}

function warningsOf(spec: ExperimentSpec): string[] {
  const warnings: string[] = [];
  if (spec.seeds < 5)
    warnings.push(
      `${spec.seeds === 1 ? 'one seed' : `${spec.seeds} seeds`}: fewer than the five that claims should rest on`,
    );
  return warnings;
}

/** Six digits are more than an experiment knows; whole numbers stay as they are. */
export function rounded<Value>(value: Value): Value {
  return roundedValue(value) as Value;
}

function roundedValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(6));
  if (Array.isArray(value)) return value.map(roundedValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundedValue(inner)]));
}
