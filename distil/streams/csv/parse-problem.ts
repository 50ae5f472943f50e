import { closeSync, openSync, readSync } from 'node:fs';
import { fileSize } from '../../../foundation/files.ts';
import { InputError } from '../../../foundation/problem.ts';

/** So much of a file tells whether it is text at all. */
const sniffedBytes = 4096;

/** @throws InputError when a file cannot be read, is compressed, or holds what no text does */
export function checkIsText(file: string): void {
  fileSize(file);
  const bytes = Buffer.alloc(sniffedBytes);
  const handle = openSync(file, 'r');
  const head = bytes.subarray(0, readSync(handle, bytes, 0, sniffedBytes, 0));
  closeSync(handle);
  const refuse = (message: string) => new InputError([{ file, line: 1, column: 1, message }]);
  if (head[0] === 0x1f && head[1] === 0x8b) throw refuse('is compressed by gzip: unpack it first');
  if (head.includes(0)) throw refuse('is not UTF-8 text');
}

/** What a parser of CSV says of a row that it cannot end; where a quote stays open, that is the rest of the file. */
const endless = new Set(['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE']);

/**
 * The error of a parser of CSV, as a problem of its file.
 * @param line that the parser is at
 * @param rowBefore line of the last row that it read
 */
export function parseProblem(error: unknown, file: string, line: number, rowBefore: number): InputError {
  if (error instanceof InputError) return error;
  const { code = '', message } = error as { code?: string; message: string };
  if (endless.has(code)) {
    const unending = 'the row that begins here does not end: is a quote left open?';
    return new InputError([{ file, line: rowBefore + 1, column: 1, message: unending }]);
  }
  return new InputError([{ file, line, column: 1, message: message.replace(/ (on|at) line \d+/, '') }]);
}
