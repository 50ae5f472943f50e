import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { type SourceDocument, validate } from '../../foundation/document.ts';
import { namesInFolder, packageRoot, readDocument } from '../../foundation/files.ts';
import { didYouMean } from '../../foundation/near-name.ts';
import { InputError, locate, type Problem } from '../../foundation/problem.ts';
import { type ExampleStream, fieldNamed, taskNamed, verticalNamed } from '../streams/stream.ts';
import { checkDays } from './check-days.ts';
import { type ExperimentFile, experimentFileSchema } from './schema.ts';
import type { ExperimentSpec, SourceSpec } from './spec.ts';

const folder = 'distil/library';

/** An experiment that was read, and what it takes to say where in its file something is wrong. */
export interface LoadedExperiment {
  spec: ExperimentSpec;
  document: SourceDocument;
}

export function experimentNames(): string[] {
  return namesInFolder(folder);
}

/**
 * Reads an experiment of the library or of a file. Paths in it are relative to the file.
 * @throws InputError with the place of all that is wrong, apart from what only the stream can tell
 */
export function loadExperiment(nameOrPath: string): LoadedExperiment {
  const isPath = /[./\\]/.test(nameOrPath);
  const names = experimentNames();
  if (!isPath && !names.includes(nameOrPath))
    throw new InputError(
      `unknown experiment '${nameOrPath}'${didYouMean(nameOrPath, names)}; there are ${names.join(', ')}, or a path to a .yaml file`,
    );
  const document = readDocument(isPath ? nameOrPath : join(packageRoot, folder, `${nameOrPath}.yaml`));
  const file = validate(document, experimentFileSchema);
  const spec = specOf(file, document.file);
  if (file.teacher.logs) checkGiven(document);
  else checkDays(file, document);
  return { spec, document };
}

/** @throws InputError with the place of every name that the stream has not */
export function checkNames({ spec, document }: LoadedExperiment, stream: ExampleStream): void {
  const { teacher, student, gridVerticals, verticals } = spec;
  const problems: Problem[] = [];
  const check = (path: PropertyKey[], find: () => unknown) => {
    try {
      locate((message) => document.problemAt(path, message), find);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  };
  const each = (path: string[], names: readonly string[] | undefined, find: (name: string) => unknown) => {
    for (const [at, name] of (names ?? []).entries()) check([...path, at], () => find(name));
  };
  check(['teacher', 'task'], () => taskNamed(stream, teacher.task));
  each(['teacher', 'fields'], teacher.fields, (name) => fieldNamed(stream, name));
  each(['student', 'tasks'], student.tasks, (name) => taskNamed(stream, name));
  each(['student', 'fields'], student.fields, (name) => fieldNamed(stream, name));
  each(['verticals', 'grid'], gridVerticals, (name) => verticalNamed(stream, name));
  each(['verticals', 'all'], verticals, (name) => verticalNamed(stream, name));
  if (problems.length > 0) throw new InputError(problems);
}

function specOf(file: ExperimentFile, path: string): ExperimentSpec {
  const { teacher, student, distillation, training, metrics } = file;
  const name = basename(path, extname(path));
  return {
    name,
    question: file.question ?? `What does ${name} show of external distillation?`,
    source: sourceOf(file.source, dirname(path)),
    teacher: {
      task: teacher.task,
      fields: teacher.fields,
      embeddingDim: teacher.embedding,
      hidden: teacher.hidden,
      headHidden: teacher.head_hidden,
      sizes: teacher.sizes,
      learningRate: teacher.learning_rate ?? training.learning_rate,
      ...(teacher.snapshots_per_day !== 1 && { snapshotsPerDay: teacher.snapshots_per_day }),
      ...(teacher.logs && { logFiles: teacher.logs.map((log) => besideFile(log, dirname(path))) }),
    },
    student: {
      tasks: student.tasks,
      fields: student.fields,
      embeddingDim: student.embedding,
      hidden: student.hidden,
      headHidden: student.head_hidden,
    },
    gridVerticals: file.verticals.grid,
    verticals: file.verticals.all,
    arms: file.arms,
    controls: file.controls,
    knobs: {
      weight: distillation.weight,
      gradientScale: distillation.gradient_scale,
      labelScale: distillation.label_scale,
      headHidden: distillation.head_hidden,
      raisedRate: distillation.raised_rate,
      adapter: {
        input: distillation.adapter.input,
        hidden: distillation.adapter.hidden,
        residual: distillation.adapter.residual,
        learningRate: distillation.adapter.learning_rate,
      },
    },
    stalenessDays: file.staleness_days,
    lagDays: file.lag_days,
    seeds: file.seeds,
    metricsFromDay: metrics.from_day,
    periodDays: metrics.period_days,
    level: metrics.level,
    bootstrap: { resamples: metrics.resamples, blockDays: metrics.block_days },
    batch: training.batch,
    learningRate: training.learning_rate,
    maxTableRows: training.max_table_rows,
  };
}

function besideFile(path: string, from: string): string {
  return isAbsolute(path) ? path : join(from, path);
}

/** @throws InputError with the place of what makes no sense of a teacher that is not trained */
function checkGiven(document: SourceDocument): void {
  const file = document.value as { teacher: object };
  const ofTraining = [
    'fields',
    'embedding',
    'hidden',
    'head_hidden',
    'sizes',
    'learning_rate',
    'snapshots_per_day',
  ].map((key) => ['teacher', key]);
  const ofAge = ['staleness_days', 'lag_days'].map((key) => [key]);
  const problems = [
    ...ofTraining
      .filter(([, key]) => Object.hasOwn(file.teacher, key))
      .map((path) =>
        document.problemAt(path, 'a teacher of which logs are given is not trained: leave this out'),
      ),
    ...ofAge
      .filter(([key]) => Object.hasOwn(file, key))
      .map((path) => document.problemAt(path, 'logs say themselves how stale they are: leave this out')),
  ];
  if (problems.length > 0) throw new InputError(problems);
}

function sourceOf(source: ExperimentFile['source'], from: string): SourceSpec {
  const beside = (path: string) => besideFile(path, from);
  switch (source.kind) {
    case 'flights': {
      const { verticals, reach, thresholds } = source;
      return { kind: 'flights', options: { verticals, reach, thresholdsMin: thresholds } };
    }
    case 'synthetic':
      return { kind: 'synthetic', options: source.options };
    case 'csv': {
      const isShipped = !/[./\\]/.test(source.layout);
      return {
        kind: 'csv',
        file: beside(source.file),
        layout: isShipped ? source.layout : beside(source.layout),
      };
    }
  }
}
