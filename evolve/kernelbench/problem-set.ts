import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { InputError } from '../../foundation/problem.ts';
import { extensionOf } from '../source/languages.ts';

/** A problem of a folder, and what is given to solve it. */
export interface ProblemEntry {
  /** `level1/relu`, or `relu` where the folder has no levels. */
  name: string;
  /** Of the folder that it lies in, as `level1`; none where it lies in no such folder. */
  level?: string;
  file: string;
  /** The file of the same name among the solutions; none where nothing is given. */
  solution?: string;
}

const levelFolder = /^level_?(\d+)$/i;

/**
 * The problems of a folder with their solutions, in the order of their numbers: Python files in it, and in folders `level1`,
 * `level2`, … of it.
 * @param levels only these; all where there are none
 * @throws InputError for a folder without problems, or solutions of which none has the name of a problem
 */
export function problemSet(
  folder: string,
  solutions: string,
  levels: readonly number[] = [],
): ProblemEntry[] {
  for (const [what, each] of [
    ['DIR', folder],
    ['--solutions', solutions],
  ]) {
    if (!existsSync(each) || !statSync(each).isDirectory())
      throw new InputError(`${what} ${each}: no such folder`);
  }
  const places = placesIn(folder).filter(
    ({ number }) => levels.length === 0 || (number !== undefined && levels.includes(number)),
  );
  const entries = places.flatMap(({ level }) =>
    problemsIn(join(folder, level ?? '')).map((stem): ProblemEntry => {
      const name = level === undefined ? stem : `${level}/${stem}`;
      const solution = solutionOf(join(solutions, name));
      return {
        name,
        file: `${join(folder, name)}.py`,
        ...(level !== undefined && { level }),
        ...(solution !== undefined && { solution }),
      };
    }),
  );
  if (entries.length === 0) {
    const wanted = levels.length > 0 ? ` of level ${levels.join(', ')}` : '';
    throw new InputError(
      `${folder}: no problems${wanted}: Python files in it, or in folders level1, level2, …`,
    );
  }
  if (entries.every(({ solution }) => solution === undefined)) {
    throw new InputError(
      `--solutions ${solutions}: no file has the name of a problem, such as ${entries[0].name}.py`,
    );
  }
  return entries;
}

function placesIn(folder: string): { level?: string; number?: number }[] {
  const levels = readdirSync(folder)
    .filter((name) => levelFolder.test(name) && statSync(join(folder, name)).isDirectory())
    .sort(byNumber)
    .map((level) => ({ level, number: Number(levelFolder.exec(level)![1]) }));
  return [{}, ...levels];
}

function problemsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => extname(name) === '.py' && name !== '__init__.py')
    .map((name) => name.slice(0, -'.py'.length))
    .sort(byNumber);
}

/** `2_b` before `10_a`. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

const endings = [extensionOf.triton, extensionOf.cuda, extensionOf.cpp];

/** @throws InputError where there are several */
function solutionOf(path: string): string | undefined {
  const found = endings.map((ending) => `${path}${ending}`).filter((file) => existsSync(file));
  if (found.length > 1) throw new InputError(`${found.join(' and ')}: one solution of a problem is scored`);
  return found[0];
}
