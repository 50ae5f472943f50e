import { z } from 'zod';
import { integerIn, mapping, numberIn, oneOf } from '../../foundation/schema.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import { programOperators } from '../../harness/device.ts';
import { backendOf, type Language } from '../artifact.ts';
import { failureStages } from '../evaluation.ts';
import type { SearchSubject } from '../expansion.ts';
import { readJson } from '../json-file.ts';
import type { KernelTask } from '../kernel-task.ts';

const text = z.string().min(1);
const value = z.union([z.number(), z.string(), z.boolean()]);
const dataTypes = ['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'int4', 'int32', 'bytes'] as const;

const entrySchema = z.union([
  mapping({
    times_s: z
      .array(numberIn({ positive: true }))
      .min(1)
      .describe('seconds of one launch, by shape'),
    compile_s: numberIn({ min: 0 }).optional(),
    verify_s: numberIn({ min: 0 }).optional(),
    benchmark_s: numberIn({ min: 0 }).optional(),
  }),
  mapping({
    failure: mapping({ stage: oneOf(failureStages), reason: text }),
    compile_s: numberIn({ min: 0 }).optional(),
    verify_s: numberIn({ min: 0 }).optional(),
  }),
]);

/**
 * A space of kernels that was timed to the end, in the spirit of Kernel Tuner's cache files: every combination of
 * parameters with its times, by shape, or with how it failed. Times in seconds, where Kernel Tuner has milliseconds.
 */
export const spaceSchema = mapping({
  format: z.literal('rankfleet-space'),
  version: z.literal(1),
  kernel_name: text,
  device_name: text,
  cores: integerIn({ min: 1 }).optional().describe('of a CPU that kernels ran on'),
  language: oneOf(Object.keys(backendOf) as [Language, ...Language[]]),
  operator: oneOf(programOperators),
  data_type: oneOf(dataTypes satisfies readonly MeasuredDataType[]),
  shapes: z.array(z.record(text, z.number())).min(1),
  reference: mapping({ name: text, times_s: z.array(numberIn({ positive: true })).min(1) }),
  tune_params: z.record(text, z.array(value).min(1)),
  cache: z.record(z.string(), entrySchema),
  repeats: integerIn({ min: 1 }).optional(),
}).superRefine(({ shapes, reference, tune_params: params, cache }, context) => {
  const complain = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: 'custom', message, path });
  if (reference.times_s.length !== shapes.length) {
    complain(`expected ${shapes.length} times, one for each shape`, 'reference', 'times_s');
  }
  for (const [key, entry] of Object.entries(cache)) {
    if ('times_s' in entry && entry.times_s.length !== shapes.length) {
      complain(`expected ${shapes.length} times, one for each shape`, 'cache', key, 'times_s');
    }
    const values = key.split(',');
    const isInside =
      values.length === Object.keys(params).length &&
      Object.values(params).every((known, index) => known.map(String).includes(values[index]));
    if (!isInside) complain('its key is not a value of each tune_params, in their order', 'cache', key);
  }
});

export type TimedSpace = z.infer<typeof spaceSchema>;
export type SpaceEntry = TimedSpace['cache'][string];
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** Reads a timed space. @throws InputError that says where the file is wrong */
export function readSpace(file: string): TimedSpace {
  return readJson(file, spaceSchema);
}

/** How a combination of parameters stands in the cache: values in the order of `tune_params`, by commas. */
export function keyOf(space: TimedSpace, parameters: Parameters): string {
  return Object.keys(space.tune_params)
    .map((name) => String(parameters[name]))
    .join(',');
}

/** The combination of parameters that a key of the cache stands for. */
export function parametersOfKey({ tune_params: params }: TimedSpace, key: string): Parameters {
  const values = key.split(',');
  const named = Object.entries(params).map(([name, known], index) => [
    name,
    known.find((one) => String(one) === values[index])!,
  ]);
  return Object.fromEntries(named);
}

/** What is known of the device that a space was timed on. */
function deviceOf({ device_name: name }: TimedSpace): DeviceDescription {
  return {
    name,
    kind: 'accelerator',
    memoryBytes: 0,
    cacheBytes: 0,
    units: 0,
    versions: {},
    details: {},
  };
}

/** The task that a space was timed for. */
export function taskOf({
  kernel_name: name,
  operator,
  data_type: dataType,
  shapes,
  device_name,
}: TimedSpace): KernelTask {
  return {
    name,
    title: name,
    source: `timed on ${device_name}`,
    operator,
    dataTypes: [dataType],
    search: shapes.map((shape) => ({ shape })),
    heldOut: [],
  };
}

/** What searches of a space are about. */
export function subjectOf(space: TimedSpace): SearchSubject {
  const { language, data_type: dataType } = space;
  return { task: taskOf(space), language, dataType, device: deviceOf(space) };
}
