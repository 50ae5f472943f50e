import { existsSync, linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, orWriteError, readTextFile } from '../../../foundation/files.ts';
import { parseFrontMatter } from '../front-matter.ts';
import { type Evidence, merged } from './evidence.ts';
import { type SkillScope, skillText } from './skill-document.ts';

/** The module whose documents come from the users' folders. */
export const skillsModule = 'skills';

/** A version of a skill on disk: `skills/map-id/cuda-int32-h200-sxm`, version 3. */
export interface SkillFile {
  path: string;
  version: number;
  file: string;
}

const fileName = /^(.+)\.v(\d+)\.md$/;

/** The latest version of every skill of a folder, by path. */
export function latestVersions(folder: string): SkillFile[] {
  const latest = new Map<string, SkillFile>();
  for (const skill of versionsIn(folder)) {
    if (skill.version > (latest.get(skill.path)?.version ?? 0)) latest.set(skill.path, skill);
  }
  return [...latest.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function versionsIn(folder: string): SkillFile[] {
  const root = join(folder, skillsModule);
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: operator }) =>
      readdirSync(join(root, operator)).flatMap((name) => {
        const [, skill, version] = fileName.exec(name) ?? [];
        if (skill === undefined) return [];
        const file = join(root, operator, name);
        return [{ path: `${skillsModule}/${operator}/${skill}`, version: Number(version), file }];
      }),
    );
}

/**
 * Writes what a search taught as the next version of its skill, which takes in what the version before rests on; earlier
 * versions stay. A search that the skill already rests on adds nothing.
 * @returns the version that now holds it
 * @throws InputError where the version before cannot be read; Error where nothing can be written
 */
export function writeSkill(
  folder: string,
  evidence: Evidence,
  scope: SkillScope,
): SkillFile & { text: string } {
  const { data_type: dataType, device } = evidence;
  const path = `${skillsModule}/${scope.operator}/${scope.language}-${dataType}-${device}`;
  for (;;) {
    const last = latestVersions(folder).find((skill) => skill.path === path);
    const older = last && parseFrontMatter(readTextFile(last.file), last.file).marks.evidence;
    if (last && older && evidence.searches.every((search) => older.searches.includes(search))) {
      return { ...last, text: readTextFile(last.file) };
    }
    const version = (last?.version ?? 0) + 1;
    const text = skillText(older ? merged(older, evidence) : evidence, scope);
    const file = join(folder, `${path}.v${version}.md`);
    if (appears(file, text)) return { path, version, file, text };
  }
}

/** Whether the file came to be, whole; another process may have written this version in the meantime. */
function appears(file: string, text: string): boolean {
  makeFolder(dirname(file));
  const unfinished = `${file}.${process.pid}.tmp`;
  orWriteError(file, () => writeFileSync(unfinished, text));
  try {
    linkSync(unfinished, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(unfinished);
  }
}
