import { diagnose } from './diagnosis/diagnose.ts';
import { type Ceilings, datasheetCeilings } from './evaluation/ceilings.ts';
import type { SearchRules } from './expansion.ts';
import { KnowledgeBase } from './knowledge/knowledge-base.ts';
import { queryOf } from './knowledge/query.ts';
import { retrieve } from './knowledge/retrieve.ts';

interface GuidanceOptions {
  /** Folders with skills that earlier searches left. */
  skillFolders?: readonly string[];
  /** Tokens of documents for each node. */
  documentTokens?: number;
  /** Of the device, where more is known of it than the catalogue does. */
  ceilings?: Ceilings;
}

/** How a search learns what holds its kernels back, and what is known about that: for its rules. */
export function guidance({
  skillFolders,
  documentTokens,
  ceilings: given,
}: GuidanceOptions = {}): Required<Pick<SearchRules, 'diagnose' | 'retrieve'>> {
  const base = new KnowledgeBase(skillFolders);
  // A search has one device, whose file is read once.
  let ceilings = given;
  return {
    diagnose: (attempt, subject) => {
      ceilings ??= datasheetCeilings(subject.device);
      return diagnose(attempt, subject, ceilings);
    },
    retrieve: (diagnosis, subject) => retrieve(base, queryOf(diagnosis, subject), documentTokens),
  };
}
