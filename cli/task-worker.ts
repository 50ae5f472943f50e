import { InputError } from '../foundation/problem.ts';
import { doTask, type Task } from './tasks.ts';

export type TaskAnswer = { answer: unknown } | { message: string; isInput: boolean };

/** Errors travel as data: a class does not survive the way between threads. */
export default function work(task: Task): TaskAnswer {
  try {
    return { answer: doTask(task) };
  } catch (error) {
    return { message: (error as Error).message, isInput: error instanceof InputError };
  }
}
