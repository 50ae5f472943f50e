import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTeacherLog, recordBytes, writeTeacherLog } from '../../../distil/teacher-log/log-file.ts';
import {
  describeCoverage,
  noTeacherLabels,
  type TeacherLabels,
} from '../../../distil/teacher-log/teacher-labels.ts';
import { isSameValue } from '../../../foundation/same-value.ts';
import { messageOf } from '../../input-error.ts';
import { smallStream } from '../small-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'rankfleet-teacher-'));
const file = join(folder, 'teacher.log');
const stream = smallStream();

/** Snapshots of the second and third midnight, and labels of the examples seen after. */
function someLabels(): TeacherLabels {
  const labels = noTeacherLabels({
    stream: 'small',
    examples: 5,
    task: 'click',
    snapshots: [
      { id: 7, trainedThroughS: 0, publishedS: 5 },
      { id: 8, trainedThroughS: 86_400, publishedS: 90_000 },
    ],
  });
  const say = (row: number, p: number, snapshot: number, atS: number) => {
    labels.probability[row] = p;
    labels.snapshot[row] = snapshot;
    labels.labelledS[row] = atS;
  };
  say(0, 0.25, 7, 10);
  say(3, 0.125, 8, 172_801);
  say(4, 0.5, 8, 172_900);
  return labels;
}

const log = suite('teacher log');
log.after(() => rmSync(folder, { recursive: true }));

log('what is written is read back, gaps counted', () => {
  writeTeacherLog(file, someLabels(), stream);
  const { labels, report } = readTeacherLog(file, stream);
  assert.ok(isSameValue(labels, someLabels()));
  assert.equal(report, {
    task: 'click',
    labelled: 3,
    missing: 2,
    gaps: 1,
    firstGaps: [[1, 2]],
    snapshotsUsed: 2,
    ageS: { least: 10, median: 86_400, most: 86_500 },
  });
  assert.equal(describeCoverage(report), [
    'click: 3 pseudo-labels by 2 snapshots',
    '2 examples without one: 1 to 2',
    'teacher behind by 0.00 d to 1.00 d, median 1.00 d',
  ]);
});

log('any probabilities and gaps survive the file bit by bit; each label is one record', () => {
  const said = fc.array(fc.option(fc.float({ min: 0, max: 1, noNaN: true })), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(said, (probabilities) => {
      const labels = noTeacherLabels(someLabels());
      for (const [row, p] of probabilities.entries()) {
        if (p === null) continue;
        labels.probability[row] = p;
        labels.snapshot[row] = 7;
        labels.labelledS[row] = Math.ceil(stream.impressionS[row]);
      }
      writeTeacherLog(file, labels, stream);
      const back = readTeacherLog(file, stream);
      assert.ok(isSameValue(back.labels, labels));
      assert.is(back.report.labelled + back.report.missing, 5);
      const text = readFileSync(file, 'latin1');
      const headEnd = text.indexOf('\n', text.indexOf('\n') + 1) + 1;
      assert.is(text.length - headEnd, recordBytes * back.report.labelled);
    }),
    { numRuns: 50 },
  );
});

log('a teacher of another task is read by the labels of its own', () => {
  const other = smallStream();
  other.tasks.push({ ...other.tasks[0], name: 'buy' });
  writeTeacherLog(file, { ...someLabels(), task: 'buy' }, other);
  assert.is(readTeacherLog(file, other).labels.task, 'buy');
  assert.match(
    messageOf(() => readTeacherLog(file, stream)),
    "no task 'buy'",
  );
});

const impossible: [what: string, change: (labels: TeacherLabels) => void, message: string][] = [
  ['another stream', (labels) => Object.assign(labels, { stream: 'big' }), 'of stream big'],
  [
    'what is no probability',
    ({ probability }) => probability.set([1.5], 3),
    'example 3: 1.5 is no probability',
  ],
  [
    'a snapshot that is not listed',
    ({ snapshot }) => snapshot.set([9], 3),
    'example 3: labelled by snapshot 9',
  ],
  ['a time before the impression', ({ labelledS }) => labelledS.set([172_700], 3), 'before its impression'],
  [
    'a snapshot not yet published',
    ({ snapshots }) => Object.assign(snapshots[1], { publishedS: 2e5 }),
    'published at 200000 s',
  ],
  [
    'a teacher that has seen the label',
    ({ snapshots, labelledS }) => {
      labelledS[3] = 172_900;
      Object.assign(snapshots[1], { trainedThroughS: 172_806, publishedS: 172_806 });
    },
    'example 3: snapshot 8, trained through 172806 s, had seen its label of 172805 s',
  ],
  [
    'a snapshot published before it was trained',
    ({ snapshots }) => Object.assign(snapshots[0], { publishedS: -1 }),
    'snapshot 7 is published',
  ],
  [
    'two snapshots of one id',
    ({ snapshots }) => Object.assign(snapshots[0], { id: 8 }),
    'two snapshots have id 8',
  ],
];
for (const [what, change, message] of impossible) {
  log(`${what} is refused`, () => {
    const labels = someLabels();
    change(labels);
    assert.match(
      messageOf(() => writeTeacherLog(file, labels, stream)),
      message,
    );
  });
}

const damaged: [what: string, change: (bytes: Buffer) => Buffer, message: string][] = [
  ['another file', () => Buffer.from('example,probability\n'), 'is no teacher log'],
  ['an empty file', () => Buffer.alloc(0), 'is no teacher log'],
  ['a log cut off in its head', (bytes) => bytes.subarray(0, 40), 'its second line is not the head'],
  [
    'a log cut off in its records',
    (bytes) => bytes.subarray(0, -1),
    'holds 59 bytes of records where its head says 60',
  ],
  ['an example twice', (bytes) => withExample(bytes, 1, 0), 'has example 0 after example 0'],
  ['an example that there is not', (bytes) => withExample(bytes, 2, 5), 'has example 5 of a stream of 5'],
];
for (const [what, change, message] of damaged) {
  log(`${what} is refused with the name of the file`, () => {
    writeTeacherLog(file, someLabels(), stream);
    const bad = join(folder, 'bad.log');
    writeFileSync(bad, change(readFileSync(file)));
    const text = messageOf(() => readTeacherLog(bad, stream));
    assert.match(text, message);
    assert.match(text, bad);
  });
}

log('a file that is not there is named', () => {
  assert.match(
    messageOf(() => readTeacherLog(join(folder, 'none.log'), stream)),
    'no such file',
  );
});

log.run();

/** A log whose n-th record is of another example. */
function withExample(bytes: Buffer, record: number, example: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeBigUInt64LE(BigInt(example), bytes.length - (3 - record) * recordBytes);
  return changed;
}
