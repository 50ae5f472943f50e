import { z } from 'zod';
import { experimentBackendSchema, verdicts } from './experiment-result.ts';

export const twinFormat = 'rankfleet-distillation-twins';
export const twinResultVersion = 1;

const intervalSchema = z.object({
  mean: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
});

export const twinVerdicts = ['agrees', 'differs', 'open'] as const;
export type TwinVerdict = (typeof twinVerdicts)[number];

const rowSchema = z
  .object({
    model: z.string().describe('title of the arm, or teacher'),
    vertical: z.string().optional().describe('absent for a teacher, which is measured on every example'),
    task: z.string(),
    teacherSize: z.number().optional().describe('of the foundation model, where it is this or taught this'),
    stalenessDays: z.number().optional().describe('absent without a log of a teacher'),
    ours: intervalSchema.describe('NE by rankfleet’s own learner'),
    its: intervalSchema.describe('NE by the other'),
    change: intervalSchema
      .extend({ perSeed: z.array(z.number()) })
      .describe('its NE over ours, less 1, of the same seed on both sides'),
    seedNoise: z
      .number()
      .optional()
      .describe('most by which two means over other seeds would differ, relative; absent from a single seed'),
    verdict: z.enum(twinVerdicts),
  })
  .describe('one model trained by both; NE over the days that count');
export type TwinRow = z.infer<typeof rowSchema>;

export const twinResultSchema = z.object({
  format: z.literal(twinFormat),
  version: z.literal(twinResultVersion),
  name: z.string().describe('of the experiment'),
  product: z.string(),
  keys: z.object({ ours: z.string(), its: z.string() }).describe('of the two results'),
  backend: experimentBackendSchema,
  precision: z.enum(['float32', 'float64']).describe('in which both trained'),
  level: z.number().describe('confidence of each interval, and of all verdicts by seed noise together'),
  seeds: z.number(),
  rule: z.string().describe('when two agree'),
  rows: z.array(rowSchema),
  claims: z.array(
    z.object({ id: z.string(), statement: z.string(), ours: z.enum(verdicts), its: z.enum(verdicts) }),
  ),
});
export type TwinResult = z.infer<typeof twinResultSchema>;
