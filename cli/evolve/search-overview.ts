import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { csvOf } from '../../foundation/csv.ts';
import { InputError } from '../../foundation/problem.ts';
import {
  overviewData,
  overviewMarkdown,
  overviewOf,
  overviewText,
  type SearchOverview,
} from '../../reports/search/overview.ts';
import { isSearch } from './search-source.ts';
import { reportOf, searchAt } from './stored-search.ts';

/** How an overview is printed. */
export type OverviewFormat = 'text' | 'json' | 'csv' | 'markdown';

/** Whether a path is a folder that is no search itself. */
export function isFolderOfSearches(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory() && !isSearch(path);
}

/** The searches in a folder, exports and folders alike, each by its last session. @throws InputError without any */
export async function overviewIn(folder: string): Promise<SearchOverview[]> {
  const found = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(isSearch);
  if (found.length === 0) {
    const message = 'has no search: neither the folder of one, nor files that some were exported to';
    throw new InputError([{ file: folder, message }]);
  }
  const reports = [];
  for (const path of found) reports.push(reportOf(await searchAt(path), path));
  return overviewOf(reports);
}

export function overviewAs(rows: readonly SearchOverview[], format: OverviewFormat): string {
  switch (format) {
    case 'text':
      return overviewText(rows);
    case 'json':
      return `${JSON.stringify(rows, null, 2)}\n`;
    case 'csv':
      return [...csvOf(overviewData(rows))].join('');
    case 'markdown':
      return overviewMarkdown(rows);
  }
}
