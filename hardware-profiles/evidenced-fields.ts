import { type Evidenced, evidenceLevels } from '../foundation/evidence.ts';
import type { EvidenceByField } from './profile.ts';

/** Whether a value is a number that carries its evidence and its source. */
export function isEvidenced(value: unknown): value is Evidenced {
  const { evidence, source } = (value ?? {}) as Partial<Evidenced>;
  return typeof source === 'string' && evidenceLevels.some((level) => level === evidence);
}

/**
 * Measured points are no figures of a profile, the figures of another device are not this one's, and a kernel that is
 * missing has none.
 */
const apart: readonly string[] = ['measured', 'calibratedLike', 'missingKernels'];

/** Every evidenced field of a profile or a hardware file, with the keys that lead to it. */
export function evidencedFields(root: object): { path: string[]; field: Evidenced }[] {
  return Object.entries(root).flatMap(([key, value]) => {
    if (isEvidenced(value)) return [{ path: [key], field: value }];
    if (apart.includes(key)) return [];
    if (typeof value !== 'object' || value === null) return [];
    return evidencedFields(value).map(({ path, field }) => ({ path: [key, ...path], field }));
  });
}

/** The evidence of each number of a profile, keyed by its dotted path: `memory.bandwidthBytesPerS`. */
export function evidenceByField(profile: object): EvidenceByField {
  return Object.fromEntries(
    evidencedFields(profile).map(({ path, field }) => [path.join('.'), field.evidence]),
  );
}
