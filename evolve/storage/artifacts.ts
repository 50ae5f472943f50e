import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, orWriteError, readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Artifact, Language } from '../artifact.ts';
import { extensionOf } from '../source/languages.ts';

/** What an artifact is known by: two with the same language and text are the same. */
export function hashOf({ language, text }: Artifact): string {
  return createHash('sha256').update(`${language}\n${text}`).digest('hex').slice(0, 32);
}

/** Artifacts as files, named by their hash: written once, whole, and never changed. */
export class ArtifactFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where an artifact lies, for people who want to look at it. */
  pathOf(hash: string, language: Language): string {
    return join(this.folder, hash.slice(0, 2), `${hash}${extensionOf[language]}`);
  }

  /** Keeps an artifact; it is on disk when this returns. @returns its hash */
  put(artifact: Artifact): string {
    const hash = hashOf(artifact);
    const path = this.pathOf(hash, artifact.language);
    if (existsSync(path)) return hash;
    makeFolder(dirname(path));
    const unfinished = `${path}.${process.pid}.tmp`;
    try {
      orWriteError(path, () => {
        writeFileSync(unfinished, artifact.text, { flush: true });
        renameSync(unfinished, path);
        flushFolder(dirname(path));
      });
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
    return hash;
  }

  /** @throws InputError when it is not there, or not what was put */
  get(hash: string, language: Language): Artifact {
    const file = this.pathOf(hash, language);
    const artifact = { language, text: readTextFile(file) };
    if (hashOf(artifact) !== hash) {
      throw new InputError([{ file, message: 'is not the artifact that was put here: its hash is another' }]);
    }
    return artifact;
  }
}

/** A name is on disk when its folder is. */
function flushFolder(folder: string): void {
  // Windows opens no folders, and keeps names by itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
