import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fileSize, writeWhole } from '../../foundation/files.ts';
import { InputError, locate } from '../../foundation/problem.ts';
import type { ExampleStream } from '../streams/stream.ts';
import { checkTeacherLabels } from './check-labels.ts';
import { coverageOf, noTeacherLabels, type TeacherLabels, type TeacherLogReport } from './teacher-labels.ts';

/** First line of a log; the number is the version of what follows. */
const magic = 'rankfleet teacher log 1\n';

/** Example (64 bits), probability (float32), snapshot and second (32 bits each), all with the low byte first. */
export const recordBytes = 20;

const recordFields = [
  'example uint64',
  'probability float32',
  'snapshot uint32',
  'labelled_s uint32',
] as const;

const recordsPerPart = 1 << 14;

/** Longest head, in bytes: a snapshot an hour for decades. */
const maxHeadBytes = 1 << 26;

const headSchema = z.strictObject({
  stream: z.string(),
  examples: z.int().min(1),
  task: z.string(),
  records: z.int().min(0),
  record: z.tuple(recordFields.map((field) => z.literal(field)) as [z.ZodLiteral, ...z.ZodLiteral[]]),
  snapshots: z.array(
    z.strictObject({
      id: z.int().min(0).max(0x7fffffff),
      trainedThroughS: z.number(),
      publishedS: z.number(),
    }),
  ),
});

/**
 * Writes what a teacher said, whole or not at all: a line that names the format, one of JSON with the snapshots, and
 * 20 bytes for each example of which it said something.
 * @throws InputError for pseudo-labels that nobody can have given (see `checkTeacherLabels`)
 */
export function writeTeacherLog(file: string, labels: TeacherLabels, stream: ExampleStream): void {
  checkTeacherLabels(labels, stream);
  writeWhole(file, partsOf(labels));
}

function* partsOf(labels: TeacherLabels): Generator<string | Uint8Array> {
  const { stream, examples, task, snapshots, probability, snapshot, labelledS } = labels;
  let records = 0;
  for (let row = 0; row < examples; row++) if (!Number.isNaN(probability[row])) records++;
  yield magic;
  yield `${JSON.stringify({ stream, examples, task, records, record: recordFields, snapshots })}\n`;
  const part = new DataView(new ArrayBuffer(recordsPerPart * recordBytes));
  let at = 0;
  for (let row = 0; row < examples; row++) {
    if (Number.isNaN(probability[row])) continue;
    part.setBigUint64(at, BigInt(row), true);
    part.setFloat32(at + 8, probability[row], true);
    part.setUint32(at + 12, snapshot[row], true);
    part.setUint32(at + 16, Math.floor(labelledS[row]), true);
    at += recordBytes;
    if (at < part.byteLength) continue;
    yield new Uint8Array(part.buffer);
    at = 0;
  }
  yield new Uint8Array(part.buffer, 0, at);
}

/**
 * Reads a log back for the students of a stream. Examples that it lacks are counted, and have no pseudo-label.
 * @throws InputError when the file is no such log, cut off, of another stream, has an example twice or out of its
 *   order, or holds pseudo-labels that nobody can have given
 */
export function readTeacherLog(
  file: string,
  stream: ExampleStream,
): { labels: TeacherLabels; report: TeacherLogReport } {
  fileSize(file);
  return locate(
    (message) => ({ file, message }),
    () => {
      const { head, body } = splitLog(readFileSync(file));
      const labels = noTeacherLabels(head);
      readRecords(labels, body);
      checkTeacherLabels(labels, stream);
      return { labels, report: coverageOf(labels, stream.impressionS) };
    },
  );
}

function splitLog(bytes: Buffer): { head: z.output<typeof headSchema>; body: Buffer } {
  const isLog = bytes.toString('latin1', 0, magic.length) === magic;
  if (!isLog) throw new InputError(`is no teacher log: expected '${magic.trim()}' in its first line`);
  const end = bytes.subarray(0, maxHeadBytes).indexOf('\n', magic.length);
  const head = headSchema.safeParse(end < 0 ? undefined : parsed(bytes.toString('utf8', magic.length, end)));
  if (!head.success) throw new InputError('its second line is not the head of a teacher log');
  const body = bytes.subarray(end + 1);
  const expected = head.data.records * recordBytes;
  if (body.length !== expected)
    throw new InputError(`holds ${body.length} bytes of records where its head says ${expected}`);
  return { head: head.data, body };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readRecords(labels: TeacherLabels, body: Buffer): void {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let before = -1;
  for (let at = 0; at < body.length; at += recordBytes) {
    const row = Number(view.getBigUint64(at, true));
    if (row >= labels.examples) throw new InputError(`has example ${row} of a stream of ${labels.examples}`);
    if (row <= before)
      throw new InputError(`has example ${row} after example ${before}: out of order, or twice`);
    const probability = view.getFloat32(at + 8, true);
    if (Number.isNaN(probability)) throw new InputError(`example ${row} is labelled with no number`);
    labels.probability[row] = probability;
    labels.snapshot[row] = view.getUint32(at + 12, true);
    labels.labelledS[row] = view.getUint32(at + 16, true);
    before = row;
  }
}
