import { platformOf } from './knowledge/query.ts';
import { distil, type Finished } from './knowledge/skills/distil.ts';
import { type SkillFile, writeSkill } from './knowledge/skills/files.ts';
import { type Variant, variantOf } from './rewrite/variants.ts';
import { readNodes } from './storage/nodes.ts';
import { addSkill, readSkills } from './storage/skills.ts';
import type { SearchStore } from './storage/store.ts';

/**
 * Writes what a session taught to a folder of skills, where later searches find it, and keeps it in the record of the search.
 * @param origin of the session, as people find it again; it counts once
 * @param variants by which kernels are named
 * @returns nothing where no kernel worked
 */
export function writeBack(
  store: SearchStore,
  sessionId: number,
  { folder, origin, variants }: { folder: string; origin: string; variants: readonly Variant[] },
): SkillFile | undefined {
  const { task, device, settings } = store.session(sessionId);
  // What one file's model was made fast by says nothing of another's.
  if (task.problem) return undefined;
  const { language, dataType } = settings;
  const nodes = readNodes(store.database, sessionId, 1).filter(({ artifact }) => artifact !== undefined);
  const attempts = nodes.map(({ id }) => store.attempt(id));
  const nameOf = ({ artifact }: Finished) => variantOf(artifact.text, variants)?.name;
  const evidence = distil(attempts, { task, dataType, device, origin }, nameOf);
  if (!evidence) return undefined;
  const scope = { operator: task.operator, language, platform: platformOf(device, language) };
  const { text, ...skill } = writeSkill(folder, evidence, scope);
  const best = attempts.reduce((a, b) => (b.evaluation.score > a.evaluation.score ? b : a));
  const isKept = readSkills(store.database).some(({ document }) => document === text);
  if (!isKept) addSkill(store.database, { node: best.id, path: skill.path, document: text });
  return skill;
}
