import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path';
import type { SourceDocument } from '../foundation/document.ts';
import { namesInFolder, packageRoot, readDocument } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, locate } from '../foundation/problem.ts';
import { loadHost, loadNetwork } from '../hardware-profiles/files.ts';
import { loadModel } from '../models/files.ts';
import type { ResolvedScenario } from './deployment.ts';
import { loadConstants } from './distillation/constants-file.ts';
import type { ResolvedDistillation } from './distillation/deployment.ts';
import { resolveDistillation } from './distillation/resolve.ts';
import { kindOfScenario, withoutKind } from './kind.ts';
import { isMapping, isWrittenIn, merge } from './merge.ts';
import { type Library, resolveScenario } from './resolve.ts';
import { readTrace } from './trace.ts';

/** A question of any kind: those about serving state no kind. */
export type AnyScenario = ResolvedScenario | ResolvedDistillation;

const libraryFolder = 'scenarios/library';

/** Names of the scenarios that come with the product. */
export function scenarioNames(): string[] {
  return namesInFolder(libraryFolder);
}

/**
 * Reads a scenario that asks about serving, and everything that it names. Paths inside a file are relative to that file.
 * @param nameOrPath a scenario of the library, or a path to a YAML or JSON file
 * @throws InputError with file:line:column for everything that is wrong, and for a scenario of another kind
 */
export async function loadScenario(nameOrPath: string): Promise<ResolvedScenario> {
  const { document, name } = scenarioDocument(nameOrPath);
  return resolveScenario(document, filesLibrary(), name);
}

/** The same for a scenario of any kind. */
export async function loadAnyScenario(nameOrPath: string): Promise<AnyScenario> {
  const { document, name } = scenarioDocument(nameOrPath);
  return resolveAnyScenario(document, filesLibrary(), name);
}

/** A scenario of any kind with what it names. @throws InputError with the position of every problem */
export async function resolveAnyScenario(
  document: SourceDocument,
  library: Library,
  name: string,
): Promise<AnyScenario> {
  return kindOfScenario(document) === 'distillation'
    ? resolveDistillation(document, library, name)
    : resolveScenario(document, library, name);
}

/**
 * A scenario as its file says it, what it extends merged in, with the name that it has if it states none.
 * @throws InputError where it cannot be read
 */
export function scenarioDocument(nameOrPath: string): { document: SourceDocument; name: string } {
  const file = scenarioPath(nameOrPath);
  const document = readDocument(file);
  checkIsNoAnswer(document);
  return { document: withBase(document, []), name: basename(file, extname(file)) };
}

/** Files that the product writes say what they are. @throws InputError for one of them */
function checkIsNoAnswer({ value, problemAt }: SourceDocument): void {
  if (!isMapping(value) || typeof value.format !== 'string' || !value.format.startsWith('rankfleet-')) return;
  const message =
    value.format === 'rankfleet-scenario'
      ? 'a kept scenario can be simulated, compared and reported; for all else name the file that it was made of'
      : `expected a scenario, and this is a file of format ${value.format}`;
  throw new InputError([problemAt(['format'], message)]);
}

/** Reads what scenarios name from this machine's files. */
export function filesLibrary(): Library {
  return {
    model: (name, from) => loadModel(name, dirname(from)),
    // Arms on one host share what is worked out of its measurements.
    host: onceEach(loadHost),
    network: loadNetwork,
    placement: (path, from) => readDocument(beside(from, path)),
    trace: (path, from) => readTrace(beside(from, path)),
    constants: onceEach((name, from) => loadConstants(name, beside(from, name))),
  };
}

/** The same lookup, each name read once for each file that names it. */
function onceEach<Found>(load: (name: string, from: string) => Found): typeof load {
  const found = new Map<string, Found>();
  return (name, from) => {
    const key = JSON.stringify([name, from]);
    const known = found.get(key) ?? load(name, from);
    found.set(key, known);
    return known;
  };
}

/** A name with a slash or an extension is a path, and so is that of a file that is here. */
export function scenarioPath(nameOrPath: string): string {
  const isHere = existsSync(nameOrPath) && statSync(nameOrPath).isFile();
  return isHere || isPath(nameOrPath) ? nameOrPath : libraryPath(nameOrPath);
}

/** A path that `from` mentions, as seen from the working directory. */
function beside(from: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(from), path);
}

function isPath(nameOrPath: string): boolean {
  return /[/\\]|\.(ya?ml|json)$/.test(nameOrPath);
}

function libraryPath(name: string): string {
  const names = scenarioNames();
  if (names.includes(name)) return join(packageRoot, libraryFolder, `${name}.yaml`);
  throw new InputError(
    `no scenario '${name}'${didYouMean(name, names)}; the library has ${names.join(', ')}; a path ends in .yaml`,
  );
}

/** A document joined with the scenario that it extends; problems point into the file that wrote the field. */
function withBase(document: SourceDocument, chain: string[]): SourceDocument {
  const { value } = document;
  if (!isMapping(value) || typeof value.extends !== 'string') return document;
  const wanted = value.extends;
  const files = [...chain, resolve(document.file)];
  const base = locate(
    (message) => document.problemAt(['extends'], message),
    () => {
      const file = isPath(wanted) ? beside(document.file, wanted) : libraryPath(wanted);
      if (files.includes(resolve(file)))
        throw new InputError('these scenarios extend each other in a circle');
      return withBase(readDocument(file), files);
    },
  );
  // What is no scenario is reported as such by whoever resolves it.
  if (!isMapping(base.value)) return base;
  const own = withoutKind(document, base);
  return {
    file: document.file,
    value: merge(base.value, own),
    problemAt: (path, message) =>
      (isWrittenIn(own, base.value, path) ? document : base).problemAt(path, message),
  };
}
