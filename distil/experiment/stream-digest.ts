import { createHash } from 'node:crypto';
import type { ExampleStream } from '../streams/stream.ts';

/** Hash of all that is trained on, as 16 hexadecimal digits. */
export function streamDigest({ impressionS, fields, tasks, members, verticals }: ExampleStream): string {
  const hash = createHash('sha256').update(
    JSON.stringify([verticals, ...[...fields, ...tasks].map(({ name }) => name)]),
  );
  const columns = [
    impressionS,
    members,
    ...fields.map(({ ids }) => ids),
    ...tasks.flatMap(({ labels, delayS }) => [labels, delayS]),
  ];
  for (const { buffer, byteOffset, byteLength } of columns)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex').slice(0, 16);
}
