import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { SourceDocument } from '../foundation/document.ts';
import { namesInFolder, packageRoot, readDocument } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { loadHost, loadNetwork } from '../hardware-profiles/files.ts';
import { loadModel } from '../models/files.ts';
import type { ResolvedScenario } from './deployment.ts';
import { isMapping, merge } from './merge.ts';
import { resolveScenario } from './resolve.ts';
import { readTrace } from './trace.ts';

const libraryFolder = 'scenarios/library';

/** Names of the scenarios that come with the product. */
export function scenarioNames(): string[] {
  return namesInFolder(libraryFolder);
}

/**
 * Reads a scenario and everything that it names. Paths inside a file are relative to that file.
 * @param nameOrPath a scenario of the library, or a path to a YAML or JSON file
 * @throws InputError with file:line:column for everything that is wrong
 */
export async function loadScenario(nameOrPath: string): Promise<ResolvedScenario> {
  const file = scenarioPath(nameOrPath);
  const document = withBase(readDocument(file), []);
  const folder = dirname(file);
  const inFolder = (path: string) => resolve(folder, path);
  return resolveScenario(
    document,
    {
      model: (name) => loadModel(name, folder),
      host: (name) => loadHost(name, file),
      network: (name) => loadNetwork(name, file),
      placement: (path) => readDocument(inFolder(path)),
      trace: (path) => readTrace(inFolder(path)),
    },
    basename(file, extname(file)),
  );
}

/** A name with a slash or an extension is a path; a bare one is looked up in the library. */
export function scenarioPath(nameOrPath: string): string {
  if (existsSync(nameOrPath) || /[/\\]|\.(ya?ml|json)$/.test(nameOrPath)) return nameOrPath;
  const names = scenarioNames();
  if (names.includes(nameOrPath)) return join(packageRoot, libraryFolder, `${nameOrPath}.yaml`);
  throw new InputError(
    `no scenario '${nameOrPath}'${didYouMean(nameOrPath, names)}; the library has ${names.join(', ')}`,
  );
}

/** A document joined with the scenario that it extends; problems point into the file that wrote the field. */
function withBase(document: SourceDocument, chain: string[]): SourceDocument {
  const { value } = document;
  if (!isMapping(value) || typeof value.extends !== 'string') return document;
  const files = [...chain, resolve(document.file)];
  const baseFile = scenarioPath(
    value.extends.includes('.') ? resolve(dirname(document.file), value.extends) : value.extends,
  );
  if (files.includes(resolve(baseFile))) {
    throw new InputError([document.problemAt(['extends'], 'these scenarios extend each other in a circle')]);
  }
  const base = withBase(readDocument(baseFile), files);
  return {
    file: document.file,
    value: merge(base.value, value),
    problemAt: (path, message) =>
      isWrittenIn(value, path) ? document.problemAt(path, message) : base.problemAt(path, message),
  };
}

function isWrittenIn(value: unknown, path: readonly PropertyKey[]): boolean {
  const [key] = path;
  return key === undefined || (isMapping(value) && Object.hasOwn(value, key));
}
