import { join } from 'node:path';
import { z } from 'zod';
import { validate } from '../../foundation/document.ts';
import { packageRoot, readDocument } from '../../foundation/files.ts';
import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';
import { mapping } from '../../foundation/schema.ts';
import { type Constants, constantSets, constantsSchema } from './costs-schema.ts';

/** Constants of the quality model as a file of their own, which `rankfleet distil fit` writes; also by hand. */
export const constantsFileSchema = mapping({
  version: z.literal(1, { error: 'expected version 1, the only one there is' }),
  kind: z.literal('quality-constants'),
  from: z.string().min(1).describe('where they come from, in a sentence'),
  constants: constantsSchema.describe('those that replace the ones of the literature'),
  kept: z
    .record(z.string(), z.string())
    .optional()
    .describe('for the reader: constants that were asked about and stay as they are, and why'),
}).describe('constants of the quality model of distillation, for the `quality` of a scenario to name');

export type ConstantsFile = z.input<typeof constantsFileSchema>;

/** Where constants that were fitted to the experiment that ships with the product are. */
export const fittedConstantsFile = join(packageRoot, 'scenarios/distillation/fitted-constants.yaml');

/**
 * The constants that a scenario names: a set by its name, or those of a file; what is not among them is as the
 * literature has it.
 * @param path of a file, as seen from the working directory
 * @throws InputError with the position of what is wrong in the file
 */
export function loadConstants(name: string, path: string): Constants {
  if (name === 'literature') return {};
  if (name === 'fitted') return readConstants(fittedConstantsFile);
  if (/[/\\]|\.(ya?ml|json)$/.test(name)) return readConstants(path);
  throw new InputError(
    `no constants '${name}'${didYouMean(name, constantSets)}; there are ${constantSets.join(' and ')}, and a path ends in .yaml`,
  );
}

function readConstants(file: string): Constants {
  return validate(readDocument(file), constantsFileSchema).constants;
}
