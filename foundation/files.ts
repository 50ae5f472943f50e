import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maxDocumentBytes, parseYaml, type SourceDocument } from './document.ts';
import { InputError } from './problem.ts';

/** Folder of the installed package, whether it runs from sources or from `dist/`. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json of rankfleet not found above its code');
  return findPackageRoot(parent);
}

/**
 * Reads a text file of bounded size.
 * @throws InputError when it is missing, not a file, unreadable or larger than `maxBytes`.
 */
export function readTextFile(file: string, maxBytes = maxDocumentBytes): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) throw new InputError([{ file, message: 'no such file' }]);
  if (!stats.isFile()) throw new InputError([{ file, message: 'is not a file' }]);
  if (stats.size > maxBytes) {
    throw new InputError([{ file, message: `is ${stats.size} bytes; at most ${maxBytes} are read` }]);
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError([{ file, message: (error as Error).message }]);
  }
}

/** Reads and parses a YAML or JSON file; errors as in `readTextFile` and `parseYaml`. */
export function readDocument(file: string): SourceDocument {
  return parseYaml(readTextFile(file), file);
}

/** Names (without extension) of the `.yaml` files of a package folder, sorted. */
export function namesInFolder(folder: string): string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((entry) => entry.endsWith('.yaml'))
    .map((entry) => entry.slice(0, -'.yaml'.length))
    .sort();
}
