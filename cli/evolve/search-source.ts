import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasFormat } from '../file-head.ts';

/** File in the folder of a search that holds its graph. */
export const searchDatabase = 'search.db';

/** Whether a path is a kernel search: the folder of one, or a file that one was exported to. */
export function isSearch(path: string): boolean {
  const stats = existsSync(path) ? statSync(path) : undefined;
  if (!stats) return false;
  return stats.isDirectory() ? existsSync(join(path, searchDatabase)) : hasFormat(path, 'rankfleet-search');
}
