import { existsSync, statSync } from 'node:fs';
import { isDeploymentOwed } from '../../evolve/deploy/deployment.ts';
import { exportSearch } from '../../evolve/storage/export.ts';
import type { ExportedSearch } from '../../evolve/storage/export-schema.ts';
import { readExport } from '../../evolve/storage/import.ts';
import { artifactFile, SearchStore } from '../../evolve/storage/store.ts';
import { InputError } from '../../foundation/problem.ts';
import type { SearchReport } from '../../reports/search/search-report.ts';
import { searchReportOf } from './search-data.ts';

/** Reads the folder of a search, or a file that one was exported to. @throws InputError where there is none */
export async function searchAt(path: string): Promise<ExportedSearch> {
  if (existsSync(path) && statSync(path).isFile()) return readExport(path);
  if (!existsSync(path)) throw new InputError([{ file: path, message: 'no such folder or file' }]);
  const store = await SearchStore.openExisting(path);
  try {
    return exportSearch(store);
  } finally {
    store.close();
  }
}

/** The session of a number, or the last one. @throws InputError where there is none */
export function sessionIn(
  { sessions }: ExportedSearch,
  path: string,
  id: number | undefined,
): ExportedSearch['sessions'][number] {
  const session = id === undefined ? sessions.at(-1) : sessions.find((one) => one.id === id);
  if (session) return session;
  const known = sessions.map((one) => one.id).join(', ') || 'none';
  throw new InputError([
    {
      file: path,
      message: id === undefined ? 'no search was begun in it' : `has no session ${id}; it has ${known}`,
    },
  ]);
}

/** A session as reports show it. */
export function reportOf(search: ExportedSearch, path: string, id?: number): SearchReport {
  const session = sessionIn(search, path, id);
  if (!statSync(path).isDirectory()) return searchReportOf(search, session, { source: path });
  return searchReportOf(search, session, {
    source: path,
    fileOf: (hash) => artifactFile(path, hash, session.settings.language),
    isOwed: isDeploymentOwed(path, session.id),
  });
}
