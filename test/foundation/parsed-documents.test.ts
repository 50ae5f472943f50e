import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDocuments } from '../../build/parsed-documents.ts';
import { packageRoot, readDocument } from '../../foundation/files.ts';
import { type ParsedDocuments, parsedDocumentsFile } from '../../foundation/parsed-documents.ts';

const parsed = suite('foundation: documents parsed when the package is built');

/** Imports the compiled modules, which alone look for parsed documents, and prints what the code returns. */
function compiled(code: string): unknown {
  const program = `
    import { parsedWhenBuilt } from './dist/foundation/parsed-documents.js';
    import { packageRoot } from './dist/foundation/files.js';
    process.stdout.write(JSON.stringify(${code}));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  assert.is(stderr, '');
  return JSON.parse(stdout);
}

parsed('every model, profile and scenario of the package is there, with the value that parsing gives', () => {
  const documents = parseDocuments();
  const paths = Object.keys(documents);
  for (const folder of ['models/zoo/', 'hardware-profiles/catalogue/hosts/', 'scenarios/library/']) {
    assert.ok(
      paths.some((path) => path.startsWith(folder)),
      folder,
    );
  }
  for (const path of paths) {
    const { value } = readDocument(join(packageRoot, path));
    assert.equal(JSON.parse(documents[path].json), value, path);
  }
});

parsed('only the very same text is taken as parsed; its problems have their positions', () => {
  const file = join(packageRoot, parsedDocumentsFile);
  assert.ok(existsSync(file), 'npm run build writes it');
  const documents = JSON.parse(readFileSync(file, 'utf8')) as ParsedDocuments;
  const path = 'models/zoo/drm1-like.yaml';
  const { text, json } = documents[path];
  const call = (of: string) => `parsedWhenBuilt(packageRoot, ${JSON.stringify(path)}, ${JSON.stringify(of)})`;
  assert.equal(compiled(`${call(text)}.value`), JSON.parse(json));
  assert.is(compiled(`${call(`${text}\n`)} === undefined`), true);
  const { line, column } = compiled(`${call(text)}.problemAt(['name'], 'wrong')`) as Record<string, number>;
  const before = text.slice(0, text.indexOf('drm1-like')).split('\n');
  assert.equal([line, column], [before.length, before[before.length - 1].length + 1]);
});

parsed.run();
