import { ceilingsOf } from '../../evolve/diagnosis/ceilings.ts';
import { diagnose } from '../../evolve/diagnosis/diagnose.ts';
import type { SearchRules, SearchSubject } from '../../evolve/expansion.ts';
import { KnowledgeBase } from '../../evolve/knowledge/knowledge-base.ts';
import { platformOf, queryOf } from '../../evolve/knowledge/query.ts';
import { retrieve } from '../../evolve/knowledge/retrieve.ts';
import { distil } from '../../evolve/knowledge/skills/distil.ts';
import { writeSkill } from '../../evolve/knowledge/skills/files.ts';
import { type Variant, variantOf } from '../../evolve/rewrite/variants.ts';
import { addSkill } from '../../evolve/storage/skills.ts';
import type { SearchStore } from '../../evolve/storage/store.ts';

/** How attempts are diagnosed and what is looked up for them: in the knowledge base, and in what earlier searches taught. */
export function knowledgeOf(
  { device, dataType }: SearchSubject,
  earlier: readonly string[],
): Required<Pick<SearchRules, 'diagnose' | 'retrieve'>> {
  const base = new KnowledgeBase(earlier);
  const ceilings = ceilingsOf(device, dataType);
  return {
    diagnose: (attempt, subject) => diagnose(attempt, subject, ceilings),
    retrieve: (diagnosis, subject) => retrieve(base, queryOf(diagnosis, subject)),
  };
}

/** Writes what a session taught beside it, as a skill that later searches with `--from` look up. */
export function learn(store: SearchStore, id: number, variants: readonly Variant[]): void {
  const { task, settings, device } = store.session(id);
  const { language, dataType } = settings;
  const attempts = store.database
    .all('SELECT id FROM nodes WHERE session = ? AND artifact IS NOT NULL AND duplicate_of IS NULL', id)
    .map((row) => store.attempt(Number(row.id)));
  const origin = `${task.name}, session ${id}`;
  const evidence = distil(
    attempts,
    { task, language, dataType, device, origin },
    ({ artifact }) => variantOf(artifact.text, variants)?.name,
  );
  if (!evidence) return;
  const scope = { operator: task.operator, language, platform: platformOf(device, language) };
  const { path, text, version } = writeSkill(store.folder, evidence, scope);
  const best = attempts.reduce((a, b) => (b.evaluation.score > a.evaluation.score ? b : a));
  const isKnown = store.database.first('SELECT 1 FROM skills WHERE path = ? AND version >= ?', path, version);
  if (!isKnown) addSkill(store.database, { node: best.id, path, document: text });
}
