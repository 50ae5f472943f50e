import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseYaml } from '../foundation/document.ts';
import { packageRoot } from '../foundation/files.ts';
import type { ParsedDocuments } from '../foundation/parsed-documents.ts';
import { isSameValue } from '../foundation/same-value.ts';

/** Folders of the package with documents that commands read. */
const folders = ['models/zoo', 'hardware-profiles/catalogue', 'scenarios/library', 'distil/library'];

/** Parses all documents of the package, apart from those that JSON cannot hold. */
export function parseDocuments(): ParsedDocuments {
  const parsed: ParsedDocuments = {};
  for (const path of folders.flatMap(yamlFiles)) {
    const text = readFileSync(join(packageRoot, path), 'utf8');
    const { value } = parseYaml(text, path);
    const json = JSON.stringify(value);
    if (isSameValue(JSON.parse(json), value)) parsed[path] = { text, json };
  }
  return parsed;
}

function yamlFiles(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => `${folder}/${path.split(sep).join('/')}`);
}
