import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { parseYaml, type SourceDocument } from './document.ts';

/** Documents of the package by their path in it: the text that was parsed, and its value as JSON. */
export type ParsedDocuments = Record<string, { text: string; json: string }>;

/** Where the build keeps them, in the package. */
export const parsedDocumentsFile = 'dist/bundle/documents.json';

let known: ParsedDocuments | undefined;

/**
 * A document that came with the package and was parsed when that was built, as long as its text is still the same:
 * reading YAML is most of what a short command does. Positions are found by parsing the text after all.
 */
export function parsedWhenBuilt(root: string, file: string, text: string): SourceDocument | undefined {
  // Sources may be newer than the last build.
  if (!import.meta.url.endsWith('.js')) return undefined;
  known ??= readParsed(join(root, parsedDocumentsFile));
  const entry = known[relative(root, resolve(file)).split(sep).join('/')];
  if (entry?.text !== text) return undefined;
  let parsed: SourceDocument | undefined;
  return {
    file,
    value: JSON.parse(entry.json),
    problemAt: (path, message) => {
      parsed ??= parseYaml(text, file);
      return parsed.problemAt(path, message);
    },
  };
}

function readParsed(file: string): ParsedDocuments {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
