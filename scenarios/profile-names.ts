import type { SourceDocument } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';

/** A model, host or network that a scenario uses, and the field that names it. */
export interface UsedProfile {
  kind: 'model' | 'host' | 'network';
  path: PropertyKey[];
  profile: { name: string };
}

/**
 * A result tells hosts, networks and models by their names: two that differ cannot share one.
 * @throws InputError at the field that names the second
 */
export function checkProfileNames(document: SourceDocument, used: readonly UsedProfile[]): void {
  const seen = new Map<string, object>();
  for (const { kind, path, profile } of used) {
    const id = `${kind} '${profile.name}'`;
    const known = seen.get(id) ?? profile;
    seen.set(id, profile);
    // Profiles with measurements are long: the same one is not written out to be compared with itself.
    if (known === profile || JSON.stringify(known) === JSON.stringify(profile)) continue;
    throw new InputError([document.problemAt(path, `two different files call their ${id}: rename one`)]);
  }
}
