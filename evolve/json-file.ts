import type { z } from 'zod';
import { formatPath, validate } from '../foundation/document.ts';
import { readTextFile } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';

/** Largest file of timed kernels or of a whole search that is read. */
const mostBytes = 2 ** 29;

/**
 * Reads a JSON file and checks it against a schema without transformations: what is given back is the file's own data,
 * key for key.
 * @throws InputError that says where it is wrong
 */
export function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  const problemAt = (path: readonly PropertyKey[], message: string) => ({
    file,
    path: formatPath(path),
    message,
  });
  const value = parsed(file, readTextFile(file, mostBytes));
  validate({ file, value, problemAt }, schema);
  return value as z.output<Schema>;
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError([{ file, message: `is not JSON: ${(error as Error).message}` }]);
  }
}
