import type { ExecutionFit } from './execution-fit.ts';

/**
 * Steps of PyTorch 2.11, replayed as CUDA graphs on one H200, over simulated ones. Fitted by fitExecution of
 * harness/training to the training steps under hardware-profiles/measurements; a test fits them again.
 */
export const pytorchSteps: ExecutionFit = {
  device: 'h200-sxm',
  parts: {
    lookup: { factor: 3.58, fixedS: 1.97e-6 },
    'bottom-forward': { factor: 1.25, fixedS: 9.25e-6 },
    'top-forward': { factor: 1.17, fixedS: 9.12e-6 },
    'loss-and-heads': { factor: 2.43, fixedS: 2.33e-5 },
    'top-backward': { factor: 1.51, fixedS: 1.08e-5 },
    'bottom-backward': { factor: 1.15, fixedS: 1.83e-5 },
    'table-update': { factor: 1.72, fixedS: 4.68e-5 },
    'dense-optimizer': { factor: 1.12, fixedS: 3.84e-5 },
  },
  logError: 0.181,
};
