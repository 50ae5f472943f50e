import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { KernelTask } from '../kernel-task.ts';
import { readTaskFile } from './task-file.ts';

/** Folder with a folder for each task: its file, and the sources that a search begins with. */
const shippedFolder = join(packageRoot, 'kernels');

/** The tasks that ship, by name. */
export const tasks: readonly KernelTask[] = readTasks(shippedFolder);

/**
 * The tasks of a folder, by name: a folder for each, of its name, with a `task.yaml`.
 * @throws InputError where one is wrong or lies in a folder of another name
 */
export function readTasks(folder: string): KernelTask[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, file: join(folder, name, 'task.yaml') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => {
      const task = readTaskFile(file);
      if (task.name === name) return task;
      throw new InputError([
        { file, path: 'name', message: `is '${task.name}', but its folder is '${name}'` },
      ]);
    });
}
