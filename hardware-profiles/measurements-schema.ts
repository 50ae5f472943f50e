import { z } from 'zod';
import { integerIn, mapping, name, numberIn, oneOf } from '../foundation/schema.ts';
import { type MeasuredDataType, type OperatorName, operatorNames } from './operators-measured.ts';

/** Data types that a measurement may name. */
export const measuredDataTypes = [
  'fp32',
  'tf32',
  'bf16',
  'fp16',
  'fp8',
  'int8',
  'int4',
  'int32',
  'bytes',
] as const satisfies readonly MeasuredDataType[];

/** Paths that run kernels. */
export const measuredBackends = ['cuda', 'hip', 'webgpu', 'cpu', 'python'] as const;

const operator = oneOf(operatorNames as [OperatorName, ...OperatorName[]]);
const dataType = oneOf(measuredDataTypes);
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date is written 2025-12-31');
const words = z.string().min(1);
const count = integerIn();
const amount = numberIn({ min: 0 });
const positive = numberIn({ positive: true });

const clockRates = mapping({ min: amount, median: amount, max: amount });

const failure = mapping({
  operator,
  data_type: dataType,
  shape: z.record(z.string(), z.number()),
  implementation: words,
  stage: words.meta({ description: 'compile, allocate, verify or time' }),
  reason: words,
});

const run = mapping({
  backend: oneOf(measuredBackends),
  date: isoDate,
  reported: z
    .looseObject({ name: words, units: count, memory_bytes: amount, cache_bytes: amount })
    .meta({ description: 'what the device says of itself' }),
  versions: z.record(z.string(), z.string()),
  clocks: mapping({ core_hz: clockRates.optional(), memory_hz: clockRates.optional() }),
  harness: mapping({ version: words, kernels: words.meta({ description: 'hash of the kernel sources' }) }),
  host_cpu: words,
  budget_s: amount,
  seed: count,
  measured: count,
  failed: z.array(failure),
});

const accuracy = mapping({
  points: count,
  median: amount.meta({ description: 'median absolute error of the predicted time, as a share' }),
  mean: amount,
  p90: amount,
  bias: z.number().meta({ description: 'mean signed error: above 0 is predicted too slow' }),
});

const fit = mapping({
  operator,
  data_type: dataType,
  backend: oneOf(measuredBackends),
  implementations: z.array(words),
  cores: count,
  rates: mapping({
    latency_s: amount,
    flop_per_s: positive,
    bytes_per_s: positive,
    reread_bytes_per_s: positive,
    step_s: amount,
  }).meta({ description: 'what is reached when only one thing limits' }),
  waves: z.boolean().meta({ description: 'tiles of a GEMM are dealt to multiprocessors in whole waves' }),
  length_scales: z.record(z.string(), positive).meta({ description: 'by coordinate, in doublings' }),
  nugget: numberIn({ min: 0, max: 1 }),
  sigma: amount.meta({ description: 'standard deviation of the efficiency surface, in log time' }),
  leave_one_out: accuracy,
  whole_shape: accuracy.optional(),
});

/** `manifest.yaml` of a folder of measurements: what ran where, what failed, what was fitted. */
export const manifestSchema = mapping({
  format: z.literal('rankfleet-measurements'),
  version: z.literal(1),
  device: name,
  runs: z.array(run).min(1, 'at least one run'),
  fit: z.array(fit).optional(),
});

export type Manifest = z.output<typeof manifestSchema>;
export type RunRecord = Manifest['runs'][number];
export type FitRecord = NonNullable<Manifest['fit']>[number];
