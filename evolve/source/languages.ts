import { extname } from 'node:path';
import type { Language } from '../artifact.ts';

/** How the files of each language end. */
export const extensionOf = {
  cuda: '.cu',
  triton: '.py',
  wgsl: '.wgsl',
  cpp: '.cpp',
} as const satisfies Record<Language, string>;

export const languageNames = Object.keys(extensionOf) as Language[];

/** The language that the ending of a file says, if any. */
export function languageOfFile(file: string): Language | undefined {
  return languageNames.find((language) => extensionOf[language] === extname(file));
}
