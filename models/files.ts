import { dirname, isAbsolute, join } from 'node:path';
import { namesInFolder, packageRoot, readDocument, readTextFile } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import type { Model } from './model.ts';
import { resolveModel } from './resolve.ts';

const zooFolder = 'models/zoo';

/** A CSV file of 100,000 tables is about this large. */
const maxReferencedBytes = 16 * 2 ** 20;

/** Names of the models that come with rankfleet, sorted. */
export function zooNames(): string[] {
  return namesInFolder(zooFolder);
}

/**
 * Reads a model: one of the zoo by its name, or a file by its path (it has a slash or ends in .yaml, .yml or
 * .json). Files that the model refers to are found relative to the model's own folder.
 * @param relativeTo folder that a relative path starts from; the working directory by default
 * @throws InputError when there is no such model, or with positions when its file is wrong.
 */
export function loadModel(nameOrPath: string, relativeTo = '.'): Model {
  const file = modelFile(nameOrPath, relativeTo);
  return resolveModel(readDocument(file), (path) => {
    const referenced = isAbsolute(path) ? path : join(dirname(file), path);
    return { file: referenced, text: readTextFile(referenced, maxReferencedBytes) };
  });
}

function modelFile(nameOrPath: string, relativeTo: string): string {
  if (/[/\\]|\.(ya?ml|json)$/.test(nameOrPath)) {
    return isAbsolute(nameOrPath) ? nameOrPath : join(relativeTo, nameOrPath);
  }
  const names = zooNames();
  if (names.includes(nameOrPath)) return join(packageRoot, zooFolder, `${nameOrPath}.yaml`);
  throw new InputError(
    `no model named '${nameOrPath}'${didYouMean(nameOrPath, names)}; there are ${names.join(', ')}, ` +
      'and a path to a .yaml file is read as a model file',
  );
}
