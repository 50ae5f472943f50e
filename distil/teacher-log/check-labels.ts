import { InputError } from '../../foundation/problem.ts';
import { significant } from '../../foundation/units.ts';
import { type ExampleStream, noLabel, taskNamed } from '../streams/stream.ts';
import type { Snapshot, TeacherLabels } from './teacher-labels.ts';

/**
 * Refuses pseudo-labels that nobody can have given: by a snapshot that is not listed or was not published yet, before
 * the impression, of no probability, or by a teacher that had already seen the label.
 * @throws InputError with the first example of each kind
 */
export function checkTeacherLabels(labels: TeacherLabels, stream: ExampleStream): void {
  if (labels.stream !== stream.name || labels.examples !== stream.size) {
    throw new InputError(
      `pseudo-labels are of stream ${labels.stream} with ${labels.examples} examples, not of ${stream.name} with ${stream.size}`,
    );
  }
  const task = taskNamed(stream, labels.task);
  const snapshots = snapshotsById(labels.snapshots);
  const problems = new Map<string, string>();
  const found = (kind: string, row: number, message: string) => {
    if (!problems.has(kind)) problems.set(kind, `example ${row}: ${message}`);
  };
  const { probability, snapshot, labelledS } = labels;
  for (let row = 0; row < labels.examples; row++) {
    if (Number.isNaN(probability[row])) continue;
    const [p, saidS, seenS] = [probability[row], labelledS[row], stream.impressionS[row]];
    if (!(p >= 0 && p <= 1)) found('range', row, `${significant(p, 2)} is no probability`);
    // Times of a log are whole seconds.
    if (!(saidS >= Math.floor(seenS)))
      found('early', row, `labelled at ${saidS} s, before its impression at ${seenS} s`);
    const by = snapshots.get(snapshot[row]);
    if (!by) {
      found('unknown', row, `labelled by snapshot ${snapshot[row]}, which is not listed`);
      continue;
    }
    if (saidS < Math.floor(by.publishedS))
      found(
        'unpublished',
        row,
        `labelled at ${saidS} s by snapshot ${by.id}, published at ${by.publishedS} s`,
      );
    const knownS = seenS + task.delayS[row];
    if (task.labels[row] !== noLabel && knownS < by.trainedThroughS)
      found(
        'leak',
        row,
        `snapshot ${by.id}, trained through ${by.trainedThroughS} s, had seen its label of ${knownS} s`,
      );
  }
  if (problems.size > 0) throw new InputError([...problems.values()].map((message) => ({ message })));
}

function snapshotsById(snapshots: readonly Snapshot[]): Map<number, Snapshot> {
  const byId = new Map<number, Snapshot>();
  for (const snapshot of snapshots) {
    const { id, trainedThroughS, publishedS } = snapshot;
    if (byId.has(id)) throw new InputError(`two snapshots have id ${id}`);
    if (!(publishedS >= trainedThroughS))
      throw new InputError(
        `snapshot ${id} is published at ${publishedS} s, before ${trainedThroughS} s that it has seen`,
      );
    byId.set(id, snapshot);
  }
  return byId;
}
