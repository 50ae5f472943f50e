import { join } from 'node:path';
import { packageRoot } from '../../../foundation/files.ts';

/** How a worker is started. */
export interface WorkerCommand {
  /** Program that runs the worker, by name or path. */
  interpreter: string;
  /** Why this one, for who has to change it. */
  chosenBy: string;
  arguments: string[];
}

/** The interpreter of $RANKFLEET_PYTHON, else the first `python3` on the path, on the worker of this package. */
export function workerCommand(environment: NodeJS.ProcessEnv = process.env): WorkerCommand {
  const named = environment.RANKFLEET_PYTHON;
  return {
    interpreter: named || 'python3',
    chosenBy: named ? '$RANKFLEET_PYTHON' : 'RANKFLEET_PYTHON is not set',
    // -B: no byte code beside the package's files, which may not be ours to write.
    arguments: ['-B', join(packageRoot, 'harness/python/worker.py')],
  };
}
