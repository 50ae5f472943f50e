import { z } from 'zod';
import { evidenceLevels } from '../foundation/evidence.ts';
import { evidenced, integerIn, mapping, name, oneOf, quantity, show } from '../foundation/schema.ts';
import { kernelNames, preprocessingKernels } from './kernels.ts';

/**
 * The three kinds of hardware file: `device`, `host` and `network`. A field is
 * `{ value: 3.35 TB/s, evidence: datasheet, source: h100 }`; its source is a citation in words, or a key of
 * the file's `sources`, which holds the citation once for many fields.
 */
export const hardwareKinds = ['device', 'host', 'network'] as const;
export type HardwareKind = (typeof hardwareKinds)[number];

export const peakDataTypes = ['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'fp4', 'int8', 'int4'] as const;

/** A path to another hardware file ends like this; anything else is a name in the catalogue. */
export const hardwareFilePattern = /\.(ya?ml|json)$/;

const shareMeaning = 'a share of the peak is a number above 0 and at most 1';

const positive = { positive: true };
const compute = evidenced(quantity('compute', positive));
const bytes = evidenced(quantity('bytes', positive));
const bandwidth = evidenced(quantity('bandwidth', positive));
const time = evidenced(quantity('time'));
const power = evidenced(quantity('power', positive));
const count = evidenced(integerIn({ min: 1, max: 100_000 }));
const outOfShare = { error: (issue: { input?: unknown }) => `${shareMeaning}, got ${show(issue.input)}` };
const share = evidenced(z.number(outOfShare).gt(0, outOfShare).lte(1, outOfShare)).meta({
  description: shareMeaning,
});

const reference = z
  .string({
    error: (issue) =>
      issue.input === undefined
        ? 'required, but missing: a name of the catalogue, or a path to a YAML file'
        : `expected a name of the catalogue or a path to a YAML file, got ${show(issue.input)}`,
  })
  .min(1, 'expected a name of the catalogue, or a path to a YAML file');

const text = z
  .string({
    error: (issue) =>
      issue.input === undefined
        ? 'required, but missing: a text'
        : `expected a text, got ${show(issue.input)}`,
  })
  .min(1, 'expected a text that is not empty');

/** What every hardware file begins with. */
function heading<const Kind extends HardwareKind>(kind: Kind) {
  return {
    kind: z.literal(kind, { error: (issue) => `expected kind: ${kind}, got ${show(issue.input)}` }),
    name,
    description: text,
    sources: z
      .record(z.string(), text)
      .optional()
      .meta({ description: 'citations by a short key, which the `source` of a field may name' }),
  };
}

const peak = mapping(
  Object.fromEntries(peakDataTypes.map((type) => [type, compute.optional()])) as Record<
    (typeof peakDataTypes)[number],
    z.ZodOptional<typeof compute>
  >,
).refine((rates) => Object.values(rates).some((rate) => rate !== undefined), {
  error: 'at least one data type needs a peak rate',
});

const missingKernels = z
  .array(mapping({ operator: oneOf(kernelNames), evidence: oneOf(evidenceLevels), source: text }), {
    error: 'expected a list such as [{ operator: map-id, evidence: published, source: … }]',
  })
  .superRefine((missing, context) => {
    missing.forEach(({ operator }, index) => {
      if (missing.findIndex((other) => other.operator === operator) === index) return;
      context.addIssue({
        code: 'custom',
        path: [index, 'operator'],
        message: `'${operator}' is listed twice`,
      });
    });
  })
  .meta({ description: 'operators of models for which this device has no kernel, and who says so' });

const kernelTime = mapping({
  least: time.meta({ description: 'no launch takes less' }),
  per_value: time.meta({ description: 'for each value that is transformed' }),
});

const kernelTimes = mapping(
  Object.fromEntries(preprocessingKernels.map((operator) => [operator, kernelTime.optional()])) as Record<
    (typeof preprocessingKernels)[number],
    z.ZodOptional<typeof kernelTime>
  >,
).meta({ description: 'times of kernels that others measured, for operators that the harness did not' });

/** One processor. Peak rates are dense (no sparsity) and of the whole device. */
export const deviceSchema = mapping({
  ...heading('device'),
  type: oneOf(['cpu', 'gpu', 'accelerator']),
  vendor: text,
  peak,
  memory: mapping({ capacity: bytes, bandwidth }),
  cache: bytes,
  launch_overhead: time,
  power,
  cores: count.optional(),
  clock: evidenced(quantity('frequency', positive)).optional(),
  core_bandwidth: bandwidth.optional(),
  units: count.optional().meta({ description: 'multiprocessors or compute units of an accelerator' }),
  missing_kernels: missingKernels.optional(),
  kernel_times: kernelTimes.optional(),
  measurements: z.string().min(1).optional().meta({
    description:
      'folder of measurements: a name below hardware-profiles/measurements, or a path from this file',
  }),
  calibrated_like: reference
    .optional()
    .meta({ description: 'device whose measured efficiency stands for this one at the same shape' }),
  efficiency: mapping({ dense: share, stream: share, gather: share }),
}).superRefine((device, context) => {
  for (const field of ['cores', 'clock', 'core_bandwidth'] as const) {
    const given = device[field] !== undefined;
    if (given === (device.type === 'cpu')) continue;
    const message = given ? `only a cpu has ${field}` : `required for a cpu, but missing`;
    context.addIssue({ code: 'custom', path: [field], message });
  }
  if (device.units && device.type === 'cpu') {
    context.addIssue({ code: 'custom', path: ['units'], message: 'a cpu has cores instead' });
  }
  const { core_bandwidth: core, memory } = device;
  if (core && core.value > memory.bandwidth.value) {
    const message = 'one core cannot draw more than the whole memory bandwidth';
    context.addIssue({ code: 'custom', path: ['core_bandwidth', 'value'], message });
  }
});

/** A server. `cpu` and `accelerators.device` name device files. */
export const hostSchema = mapping({
  ...heading('host'),
  cpu: reference,
  sockets: count,
  dram: bytes,
  nic: bandwidth,
  accelerators: mapping({ device: reference, count, host_link: bandwidth, peer_link: bandwidth }).optional(),
  price: evidenced(quantity('price')),
  power_idle: power,
  power_busy: power,
}).superRefine((host, context) => {
  if (host.power_busy.value >= host.power_idle.value) return;
  const message = `a busy host draws at least what an idle one does (${host.power_idle.value} W)`;
  context.addIssue({ code: 'custom', path: ['power_busy', 'value'], message });
});

/** A network inside one data centre, with the CPU time its messages cost on each side. */
export const networkSchema = mapping({
  ...heading('network'),
  round_trip: mapping({ minimum: time, median: time, p99: time }),
  cpu_per_message: time,
  cpu_per_byte: evidenced(quantity('time per byte')),
}).superRefine(({ round_trip: { minimum, median, p99 } }, context) => {
  const order = (low: number, high: number, path: string, message: string) => {
    if (high < low) context.addIssue({ code: 'custom', path: ['round_trip', path, 'value'], message });
  };
  order(minimum.value, median.value, 'median', 'the median round trip is below the minimum');
  order(median.value, p99.value, 'p99', 'the p99 round trip is below the median');
});

/** The schema of each kind of file, for validation and for the JSON Schema that editors read. */
export const hardwareSchemas = { device: deviceSchema, host: hostSchema, network: networkSchema };
