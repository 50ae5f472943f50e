import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Language } from '../../evolve/artifact.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { languageNames, languageOfFile } from '../../evolve/source/languages.ts';
import { tasks } from '../../evolve/tasks/index.ts';
import { type ProblemOptions, ProblemReader } from '../../evolve/tasks/problem-file.ts';
import { readTaskFile } from '../../evolve/tasks/task-file.ts';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { wrongWord } from '../../foundation/wording.ts';
import {
  type MeasuredDataType,
  type OperatorName,
  operatorNames,
} from '../../hardware-profiles/operators-measured.ts';

/** A task with the folder that holds a folder of its kernels. */
export interface NamedTask {
  task: KernelTask;
  /** As the user named it, so that a command can be given again. */
  named: string;
  kernels: string;
}

const shippedKernels = join(packageRoot, 'kernels');

/**
 * A task that ships, or one in a file of the user: a task in YAML or JSON, or a problem in Python.
 * @param kernels folder with a folder for each task; else those that ship, or those beside the file
 * @throws InputError with the nearest name for one that is neither, or with what a problem lacks; DeviceUnavailable for a
 *   problem where there is no PyTorch
 */
export async function taskNamed(
  named: string,
  kernels?: string,
  options?: ProblemOptions,
): Promise<NamedTask> {
  if (extname(named) === '.py') {
    const task = await problemIn(named, options);
    return { task, named, kernels: kernels ?? kernelsBeside(named, task.name) };
  }
  if (options?.allowsTorch) throw new InputError(`--allow-torch is for problem files, not for ${named}`);
  const shipped = tasks.find(({ name }) => name === named);
  if (shipped) return { task: shipped, named, kernels: kernels ?? shippedKernels };
  const file = fileOf(named);
  if (file !== undefined) {
    const task = readTaskFile(file);
    return { task, named, kernels: kernels ?? kernelsBeside(file, task.name) };
  }
  const isOperator = operatorNames.includes(named as OperatorName);
  const hint = isOperator
    ? `; ${named} is an operator of the harness: write its shapes into a task file`
    : '; a task of your own is a path to a YAML or JSON file, or to a problem in Python';
  throw new InputError(
    `TASK: ${wrongWord(
      tasks.map(({ name }) => name),
      named,
    )}${hint}`,
  );
}

async function problemIn(file: string, options?: ProblemOptions): Promise<KernelTask> {
  const reader = new ProblemReader();
  try {
    return await reader.read(file, options);
  } finally {
    await reader.close();
  }
}

/** The file that a path to a task means: itself, or `task.yaml` in a folder. */
function fileOf(named: string): string | undefined {
  const isFolder = existsSync(named) && statSync(named).isDirectory();
  if (isFolder) return join(named, 'task.yaml');
  return existsSync(named) || /[/\\]|\.(ya?ml|json)$/.test(named) ? named : undefined;
}

/** Kernels lie in the folder of the file when that is called after the task, else in `kernels` beside the file. */
function kernelsBeside(file: string, task: string): string {
  const folder = dirname(resolve(file));
  return basename(folder) === task ? dirname(folder) : join(folder, 'kernels');
}

/** The data type that was asked for, or the task's first. @throws InputError for one that the task does not have */
export function dataTypeOf(task: KernelTask, asked: string | undefined): MeasuredDataType {
  if (asked === undefined) return task.dataTypes[0];
  const known = task.dataTypes.find((type) => type === asked);
  if (known) return known;
  throw new InputError(`--data-type: of ${task.name}, ${wrongWord(task.dataTypes, asked)}`);
}

/** Languages that a task has kernels in. */
export function languagesOf({ task, kernels }: NamedTask): Language[] {
  const folder = join(kernels, task.name);
  const there = existsSync(folder) ? readdirSync(folder).map(languageOfFile) : [];
  return languageNames.filter((language) => there.includes(language));
}
