import { z } from 'zod';
import { figureShape, inputSchema, sideSchema } from '../../compare/comparison-result.ts';
import { estimateSchema } from '../distillation/figure-result.ts';

/** Version of the format; it changes when a field changes its meaning. */
export const distillationComparisonVersion = 1;

const figureSchema = z.object({
  ...figureShape,
  unit: z.enum([
    's',
    'B',
    'W',
    'USD/day',
    'FLOP',
    'examples/s',
    'examples',
    'device-hours',
    'share',
    'count',
  ]),
  group: z.enum(['gain', 'freshness', 'queues', 'cost', 'training']),
});

const armSchema = z.object({
  name: z.string(),
  verdict: z.object({ state: z.string(), reasons: z.array(z.string()) }),
  gain: estimateSchema
    .optional()
    .describe('mean relative NE with the range of the uncertain constants, which both sides may share'),
});

const pairSchema = z.object({
  a: armSchema,
  b: armSchema,
  paired: z.boolean().describe('whether differences are formed in each replication before they are averaged'),
  meaningless: z.string().optional().describe('why gains and freshness cannot be compared'),
  inputs: z.array(inputSchema).describe('what was asked differently, defaults included'),
  figures: z.array(figureSchema),
});

/** The answer to `compare` of two answers about distillation: everything that its report reads. */
export const distillationComparisonSchema = z
  .object({
    format: z.literal('rankfleet-distillation-comparison'),
    version: z.literal(distillationComparisonVersion),
    product: z.string(),
    confidence: z.number(),
    a: sideSchema,
    b: sideSchema,
    warnings: z.array(z.string()).describe('what to know before believing a difference'),
    unmatched: z
      .object({ a: z.array(z.string()), b: z.array(z.string()) })
      .describe('arms without a partner'),
    pairs: z.array(pairSchema),
  })
  .describe('two answers about distillation side by side; every difference is b − a');

export type DistillationComparison = z.infer<typeof distillationComparisonSchema>;
export type DistilledPair = z.infer<typeof pairSchema>;
export type DistilledFigure = z.infer<typeof figureSchema>;
