import { counted, grouped } from '../../foundation/counted.ts';
import { secondsPerDay } from '../streams/stream.ts';

/** A teacher as it was published. */
export interface Snapshot {
  /** Whole number, of which no other snapshot has the same. */
  id: number;
  /** Seconds of the stream: it had seen the labels known before this time, and none after it. */
  trainedThroughS: number;
  /** When it could first be asked; not before `trainedThroughS`. */
  publishedS: number;
}

/** Of what a log is. */
export interface TeacherLogHead {
  /** Name of the stream, and its number of examples. */
  stream: string;
  examples: number;
  /** Task that the teacher was trained on; a student's may be another. */
  task: string;
  snapshots: Snapshot[];
}

/** What a teacher said of the examples of a stream, in columns of one value an example. */
export interface TeacherLabels extends TeacherLogHead {
  /** Probability of a positive; NaN where the teacher said nothing. */
  probability: Float32Array;
  /** Id of the snapshot that said it; -1 where none did. */
  snapshot: Int32Array;
  /** When it was said, in whole seconds of the stream; NaN where nothing was. */
  labelledS: Float64Array;
}

/** What of a stream a log covers, and by how much its teachers were behind. */
export interface TeacherLogReport {
  task: string;
  labelled: number;
  /** Examples without a pseudo-label: students mask their distillation loss. */
  missing: number;
  /** Number of runs of missing examples, and the first of them as first and last example. */
  gaps: number;
  firstGaps: [first: number, last: number][];
  /** Snapshots that said something. */
  snapshotsUsed: number;
  /** Seconds from what the teacher had seen to the impression that it labelled. */
  ageS: { least: number; median: number; most: number };
}

const gapsShown = 5;

/** Columns in which the teacher has said nothing yet. */
export function noTeacherLabels({ stream, examples, task, snapshots }: TeacherLogHead): TeacherLabels {
  return {
    stream,
    examples,
    task,
    snapshots,
    probability: new Float32Array(examples).fill(Number.NaN),
    snapshot: new Int32Array(examples).fill(-1),
    labelledS: new Float64Array(examples).fill(Number.NaN),
  };
}

/** @param impressionS of each example */
export function coverageOf(labels: TeacherLabels, impressionS: Float64Array): TeacherLogReport {
  const { examples, task, snapshots, probability, snapshot } = labels;
  const trainedThrough = new Map(snapshots.map(({ id, trainedThroughS }) => [id, trainedThroughS]));
  const ages = new Float64Array(examples);
  const used = new Set<number>();
  const firstGaps: [number, number][] = [];
  let [labelled, gaps] = [0, 0];
  for (let row = 0; row < examples; row++) {
    if (Number.isNaN(probability[row])) {
      const begins = row === 0 || !Number.isNaN(probability[row - 1]);
      if (begins) gaps++;
      if (begins && gaps <= gapsShown) firstGaps.push([row, row]);
      else if (gaps <= gapsShown) firstGaps[gaps - 1][1] = row;
      continue;
    }
    used.add(snapshot[row]);
    ages[labelled++] = impressionS[row] - trainedThrough.get(snapshot[row])!;
  }
  const sorted = ages.subarray(0, labelled).sort();
  const at = (share: number) => sorted[Math.floor(share * (labelled - 1))] ?? Number.NaN;
  const ageS = { least: at(0), median: at(0.5), most: at(1) };
  return { task, labelled, missing: examples - labelled, gaps, firstGaps, snapshotsUsed: used.size, ageS };
}

/** A report in plain lines. */
export function describeCoverage(report: TeacherLogReport): string[] {
  const { task, labelled, missing, gaps, firstGaps, snapshotsUsed, ageS } = report;
  const lines = [`${task}: ${counted(labelled, 'pseudo-label')} by ${counted(snapshotsUsed, 'snapshot')}`];
  if (missing > 0) {
    const shown = firstGaps.map(([first, last]) =>
      first === last ? grouped(first) : `${grouped(first)} to ${grouped(last)}`,
    );
    const more = gaps > shown.length ? ` and ${counted(gaps - shown.length, 'more gap')}` : '';
    lines.push(`${counted(missing, 'example')} without one: ${shown.join(', ')}${more}`);
  }
  if (labelled > 0)
    lines.push(`teacher behind by ${days(ageS.least)} to ${days(ageS.most)}, median ${days(ageS.median)}`);
  return lines;
}

function days(seconds: number): string {
  return `${(seconds / secondsPerDay).toFixed(2)} d`;
}
