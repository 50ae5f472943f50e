import { doExperimentJob, type ExperimentJob } from '../../distil/experiment/run-experiment.ts';
import { ownTrainer } from '../../distil/experiment/trainer.ts';
import type { Precision } from '../../distil/learner/float-array.ts';
import { InputError } from '../../foundation/problem.ts';
import type { TaskAnswer } from '../task-worker.ts';

/** What a thread is asked for. */
export interface JobInThread {
  job: ExperimentJob;
  precision: Precision;
}

/** Errors travel as data: a class does not survive the way between threads. */
export default async function work({ job, precision }: JobInThread): Promise<TaskAnswer> {
  try {
    return { answer: await doExperimentJob(job, ownTrainer(precision)) };
  } catch (error) {
    return { message: (error as Error).message, isInput: error instanceof InputError };
  }
}
