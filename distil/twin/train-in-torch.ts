import type { WorkerProcess } from '../../harness/devices/python/worker-process.ts';
import { type Pass, type PassStep, predictedBy, type Trained } from '../learner/train-by-steps.ts';
import { TorchLearner, type TorchOptions } from './torch-learner.ts';

/** Examples trained on between two reports of progress. */
const examplesAtOnce = 1 << 16;

/**
 * The twin of `trainBySteps`: the same pass by PyTorch.
 * @param progress told how many of all steps' examples are done
 * @throws InputError for a specification or examples that it cannot be trained on; Unsupported for a device that
 *   PyTorch does not have; OutOfMemory
 */
export async function trainInTorch(
  worker: WorkerProcess,
  { spec, learned, served, steps }: Pass,
  options: Partial<TorchOptions> = {},
  progress: (done: number, all: number) => void = () => {},
): Promise<Trained> {
  const learner = await TorchLearner.open(worker, spec, learned, options, served);
  try {
    const predictions = new Float32Array(predictedBy(steps));
    const all = lengthOf(steps);
    let [done, at] = [0, 0];
    for (const part of partsOf(steps)) {
      const said = await learner.take(part);
      predictions.set(said, at);
      at += said.length;
      done += lengthOf(part);
      progress(done, all);
    }
    return { predictions, tally: learner.tally, model: await learner.exportServing() };
  } finally {
    await learner.close();
  }
}

function lengthOf(steps: readonly PassStep[]): number {
  return steps.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Steps in parts of about so many examples; no step is divided. */
function* partsOf(steps: readonly PassStep[]): Generator<PassStep[]> {
  let part: PassStep[] = [];
  let length = 0;
  for (const step of steps) {
    part.push(step);
    length += step.to - step.from;
    if (length < examplesAtOnce) continue;
    yield part;
    [part, length] = [[], 0];
  }
  if (part.length > 0) yield part;
}
