import * as assert from 'uvu/assert';
import { parseYaml } from '../../foundation/document.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Model } from '../../models/model.ts';
import { resolveModel } from '../../models/resolve.ts';

/** Resolves a model from YAML text; `files` are what it may refer to. */
export function modelOf(yaml: string, files: Record<string, string> = {}): Model {
  return resolveModel(parseYaml(yaml, 'model.yaml'), (path) => {
    if (!Object.hasOwn(files, path)) throw new InputError([{ file: path, message: 'no such file' }]);
    return { file: path, text: files[path] };
  });
}

/** The message of the InputError that `act` must throw. */
export function inputErrorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  assert.unreachable('an InputError was expected');
  return '';
}

/** A one-net model around the given `tables` and further lines of the net. */
export function netWith(tables: string, more = 'interaction: {kind: cat}'): string {
  return `name: m
nets:
  - name: n
    dense_features: 4
    top_mlp: [1]
    ${more}
    tables:
      ${tables.trim().replaceAll('\n', '\n      ')}
`;
}
