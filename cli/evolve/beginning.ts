import { basename, extname, join } from 'node:path';
import { type Artifact, backendOf, type Language } from '../../evolve/artifact.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { type Variant, variantsIn } from '../../evolve/rewrite/variants.ts';
import { forDataType } from '../../evolve/source/data-types.ts';
import { KnobError, knobsOf } from '../../evolve/source/knobs.ts';
import { extensionOf, languageNames, languageOfFile } from '../../evolve/source/languages.ts';
import { readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { BackendName } from '../../harness/device.ts';
import type { NamedTask } from './task-named.ts';

/** A source with the language that its file's ending says. @throws InputError for another ending */
export function artifactIn(file: string): Artifact {
  const language = languageOfFile(file);
  if (language) return { language, text: readTextFile(file) };
  const endings = languageNames.map((one) => `${extensionOf[one]} (${one})`).join(', ');
  throw new InputError(`${file}: the name of a kernel's file ends in ${endings}`);
}

/** @throws InputError for a problem that cannot be had in this way */
export function checkProblem(
  { problem, source }: KernelTask,
  { backend, python }: { backend?: BackendName; python: boolean },
): void {
  if (!problem) return;
  if (!python) throw new InputError(`--no-python: the answers of ${source} are found by PyTorch`);
  if (backend === 'webgpu') {
    throw new InputError('--backend webgpu: problem files are solved in cuda, python or cpu');
  }
}

export interface BeginningOptions {
  language: Language;
  dataType: MeasuredDataType;
  /** Sources of the user, beside those in the folder of kernels. */
  seedKernels: readonly string[];
  /** Whether a language model writes kernels, which needs none to begin with. */
  isWritten: boolean;
}

/**
 * The kernels that a search begins with. A problem file needs none where a language model writes them, since PyTorch is what
 * it is timed against.
 * @throws InputError where there are none, with what would do
 */
export function kernelsToBeginWith(
  { task, kernels }: NamedTask,
  { language, dataType, seedKernels, isWritten }: BeginningOptions,
): Variant[] {
  const seeds = seedKernels.map((file) => seedIn(file, language, dataType));
  const found = [...seeds, ...variantsIn(task.name, language, dataType, kernels)];
  if (found.length > 0 || (task.problem && isWritten)) return found;
  const ways = ['name some with --seed-kernels FILE', `put them into ${join(kernels, task.name)}`];
  if (task.problem) ways.push('have a language model write them with --operator llm');
  throw new InputError(
    `no kernels of ${task.name} for ${dataType} in ${language} to begin with: ${listed(ways)}`,
  );
}

function listed(ways: readonly string[]): string {
  return `${ways.slice(0, -1).join(', ')}, or ${ways.at(-1)}`;
}

/** Backend of the given sources, or of problems in general: Triton. */
export function backendOfSeeds({ task }: NamedTask, seedKernels: readonly string[]): BackendName | undefined {
  if (seedKernels.length > 0) return backendOf[artifactIn(seedKernels[0]).language];
  return task.problem ? 'python' : undefined;
}

function seedIn(file: string, language: Language, dataType: MeasuredDataType): Variant {
  const artifact = artifactIn(file);
  if (artifact.language !== language)
    throw new InputError(
      `--seed-kernels ${file}: is written in ${artifact.language}, the search is in ${language}`,
    );
  const text = forDataType(artifact.text, dataType);
  if (text === undefined) throw new InputError(`--seed-kernels ${file}: is not written for ${dataType}`);
  try {
    knobsOf(text);
  } catch (error) {
    if (!(error instanceof KnobError)) throw error;
    throw new InputError([{ file, line: error.line, message: error.problem }]);
  }
  return { name: basename(file, extname(file)), text };
}
