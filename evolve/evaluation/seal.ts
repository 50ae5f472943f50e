import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/files.ts';

/** What evaluates: the harness with its kernels and its Python, and this folder, as compiled. */
const sealedFolders = ['harness', 'dist/harness', 'dist/evolve/evaluation', 'dist/bundle'];

interface Sealed {
  stamp: string;
  hash: string;
}

/** Remembers the files that evaluate, and notices when one is not what it was. */
export class HarnessSeal {
  private readonly sealed = new Map<string, Sealed>();

  /** @param folders below the package's own */
  constructor(folders: readonly string[] = sealedFolders, root = packageRoot) {
    for (const folder of folders) {
      for (const file of filesBelow(join(root, folder))) {
        this.sealed.set(file, { stamp: stampOf(file), hash: hashOf(file) });
      }
    }
  }

  /** @returns a file that is not what it was, if any */
  broken(): string | undefined {
    for (const [file, { stamp, hash }] of this.sealed) {
      if (stampOf(file) !== stamp && hashOf(file) !== hash) return file;
    }
    return undefined;
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

/** Changes whenever the file is written. */
function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : 'gone';
}

function hashOf(file: string): string {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'gone';
}
