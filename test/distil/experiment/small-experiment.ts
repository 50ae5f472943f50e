import type { LearnerSpec } from '../../../distil/learner/spec.ts';
import { syntheticOptions } from '../../../distil/streams/synthetic/options.ts';
import { type SyntheticStream, syntheticStream } from '../../../distil/streams/synthetic/synthetic-stream.ts';

/** Eight days of two verticals whose labels take hours, some of them days. */
export function smallWorld(): SyntheticStream {
  return syntheticStream(
    syntheticOptions({
      days: 8,
      examples_per_day: 300,
      cardinalities: [20, 20],
      verticals: 2,
      overlap: 0.3,
      tasks: [
        { name: 'click', mean_delay_s: 20_000 },
        { name: 'buy', base_rate: 0.1, alike: 0.7, mean_delay_s: 50_000 },
      ],
    }),
  );
}

export function smallLearner(changes: Partial<LearnerSpec> = {}): LearnerSpec {
  return {
    serving: { tableRows: [20, 20], embeddingDim: 3, hidden: [6], headHidden: [] },
    distillation: { kind: 'none' },
    batch: 8,
    learningRate: 0.1,
    backboneRateScale: 1,
    seed: 3,
    ...changes,
  };
}
