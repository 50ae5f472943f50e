import { closeSync, openSync, readSync } from 'node:fs';

/** Long enough for the first key of what rankfleet writes as JSON, which is its format. */
const headBytes = 200;

/** Whether a file begins as JSON of a format does, without reading the rest of it. */
export function hasFormat(file: string, format: string): boolean {
  const head = Buffer.alloc(headBytes);
  const descriptor = openSync(file, 'r');
  try {
    const length = readSync(descriptor, head, 0, headBytes, 0);
    return new RegExp(`^\\s*\\{\\s*"format":\\s*"${format}`).test(head.toString('utf8', 0, length));
  } finally {
    closeSync(descriptor);
  }
}
