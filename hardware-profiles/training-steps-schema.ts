import { z } from 'zod';
import { integerIn, mapping, name, numberIn } from '../foundation/schema.ts';

/**
 * How the kernels of a step are issued: one by one by the host; as replays of a captured graph; or so, after PyTorch's
 * compiler has fused dense operators and losses.
 */
export const stepPaths = ['eager', 'graph', 'compiled-graph'] as const;

export type StepPath = (typeof stepPaths)[number];

/** Parts of a step that are timed by themselves, in their order; those of the simulator, and the sorting of lookups. */
export const timedParts = [
  'lookup',
  'vector-exchange',
  'bottom-forward',
  'top-forward',
  'loss-and-heads',
  'top-backward',
  'bottom-backward',
  'gradient-exchange',
  'sort-lookups',
  'table-update',
  'all-reduce',
  'dense-optimizer',
] as const;

export type TimedPart = (typeof timedParts)[number];

const words = z.string().min(1);
const count = integerIn();
const amount = numberIn({ min: 0 });
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date is written 2025-12-31');

const clockRates = mapping({ min: amount, median: amount, max: amount });

const without = mapping({ shape: words, reason: words });

const run = mapping({
  date: isoDate,
  reported: z.looseObject({ name: words, units: count, memory_bytes: amount, cache_bytes: amount }),
  versions: z.record(z.string(), z.string()),
  clocks: mapping({ core_hz: clockRates.optional(), memory_hz: clockRates.optional() }),
  harness: mapping({ version: words, kernels: words }),
  host_cpu: words,
  budget_s: amount,
  seed: count,
  measured: count,
  skipped: z.array(without).meta({ description: 'shapes that the program cannot build' }),
  failed: z.array(without).meta({ description: 'shapes and paths that ran into something' }),
  left: count.meta({ description: 'shapes for which no time was left' }),
});

/** `training.yaml` beside `training-steps.csv`: what ran where, how, and what has no time. */
export const trainingManifestSchema = mapping({
  format: z.literal('rankfleet-training-steps'),
  version: z.literal(1),
  device: name,
  how: z.array(words).meta({ description: 'what a measured step is, in sentences' }),
  runs: z.array(run).min(1, 'at least one run'),
});

export type TrainingManifest = z.output<typeof trainingManifestSchema>;
export type TrainingRun = TrainingManifest['runs'][number];
