import type { Precision } from '../learner/float-array.ts';
import { type Pass, type Trained, trainBySteps } from '../learner/train-by-steps.ts';
import { checkExport, type ExportCheck } from './check-export.ts';

/** Who computes the passes of an experiment. */
export interface Trainer {
  /** Whether what should be equal is so to the last bit. */
  readonly isExact: boolean;
  /** Computes a pass, and checks what it exports. */
  train(pass: Pass): Promise<Trained & { exported: ExportCheck }>;
}

/** Our own learner, in this thread. */
export function ownTrainer(precision: Precision = 'float32'): Trainer {
  return {
    isExact: true,
    async train(pass) {
      const { learner, ...trained } = trainBySteps(pass, precision);
      const length = Math.min(...pass.served.map((column) => column.length));
      return { ...trained, exported: checkExport(learner, pass.spec.batch, pass.served, length) };
    },
  };
}
