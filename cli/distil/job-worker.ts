import { doExperimentJob, type ExperimentJob } from '../../distil/experiment/run-experiment.ts';
import { InputError } from '../../foundation/problem.ts';
import type { TaskAnswer } from '../task-worker.ts';

/** Errors travel as data: a class does not survive the way between threads. */
export default async function work(job: ExperimentJob): Promise<TaskAnswer> {
  try {
    return { answer: await doExperimentJob(job) };
  } catch (error) {
    return { message: (error as Error).message, isInput: error instanceof InputError };
  }
}
