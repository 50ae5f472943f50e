import { counted, grouped } from '../../foundation/counted.ts';
import { InputError, type Problem, printable } from '../../foundation/problem.ts';
import { type ExampleStream, noLabel, secondsPerDay } from './stream.ts';

/** What a stream holds and what of it cannot be used: shown beside every figure that rests on the stream. */
export interface StreamReport {
  stream: string;
  examples: number;
  tasks: TaskReport[];
  /** Examples that no vertical has: the foundation model alone may train on them. */
  inNoVertical: number;
  /** Examples that were moved since the source was not in the order of time. */
  moved: number;
  /** Verticals that the source names and nobody asked for, with their examples; these are among those in none. */
  unknownVerticals: [value: string, examples: number][];
}

/** What a reader knows that the columns do not say. */
export type ReaderNotes = Pick<StreamReport, 'moved' | 'unknownVerticals'>;

const nothingNoted: ReaderNotes = { moved: 0, unknownVerticals: [] };

const unknownShown = 5;

/** A century: sums are kept for each day, and a longer stream has its times wrong. */
const maxDays = 36_500;

export interface TaskReport {
  task: string;
  positives: number;
  /** Examples without a label of this task: neither trained on nor counted in a metric. */
  unlabelled: number;
  /** Labels that were there before their impression: taken away, and among the unlabelled. */
  beforeImpression: number;
}

/**
 * Checks that a stream can be trained on, and takes away the labels that cannot be true.
 * @param notes what the reader of a file has to add to the report
 * @throws InputError when the stream is empty, its times go back or span more than a century, its columns differ in length, an id is out of its
 *   field's range, a label is neither 0, 1 nor absent, or a task has no label at all
 */
export function checkStream(stream: ExampleStream, notes = nothingNoted): StreamReport {
  const problems = [...shapeProblems(stream)];
  if (problems.length === 0) problems.push(...valueProblems(stream));
  if (problems.length > 0) throw inputError(stream, problems);
  const tasks = stream.tasks.map((task) => {
    const report: TaskReport = { task: task.name, positives: 0, unlabelled: 0, beforeImpression: 0 };
    const { labels, delayS } = task;
    for (let row = 0; row < stream.size; row++) {
      if (labels[row] !== noLabel && delayS[row] < 0) {
        labels[row] = noLabel;
        delayS[row] = Number.NaN;
        report.beforeImpression++;
      }
      if (labels[row] === noLabel) report.unlabelled++;
      else report.positives += labels[row];
    }
    return report;
  });
  const bare = tasks.filter(({ unlabelled }) => unlabelled === stream.size);
  if (bare.length > 0) throw inputError(stream, bare.map(noneLeft));
  let inNoVertical = 0;
  for (let row = 0; row < stream.size; row++) if (stream.members[row] === 0) inNoVertical++;
  return { stream: stream.name, examples: stream.size, tasks, inNoVertical, ...notes };
}

/** A report in plain lines; what is zero is left out. */
export function describeReport({
  stream,
  examples,
  tasks,
  inNoVertical,
  moved,
  unknownVerticals,
}: StreamReport): string[] {
  const lines = [`${stream}: ${counted(examples, 'example')}`];
  if (moved > 0) lines.push(`${counted(moved, 'example')} put in the order of time`);
  if (inNoVertical > 0) lines.push(`${counted(inNoVertical, 'example')} in no vertical`);
  if (unknownVerticals.length > 0) {
    const shown = unknownVerticals
      .slice(0, unknownShown)
      .map(([value, count]) => `${value === '' ? 'no name' : printable(value)} (${grouped(count)})`);
    const more =
      unknownVerticals.length > unknownShown ? `, and ${unknownVerticals.length - unknownShown} more` : '';
    lines.push(`verticals that nobody trains: ${shown.join(', ')}${more}`);
  }
  for (const { task, positives, unlabelled, beforeImpression } of tasks) {
    const rate = (100 * positives) / (examples - unlabelled);
    const without = unlabelled > 0 ? `, ${counted(unlabelled, 'example')} without a label` : '';
    const early =
      beforeImpression > 0 ? ` (${counted(beforeImpression, 'label')} before the impression)` : '';
    lines.push(`${task}: ${rate.toPrecision(3)} % positive${without}${early}`);
  }
  return lines;
}

function noneLeft({ task, beforeImpression }: TaskReport): string {
  const why = beforeImpression > 0 ? `: ${beforeImpression} came before their impressions` : '';
  return `task ${task} has no label${why}`;
}

function* shapeProblems({ size, impressionS, fields, tasks, members }: ExampleStream): Generator<string> {
  if (size === 0) yield 'is empty';
  if (tasks.length === 0) yield 'has no task: nothing is labelled';
  if (fields.length === 0) yield 'has no field to predict from';
  const columns: [string, number][] = [
    ['impression times', impressionS.length],
    ['members', members.length],
    ...fields.map(({ name, ids }): [string, number] => [`ids of ${name}`, ids.length]),
    ...tasks.map(({ name, labels }): [string, number] => [`labels of ${name}`, labels.length]),
    ...tasks.map(({ name, delayS }): [string, number] => [`delays of ${name}`, delayS.length]),
  ];
  for (const [what, length] of columns) {
    if (length !== size) yield `has ${length} ${what} for ${counted(size, 'example')}`;
  }
}

function* valueProblems(stream: ExampleStream): Generator<string> {
  const { impressionS, fields, tasks } = stream;
  const back = impressionS.findIndex((time, row) => !(time >= (row === 0 ? 0 : impressionS[row - 1])));
  if (back >= 0) {
    const before =
      back === 0 ? 'the stream begins at 0 s' : `the one before it is at ${impressionS[back - 1]} s`;
    yield `is not sorted by time: example ${back} is at ${impressionS[back]} s, ${before}`;
  }
  const days = Math.floor(impressionS[impressionS.length - 1] / secondsPerDay) + 1;
  if (back < 0 && days > maxDays)
    yield `spans ${grouped(days)} days, of at most ${grouped(maxDays)}: is the unit of its times right?`;
  for (const { name, ids, cardinality } of fields) {
    const wrong = ids.findIndex((id) => id < 0 || id >= cardinality);
    if (wrong >= 0) yield `example ${wrong} has id ${ids[wrong]} of field ${name}, of ${cardinality}`;
  }
  for (const { name, labels, delayS } of tasks) {
    const wrong = labels.findIndex((label) => label > 1 && label !== noLabel);
    if (wrong >= 0) yield `example ${wrong} has label ${labels[wrong]} of task ${name}: expected 0 or 1`;
    const timeless = labels.findIndex((label, row) => label !== noLabel && Number.isNaN(delayS[row]));
    if (timeless >= 0) yield `example ${timeless} has a label of task ${name} and no time of it`;
  }
}

function inputError({ name }: ExampleStream, messages: string[]): InputError {
  return new InputError(messages.map((message): Problem => ({ message: `stream ${name} ${message}` })));
}
