import { isUtf8 } from 'node:buffer';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maxDocumentBytes, parseYaml, type SourceDocument } from './document.ts';
import { parsedWhenBuilt } from './parsed-documents.ts';
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
 * Size in bytes of a file that can be read.
 * @throws InputError when it is missing, not a file, or its name is none
 */
export function fileSize(file: string): number {
  const stats = orInputError(file, () => statSync(file, { throwIfNoEntry: false }));
  if (!stats) throw new InputError([{ file, message: 'no such file' }]);
  if (!stats.isFile()) throw new InputError([{ file, message: 'is not a file' }]);
  return stats.size;
}

/**
 * Reads a text file of bounded size.
 * @throws InputError when it is missing, not a file, unreadable, larger than `maxBytes` or not UTF-8 text
 */
export function readTextFile(file: string, maxBytes = maxDocumentBytes): string {
  const size = fileSize(file);
  if (size > maxBytes) {
    throw new InputError([{ file, message: `is ${size} bytes; at most ${maxBytes} are read` }]);
  }
  const bytes = orInputError(file, () => readFileSync(file));
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const before = bytes.toString('utf8').split('\ufffd', 1)[0].split('\n');
  const message = 'is not UTF-8 text from here on';
  throw new InputError([
    { file, line: before.length, column: before[before.length - 1].length + 1, message },
  ]);
}

/** Runs a call of the file system; its errors are about the file that the user named. */
function orInputError<Result>(file: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError([{ file, message: plainWords[code ?? ''] ?? message }]);
  }
}

const plainWords: Record<string, string> = {
  ENAMETOOLONG: 'the name is too long',
  ERR_INVALID_ARG_VALUE: 'a file name holds no null character',
  EACCES: 'may not be read: permission denied',
  ENOTDIR: 'no such file',
  ELOOP: 'its symbolic links run in a circle',
};

/** Reads and parses a YAML or JSON file; errors as in `readTextFile` and `parseYaml`. */
export function readDocument(file: string): SourceDocument {
  const text = readTextFile(file);
  return parsedWhenBuilt(packageRoot, file, text) ?? parseYaml(text, file);
}

/** Names (without extension) of the `.yaml` files of a package folder, sorted. */
export function namesInFolder(folder: string): string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((entry) => entry.endsWith('.yaml'))
    .map((entry) => entry.slice(0, -'.yaml'.length))
    .sort();
}

/** Makes a folder and those above it, one by one: the recursive call of Node never returns below /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(resolve(folder)));
  orWriteError(folder, () => {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!existsSync(folder)) throw error;
    }
  });
}

/** Runs a call that writes. @throws Error that names the file, where the system refuses */
export function orWriteError<Result>(file: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`${file} cannot be written: ${writeErrors[code] ?? message}`);
  }
}

const writeErrors: Record<string, string> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is exhausted',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'nothing can be made there',
};

/** Name beside a file for what is not finished. */
function unfinishedName(file: string): string {
  return `${file}.${process.pid}.tmp`;
}

/** Writes a file that appears whole or not at all. @param content all of it, or its parts in their order */
export function writeWhole(file: string, content: string | Iterable<string | Uint8Array>): void {
  const unfinished = unfinishedName(file);
  try {
    const descriptor = orWriteError(file, () => openSync(unfinished, 'w'));
    try {
      // Writes on where a device took a part only.
      for (const part of typeof content === 'string' ? [content] : content)
        orWriteError(file, () => writeFileSync(descriptor, part));
    } finally {
      closeSync(descriptor);
    }
    orWriteError(file, () => renameSync(unfinished, file));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/**
 * An answer that could not be written would be lost: said before hours of work, not after.
 * @param option how the user named the folder, as `--out results`
 * @throws InputError when the folder neither exists nor can be made, or may not be written to
 */
export function checkWritableFolder(folder: string, option: string): void {
  if (folder === '') throw new InputError(`${option}: expected a folder, got an empty name`);
  // The nearest part of the path that exists decides whether the rest can be made.
  let existing = resolve(folder);
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  if (!statSync(existing).isDirectory()) {
    throw new InputError(`${option} ${folder}: ${existing} is not a folder`);
  }
  checkAccess(existing, `${option} ${folder}`);
}

/**
 * The same of a file, whose folder is made where it is missing.
 * @throws InputError when it is something else than a file, or cannot be made or replaced
 */
export function checkWritableFile(file: string, option: string): void {
  if (file === '') throw new InputError(`${option}: expected a file, got an empty name`);
  const refuse = (message: string): never => {
    throw new InputError(`${option} ${file}: ${message}`);
  };
  if (/[/\\]$/.test(file)) refuse('is the name of a folder; expected a file');
  const [stats] = [file, unfinishedName(file)].map((name) => orInputError(file, () => statsOf(name)));
  if (stats?.isDirectory()) refuse('is a folder; expected a file');
  // What is no ordinary file, such as a device, would be replaced by one.
  if (stats && !stats.isFile()) refuse('is not a file');
  if (stats) checkAccess(file, `${option} ${file}`);
  checkWritableFolder(dirname(stats ? realpathSync(file) : file), option);
}

/** What is at a path; nothing where it leads through what is no folder. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A path with its symbolic links followed, as far as it exists: two names of one file have the same. */
export function actualPath(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const parent = dirname(whole);
  return parent === whole ? whole : join(actualPath(parent), basename(whole));
}

function checkAccess(path: string, named: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch {
    throw new InputError(`${named}: ${path} may not be written to`);
  }
}
