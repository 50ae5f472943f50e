import type { WorkerProcess } from '../../harness/devices/python/worker-process.ts';
import type { Trainer } from '../experiment/trainer.ts';
import { flopsPerExample, Predictor, parameterCount, type ServingModel } from '../learner/serving-model.ts';
import type { Pass, PassStep } from '../learner/train-by-steps.ts';
import type { TorchOptions } from './torch-learner.ts';
import { trainInTorch } from './train-in-torch.ts';

/** Examples at the end of a stream on which an exported model is compared. */
const most = 1024;

/** Two sums of the same float32 products in another order differ by far less in a probability. */
const tolerance = 1e-4;

/** PyTorch in a worker: after each pass it checks that our serving code serves what PyTorch trained. */
export function torchTrainer(worker: WorkerProcess, options: TorchOptions): Trainer {
  return {
    // The order of PyTorch's sums is its own.
    isExact: false,
    async train(pass) {
      const length = Math.min(...pass.served.map((column) => column.length));
      const last: PassStep = { does: 'predict', from: Math.max(0, length - most), to: length };
      const steps = [...pass.steps, last];
      const { predictions, tally, model } = await trainInTorch(worker, { ...pass, steps }, options);
      const own = predictions.length - (last.to - last.from);
      checkServed(model, pass, last, predictions.subarray(own));
      return {
        predictions: predictions.subarray(0, own),
        tally,
        model,
        exported: {
          parameters: parameterCount(model),
          flopsPerExample: flopsPerExample(model),
          // To the last bit: none is.
          compared: 0,
        },
      };
    },
  };
}

/** @throws Error where our serving code is not as near to what PyTorch says as rounding leaves it */
function checkServed(
  model: ServingModel,
  { served }: Pass,
  { from, to }: PassStep,
  said: Float32Array,
): void {
  const ours = new Float32Array(to);
  new Predictor(model).predict(served, from, to, ours);
  for (let i = from; i < to; i++) {
    const [our, its] = [ours[i], said[i - from]];
    if (Math.abs(our - its) > tolerance || Number.isNaN(our) !== Number.isNaN(its))
      throw new Error(`a model by PyTorch is served otherwise: example ${i} has ${our}, not ${its}`);
  }
}
