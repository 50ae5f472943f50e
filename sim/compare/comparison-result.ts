import { z } from 'zod';
import { intervalSchema, percentileSchema } from '../result.ts';
import { components } from '../serving/components.ts';

/** Version of the comparison format; it changes when a field changes its meaning. */
export const comparisonVersion = 1;

/** What a figure counts: an SI unit, money, or a plain number. */
const unitSchema = z.enum(['s', '1/s', 'B', 'W', '1/J', 'USD/h', 'USD', 'share', 'count']);

/** What every figure has of two sides, whatever it counts. */
export const figureShape = {
  key: z.string(),
  title: z.string(),
  a: intervalSchema.optional().describe('absent where the side has no such figure'),
  b: intervalSchema.optional(),
  sampled: z.boolean().describe('false: exact, there is nothing to sample'),
  difference: intervalSchema
    .optional()
    .describe('b − a; absent where a side lacks the figure, or is SATURATED and this is a latency'),
  relative: intervalSchema.optional().describe('b / a − 1: 0.1 is 10 % more; absent where a is zero'),
  significant: z
    .boolean()
    .optional()
    .describe('whether the interval of the difference leaves out zero; absent without an interval'),
};

const figureSchema = z.object({
  ...figureShape,
  unit: unitSchema,
  group: z.enum(['latency', 'compute', 'fleet']),
});

const stackSchema = z.object({
  aS: z.number(),
  bS: z.number(),
  differenceS: intervalSchema,
  parts: z
    .array(
      z.object({
        component: z.enum(components),
        aS: z.number(),
        bS: z.number(),
        differenceS: intervalSchema,
        share: z
          .number()
          .optional()
          .describe('of the whole difference; absent where that is not told from zero'),
      }),
    )
    .describe('largest difference first; the differences add up to that of the whole'),
});

export const inputSchema = z.object({
  path: z.string().describe('field of a scenario, as sharding.shards'),
  a: z.string().describe('with its unit; "not set" where the field is absent'),
  b: z.string(),
  details: z
    .array(z.object({ path: z.string(), a: z.string(), b: z.string() }))
    .describe('what differs inside a model, a host or a network'),
});

const targetSchema = z.object({
  total: intervalSchema.describe('b − a'),
  parts: z.array(
    z
      .object({ difference: intervalSchema, share: z.number().optional() })
      .describe('in the order of factors'),
  ),
  interaction: intervalSchema
    .optional()
    .describe('what no single factor explains: total minus the parts; absent where the method leaves none'),
});

const attributionSchema = z.object({
  method: z
    .enum(['single', 'shapley', 'two-orders'])
    .describe(
      'single: one factor is the whole difference; shapley: mean over all orders of changing one factor after the ' +
        'other from A to B; two-orders: mean of changing it first and of changing it last',
    ),
  simulations: z.number().describe('mixtures of A and B that were simulated, A and B not counted'),
  factors: z.array(
    z.object({
      fields: z.array(z.string()).describe('changed together'),
      reason: z.string().optional().describe('why together, where there are several'),
    }),
  ),
  latency: targetSchema.describe('of the judged percentile, s'),
  compute: targetSchema.describe('CPU and accelerator seconds per request'),
  price: targetSchema.describe('USD/h'),
  saturated: z
    .array(z.string())
    .describe(
      'mixtures that no longer have a steady state: parts of the latency rest on the length of the run',
    ),
});

const armSchema = z.object({
  name: z.string(),
  verdict: z.object({ state: z.string(), reason: z.string() }),
  busiest: z.string().optional().describe('the resource of the highest ρ, as cores of main'),
  sla: z.object({ percentile: percentileSchema, limitS: z.number(), met: z.string() }).optional(),
});

const pairSchema = z.object({
  a: armSchema,
  b: armSchema,
  paired: z.boolean().describe('whether differences are formed in each replication before they are averaged'),
  meaningless: z.string().optional().describe('why latencies cannot be compared'),
  inputs: z.array(inputSchema).describe('what was asked differently, defaults included'),
  figures: z.array(figureSchema),
  breakdown: z.object({ typical: stackSchema, tail: stackSchema }).optional(),
  attribution: attributionSchema.optional(),
  noAttribution: z.string().optional().describe('why there is none, where one was asked for'),
});

export const sideSchema = z.object({
  kind: z.enum(['scenario', 'result']),
  source: z.string().describe('as the user named it'),
  scenario: z.string(),
  product: z.string().describe('name and version of the program that simulated it'),
  inputHash: z.string(),
  seed: z.number(),
  replications: z.number(),
});

/** The answer to `compare`: everything that its report reads. */
export const comparisonSchema = z
  .object({
    format: z.literal('rankfleet-comparison'),
    version: z.literal(comparisonVersion),
    product: z.string(),
    confidence: z.number(),
    judged: percentileSchema.describe("that of A's SLA, else of B's, else p99"),
    a: sideSchema,
    b: sideSchema,
    warnings: z.array(z.string()).describe('what to know before believing a difference'),
    unmatched: z
      .object({ a: z.array(z.string()), b: z.array(z.string()) })
      .describe('arms without a partner'),
    pairs: z.array(pairSchema),
  })
  .describe('two scenarios or results side by side; every difference is b − a');

export type { Interval, Percentile } from '../result.ts';

export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparedPair = z.infer<typeof pairSchema>;
export type ComparedArm = z.infer<typeof armSchema>;
export type ComparedSide = z.infer<typeof sideSchema>;
export type ComparedFigure = z.infer<typeof figureSchema>;
export type ComparedStack = z.infer<typeof stackSchema>;
export type InputDifference = z.infer<typeof inputSchema>;
export type Attribution = z.infer<typeof attributionSchema>;
export type AttributedTarget = z.infer<typeof targetSchema>;
