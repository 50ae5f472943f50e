import { z } from 'zod';
import { intervalSchema } from '../../result.ts';
import { estimateSchema } from '../distillation/figure-result.ts';

/** The teacher that a plan is for. */
export const teacherSchema = z.object({
  model: z.string(),
  size: z.number().describe('forward FLOPs over those of the teacher that the scenario states'),
  scaledBy: z
    .object({ width: z.number(), rows: z.number() })
    .optional()
    .describe('factors on hidden widths and vectors, and on rows of tables; absent where it is as stated'),
  forwardFlop: z.number().describe('per example'),
  parameters: z.number(),
  tableBytes: z.number(),
  trainShare: z.number().describe('r_t'),
  labelShare: z.number().describe('r_l'),
  snapshotEveryS: z.number(),
});

const pointSchema = z.object({
  size: z.number(),
  forwardFlop: z.number(),
  trainShare: z.number(),
  labelShare: z.number(),
  extraUsdPerDay: z.number().describe('above no teacher, whole hosts'),
  hosts: z.number().describe('of teacher training and labelling, spares included'),
  gain: z.number().describe('mean over verticals, constants at their values, gaps as of the stated teacher'),
});

/** The teacher of most gain under a budget, among sizes and shares. */
export const choiceSchema = z.object({
  budgetUsdPerDay: z.number(),
  considered: z.number().describe('teachers whose fleets were sized, by their own training steps'),
  affordable: z.number().describe('those within the budget'),
  notBuilt: z
    .array(z.object({ size: z.number(), reason: z.string() }))
    .describe('sizes of which there is no teacher, or no fleet'),
  stated: pointSchema
    .optional()
    .describe('the teacher as the scenario states it; absent where it has no fleet'),
  chosen: pointSchema.optional().describe('absent where none that gains is within the budget'),
  gain: estimateSchema.optional(),
  size: estimateSchema.optional().describe('the size of most gain, over the ranges of the constants'),
  rejected: z
    .array(
      z.object({
        size: z.number(),
        trainShare: z.number(),
        labelShare: z.number(),
        extraUsdPerDay: z.number(),
      }),
    )
    .describe('chosen at first, but beyond the budget once its pipeline was simulated'),
  frontier: z.array(pointSchema).describe('that no other beats in both cost and gain, cheapest first'),
});

/** The snapshot interval that pays. */
export const snapshotChoiceSchema = z.object({
  leastGain: z.number().describe('relative NE that a shorter interval must add to the one chosen so far'),
  chosenS: z.number(),
  intervals: z
    .array(
      z.object({
        everyS: z.number(),
        exampleGapP50S: intervalSchema.optional(),
        gain: estimateSchema,
        overCheaper: z
          .object({ gain: estimateSchema, thanEveryS: z.number() })
          .optional()
          .describe('over the interval chosen before it; absent for the longest'),
        publishedBytesPerDay: z.number(),
        extraUsdPerDay: z.number().describe('above no teacher'),
        delayedShare: z.number().describe('of snapshots, which wait for the publisher'),
      }),
    )
    .describe('longest, which is cheapest, first'),
});

const sideSchema = z.object({
  value: z.string(),
  hosts: z.number().optional().describe('absent where the plan becomes infeasible'),
  usdPerDay: z.number().optional(),
  extraUsdPerDay: z.number().optional(),
  watts: z.number().optional(),
  gain: z.number().optional(),
  chosen: z.string().optional().describe('the teacher that would be chosen, where that is another'),
  infeasible: z.string().optional(),
});

/** What moves the plan: every knob up and down, fleets sized anew. */
export const planSensitivitySchema = z.object({
  alternative: z.string(),
  turnedBy: z.number(),
  base: z.object({
    hosts: z.number(),
    usdPerDay: z.number(),
    extraUsdPerDay: z.number(),
    watts: z.number(),
    gain: z.number(),
  }),
  knobs: z
    .array(z.object({ name: z.string(), value: z.string(), down: sideSchema, up: sideSchema }))
    .describe('widest in money first'),
});

export type PlannedTeacher = z.infer<typeof teacherSchema>;
export type TeacherPoint = z.infer<typeof pointSchema>;
export type TeacherChoice = z.infer<typeof choiceSchema>;
export type SnapshotChoice = z.infer<typeof snapshotChoiceSchema>;
export type PlanSensitivity = z.infer<typeof planSensitivitySchema>;
export type KnobSide = z.infer<typeof sideSchema>;
