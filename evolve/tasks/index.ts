import type { KernelTask } from '../kernel-task.ts';

/** The tasks that ship, in the order in which they are listed. */
export const tasks: readonly KernelTask[] = [];
