import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { Language } from '../artifact.ts';
import { forDataType } from '../source/data-types.ts';
import { KnobError, knobsOf } from '../source/knobs.ts';
import { extensionOf } from '../source/languages.ts';
import { kernelOf } from './kernel.ts';

/** One way of writing the kernel of a task: a file with knobs, as written. */
export interface Variant {
  /** The file's name without its extension: `rows-in-registers`. */
  name: string;
  text: string;
}

const shippedFolder = join(packageRoot, 'kernels');

/**
 * The variants of a task in a language for a data type, by name: files of `<folder>/<task>`.
 * @param folder with a folder for each task; those that ship unless another is named
 * @throws InputError where there are none, or one has a knob that makes no sense
 */
export function variantsOf(
  task: string,
  language: Language,
  dataType: MeasuredDataType,
  folder = shippedFolder,
): Variant[] {
  const variants = variantsIn(task, language, dataType, folder);
  if (variants.length > 0) return variants;
  throw new InputError(
    `no kernels of ${task} for ${dataType} in ${language} to begin with: ${join(folder, task)} has none`,
  );
}

/** The same, of which there may be none. */
export function variantsIn(
  task: string,
  language: Language,
  dataType: MeasuredDataType,
  folder: string,
): Variant[] {
  const files = join(folder, task);
  const names = existsSync(files) ? readdirSync(files).sort() : [];
  return names
    .filter((name) => extname(name) === extensionOf[language])
    .flatMap((name) => {
      const text = forDataType(checked(join(files, name)), dataType);
      return text === undefined ? [] : [{ name: name.slice(0, -extensionOf[language].length), text }];
    });
}

function checked(file: string): string {
  const text = readTextFile(file);
  try {
    knobsOf(text);
  } catch (error) {
    if (!(error instanceof KnobError)) throw error;
    throw new InputError([{ file, line: error.line, message: error.problem }]);
  }
  return text;
}

/** The variant that a source is a setting of, however its knobs stand; none for one that was written otherwise. */
export function variantOf(text: string, variants: readonly Variant[]): Variant | undefined {
  const { skeleton } = kernelOf(text);
  return variants.find((variant) => kernelOf(variant.text).skeleton === skeleton);
}
