import { FluidLine } from './fluid-line.ts';
import type { FmTrainingSpec } from './pipeline-spec.ts';
import type { Traffic } from './traffic.ts';

/** How far the FM's single pass over the stream has come. */
export interface TrainingProgress {
  /** Sampled examples that wait to be trained on, at the end of each step. */
  backlog: Float64Array;
  /** Mean rate of sampled examples over the fleet's throughput; above 1 the lag grows without end. */
  use: number;
  /** Highest rate of one step over the throughput. */
  peakUse: number;
  /** The FM at time `timeS` has trained on the examples of impressions before this time (s). */
  trainedThrough(timeS: number): number;
}

/**
 * Trains on each sampled example once, in order, as soon as its window has closed and the fleet is free. Before time 0
 * the FM kept up: its lag is the window alone.
 */
export function trainingProgress(traffic: Traffic, spec: FmTrainingSpec): TrainingProgress {
  const { steps, stepS, unique } = traffic;
  const sampled = unique.map((amount) => amount * spec.sampledShare);
  const line = new FluidLine(sampled);
  const windowSteps = Math.ceil(spec.windowS / stepS);
  const through = new Float64Array(steps);
  const backlog = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    if (step >= windowSteps) line.join();
    line.serve(spec.examplesPerS * stepS, () => {});
    through[step] = line.backlog === 0 ? (step + 1 - windowSteps) * stepS : line.through * stepS;
    backlog[step] = line.backlog;
  }
  const capacity = spec.examplesPerS * stepS;
  return {
    backlog,
    use: sampled.reduce((sum, amount) => sum + amount, 0) / steps / capacity,
    peakUse: sampled.reduce((most, amount) => Math.max(most, amount), 0) / capacity,
    trainedThrough: (timeS) => {
      if (timeS <= 0) return timeS - windowSteps * stepS;
      const position = Math.min(timeS / stepS, steps);
      const step = Math.min(Math.floor(position), steps - 1);
      const before = step === 0 ? -windowSteps * stepS : through[step - 1];
      return before + (position - step) * (through[step] - before);
    },
  };
}
