import { InputError } from '../../foundation/problem.ts';
import { wrongWord } from '../../foundation/wording.ts';
import type { Bottleneck } from '../diagnosis.ts';
import { bottlenecks, languages, phases, platforms } from './vocabulary.ts';

export type Words<Word extends string> = 'any' | readonly Word[];

/** A folder of documents, and what it is of use for. */
export interface Module {
  /** `guidance/performance`. */
  path: string;
  platforms: Words<(typeof platforms)[number]>;
  languages: Words<(typeof languages)[number]>;
  bottlenecks: Words<Bottleneck>;
  phases: Words<(typeof phases)[number]>;
}

const columns = { platforms, languages, bottlenecks, phases } as const;

/**
 * The modules of an `index.md`: rows of its table `| module | platforms | languages | bottlenecks | phases | holds |`, where a
 * cell is `any`, words between commas, or `any but` some words.
 * @throws InputError with the line of a row that makes no sense
 */
export function parseIndex(text: string, file: string): Module[] {
  const modules: Module[] = [];
  text.split('\n').forEach((content, index) => {
    const cells = content.split('|').map((cell) => cell.trim());
    const path = /^\[([\w/-]+)\]/.exec(cells[1] ?? '')?.[1];
    if (path === undefined) return;
    const problem = (message: string) => new InputError([{ file, line: index + 1, message }]);
    const words = Object.entries(columns).map(([name, known], at) => {
      const [, isBut, list] = /^(any but )?(.*)$/.exec(cells[at + 2] ?? '')!;
      if (list === 'any') return [name, 'any'];
      const words = list.split(',').map((word) => word.trim());
      const wrong = words.find((word) => !(known as readonly string[]).includes(word));
      if (wrong !== undefined) throw problem(`${name}: ${wrongWord(['any', ...known], wrong)}`);
      return [name, isBut ? known.filter((word) => !words.includes(word)) : words];
    });
    if (modules.some((module) => module.path === path)) throw problem(`${path} is listed twice`);
    modules.push({ path, ...Object.fromEntries(words) });
  });
  if (modules.length === 0) throw new InputError([{ file, message: 'lists no modules' }]);
  return modules;
}
