import { basename, resolve } from 'node:path';
import type { PastKernel, SearchRules, SearchSubject } from './expansion.ts';
import { leastSimilarity, moreUseful, mostKernels, mostUseful } from './past-kernels.ts';
import { similarity } from './similarity.ts';
import { bestNodes } from './storage/queries.ts';
import type { Session } from './storage/sessions.ts';
import { SearchStore } from './storage/store.ts';

/** A session as a subject, to be compared with the one at hand. */
function subjectOf({ task, settings, device }: Session): SearchSubject {
  return { task, device, language: settings.language, dataType: settings.dataType };
}

/**
 * The best correct kernels of earlier searches for like tasks: the most similar first, the fastest among equals, each
 * artifact once.
 * @param folders of searches; an unknown one is an error, so that a misspelt name does not pass for an empty past
 */
async function pastKernels(subject: SearchSubject, folders: readonly string[]): Promise<PastKernel[]> {
  const found = new Map<string, PastKernel>();
  for (const folder of new Set(folders.map((each) => resolve(each)))) {
    const store = await SearchStore.openExisting(folder);
    try {
      for (const [artifact, kernel] of kernelsOf(store, subject)) {
        const known = found.get(artifact);
        if (!known || moreUseful(kernel, known) < 0) found.set(artifact, kernel);
      }
    } finally {
      store.close();
    }
  }
  return mostUseful(found.values());
}

function kernelsOf(store: SearchStore, subject: SearchSubject): [artifact: string, kernel: PastKernel][] {
  return store.sessions().flatMap((session) => {
    const alike = similarity(subject, subjectOf(session));
    if (alike < leastSimilarity) return [];
    return bestNodes(store.database, session.id, mostKernels).map(({ id, artifact = '' }) => [
      artifact,
      {
        origin: `${basename(store.folder)}, session ${session.id}, node ${id}`,
        similarity: alike,
        attempt: store.attempt(id),
      },
    ]);
  });
}

/** Reuse at a rate, for the rules of a search. Earlier searches are read when the first expansion is shown them. */
export function reuseFrom(
  folders: readonly string[],
  subject: SearchSubject,
  rate: number,
): NonNullable<SearchRules['reuse']> {
  let found: Promise<PastKernel[]> | undefined;
  const find = () => {
    found ??= pastKernels(subject, folders);
    return found;
  };
  return { rate, find };
}
