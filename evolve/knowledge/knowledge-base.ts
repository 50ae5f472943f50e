import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import type { Document } from '../operator.ts';
import { type FrontMatter, parseFrontMatter } from './front-matter.ts';
import { type Module, parseIndex } from './module-index.ts';
import { latestVersions, skillsModule } from './skills/files.ts';

/** A document with the marks that it is found by. */
export interface Entry {
  document: Document;
  marks: FrontMatter;
}

const shippedFolder = join(packageRoot, 'evolve', 'knowledge', 'documents');

/**
 * Documents in folders below an `index.md`, which says what each folder is of use for: the shipped ones, and skills that
 * earlier searches left in the users' folders. A module is read when it is first asked for.
 */
export class KnowledgeBase {
  readonly modules: readonly Module[];
  private readonly skillFolders: readonly string[];
  private readonly read = new Map<string, readonly Entry[]>();

  /**
   * @param skillFolders that `writeSkill` wrote to; one that is not there has no skills yet
   * @throws InputError where the index makes no sense
   */
  constructor(skillFolders: readonly string[] = []) {
    const index = join(shippedFolder, 'index.md');
    this.modules = parseIndex(readTextFile(index), index);
    this.skillFolders = skillFolders;
  }

  /** Documents of a module by path. @throws InputError where one has wrong front matter */
  entries(module: string): readonly Entry[] {
    const known = this.read.get(module);
    if (known) return known;
    const entries =
      module === skillsModule
        ? this.skillFolders.flatMap((folder) =>
            latestVersions(folder).map(({ file, path }) => entry(file, path)),
          )
        : markdownBelow(join(shippedFolder, module)).map((file) => entry(file, pathOf(file)));
    this.read.set(module, entries);
    return entries;
  }

  /** A shipped document by its path. @throws InputError where there is none */
  document(path: string): Document {
    return entry(join(shippedFolder, `${path}.md`), path).document;
  }
}

function pathOf(file: string): string {
  return relative(shippedFolder, file).split(sep).join('/').replace(/\.md$/, '');
}

/** Files of a folder, not of those below it: these are modules of their own. */
function markdownBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join(folder, name));
}

function entry(file: string, path: string): Entry {
  const { marks, body } = parseFrontMatter(readTextFile(file), file);
  return { document: { path, title: marks.title, text: body, advises: marks.advises }, marks };
}
