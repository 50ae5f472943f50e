import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../../foundation/wording.ts';
import {
  type ExperimentResult,
  experimentFormat,
  experimentResultSchema,
  experimentResultVersion,
} from '../../sim/training/experiment-result.ts';
import { foreign, jsonIn, parsed } from '../answer-files.ts';
import { hasFormat } from '../file-head.ts';

/** File in the folder of an experiment that holds its result; simulations have one of the same name. */
export const experimentFile = 'result.json';

/** Whether a path is the result of a distillation experiment, or a folder with one. */
export function isExperiment(path: string): boolean {
  const file = fileOf(path);
  return file !== undefined && hasFormat(file, experimentFormat);
}

function fileOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const file = statSync(path).isDirectory() ? join(path, experimentFile) : path;
  return existsSync(file) && statSync(file).isFile() ? file : undefined;
}

const notOne = 'is no result of an experiment';

/**
 * The result of an experiment, from its file or its folder.
 * @throws InputError when it is cut short, of another version, or not what its format promises
 */
export function readExperiment(path: string): ExperimentResult {
  const file = fileOf(path);
  if (file === undefined) throw foreign(path, existsSync(path) ? notOne : 'no such file');
  const value = jsonIn(file);
  if (value === undefined)
    throw foreign(file, hasFormat(file, experimentFormat) ? 'is not whole JSON: was it cut short?' : notOne);
  if (value.format === undefined) throw foreign(file, notOne);
  if (value.format !== experimentFormat)
    throw foreign(file, `is a file of format ${show(value.format)}, no result of an experiment`);
  if (value.version !== experimentResultVersion) {
    throw foreign(
      file,
      `is an experiment of version ${String(value.version)}; this rankfleet reads version ${experimentResultVersion}: run rankfleet distil again`,
    );
  }
  return parsed(file, value, experimentResultSchema);
}
