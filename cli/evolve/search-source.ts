import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** File in the folder of a search that holds its graph. */
export const searchDatabase = 'search.db';

/** Long enough for the first key of an export, which is its format. */
const headBytes = 200;

/** Whether a path is a kernel search: the folder of one, or a file that one was exported to. */
export function isSearch(path: string): boolean {
  const stats = existsSync(path) ? statSync(path) : undefined;
  if (!stats) return false;
  return stats.isDirectory() ? existsSync(join(path, searchDatabase)) : isExport(path);
}

function isExport(file: string): boolean {
  const head = Buffer.alloc(headBytes);
  const descriptor = openSync(file, 'r');
  try {
    const length = readSync(descriptor, head, 0, headBytes, 0);
    return /^\s*\{\s*"format":\s*"rankfleet-search"/.test(head.toString('utf8', 0, length));
  } finally {
    closeSync(descriptor);
  }
}
