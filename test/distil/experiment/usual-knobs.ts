import type { Knobs } from '../../../distil/experiment/arms.ts';

export const usualKnobs: Knobs = {
  weight: 1,
  gradientScale: 4,
  labelScale: 2,
  headHidden: [],
  adapter: { input: 'probability', hidden: [8], residual: false, learningRate: 0.05 },
  raisedRate: 2,
};
