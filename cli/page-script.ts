import { join } from 'node:path';
import { packageRoot, readTextFile } from '../foundation/files.ts';
import { pageScriptFile } from '../reports/html/html-report.ts';

/** The script of pages, as the build left it. */
export function pageScript(): string {
  return readTextFile(join(packageRoot, pageScriptFile));
}
