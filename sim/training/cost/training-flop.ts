import type { DistillationWorkload, TrainingHeads } from './workload.ts';

/** Training FLOPs over those of the forward pass: backward computes gradients by input and by weights. */
export const trainingPasses = 3;

/** Training FLOP per example of a perceptron `from` → `hidden` → 1: six per weight. */
function perceptronFlop(from: number, hidden: number): number {
  return 2 * trainingPasses * (from * hidden + hidden);
}

/** δ_AH + δ_SA: training FLOP per example that auxiliary heads and the student adapter add; serving adds none. */
export function headsFlop({ auxiliary, dim, hidden, adapterHidden }: TrainingHeads): number {
  return auxiliary * perceptronFlop(dim, hidden) + perceptronFlop(1, adapterHidden);
}

/** FLOP per example that the served models take, by vertical: nothing of a teacher or of training heads is in it. */
export function servingFlop({ verticals }: DistillationWorkload): number[] {
  return verticals.map(({ forwardFlop }) => forwardFlop);
}
