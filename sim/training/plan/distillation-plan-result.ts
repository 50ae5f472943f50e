import { z } from 'zod';
import { intervalSchema } from '../../result.ts';
import { estimateSchema, sharesByEvidence } from '../distillation/figure-result.ts';
import { breakEvenSchema, systemNames, systemSchema } from '../distillation/system-result.ts';
import { distillationResultSchema } from '../distillation-result.ts';
import { choiceSchema, planSensitivitySchema, snapshotChoiceSchema, teacherSchema } from './choice-result.ts';
import { plannedFleetSchema } from './planned-fleet-result.ts';

/** Version of the format; it changes when a field changes its meaning. */
export const distillationPlanVersion = 1;

const proofSchema = z
  .object({
    state: z.string().describe('as planned, headroom taken, or one label server less'),
    servers: z.number().describe('that label; spares do not'),
    shouldHold: z.boolean().describe('whether the plan needs it to hold'),
    holds: z.boolean().describe('no task misses more of its labels than it may, in any replication'),
    worstMissShare: z.number().describe('of the worst task of the worst replication'),
    missShare: intervalSchema.describe('of the worst task'),
    use: intervalSchema.describe('of the label service, mean over capacity'),
    peakUse: intervalSchema,
    trainingPeakUse: intervalSchema.describe('of the teacher’s training fleet in its busiest step'),
    largestQueueExamples: intervalSchema,
    exampleGapS: z
      .object({ p50: intervalSchema, p90: intervalSchema })
      .optional()
      .describe('impression − time through which the teacher of its label had trained, of all examples'),
    verdict: z.enum(['STABLE', 'SATURATED', 'UNDER-SAMPLED']),
    reasons: z.array(z.string()),
  })
  .describe('one simulation of the pipeline');

const moneySchema = z
  .object({
    teacherTraining: z.number(),
    labelling: z.number(),
    verticalTraining: z.number(),
    storage: z.number(),
    moved: z.number(),
    total: z.number(),
    noTeacher: z.number().describe('hosts that train the vertical models without heads'),
    extra: z.number().describe('total − noTeacher: what the budget is for'),
  })
  .describe('USD per day, whole hosts held all day');

const verticalSchema = z.object({
  name: z.string(),
  count: z.number().describe('verticals alike; all figures are of one of them'),
  runs: z.number(),
  ownUsdPerDay: z
    .number()
    .describe('its part of the hosts that train vertical models, by what its runs take'),
  teacherUsdPerDay: z
    .object({ equal: z.number(), byExamples: z.number() })
    .describe('its part of all that the teacher costs: an equal one, and one by its examples'),
  gain: estimateSchema.describe('relative NE'),
  significance: z.enum(['significant', 'uncertain', 'insignificant']),
});

const planSchema = z.object({
  teacher: teacherSchema,
  fleets: z.array(plannedFleetSchema),
  hosts: z.number(),
  hostsByType: z.record(z.string(), z.number()),
  proof: z.array(proofSchema),
  money: moneySchema,
  watts: z.number().describe('mean power of the site'),
  bytes: z.object({
    stored: z.number().describe('label records within their retention'),
    writtenPerDay: z.number(),
    readPerDay: z.number().describe('label records, by all runs'),
    publishedPerDay: z.number().describe('snapshots to every label server, spares included'),
    inputPerDay: z.number().describe('features and labels that all training and labelling reads'),
  }),
  verticals: z.array(verticalSchema),
  gain: estimateSchema.describe('relative NE, mean over verticals'),
  significance: z.enum(['significant', 'uncertain', 'insignificant']),
  systems: z.array(systemSchema).describe('the same with other ways to teach, devices not rounded to hosts'),
  cheapestForGain: z
    .enum(systemNames)
    .optional()
    .describe('least USD per 0.01 % of NE; absent where none gains'),
  breakEven: breakEvenSchema,
  evidence: z.object({
    teacherStep: sharesByEvidence
      .optional()
      .describe('share of the teacher’s step by the evidence for its time'),
    deviceHours: sharesByEvidence.optional().describe('share of busy device time by the evidence for it'),
  }),
});

const alternativeSchema = z.object({
  name: z.string(),
  state: z.enum([
    'PLANNED',
    'DOES NOT FIT',
    'CANNOT KEEP UP',
    'BATCH TOO SLOW',
    'NO TEACHER IN BUDGET',
    'GAINS TOO LITTLE',
    'EXCEEDS LIMITS',
  ]),
  reasons: z.array(z.string()).describe('what lacks, by how much; empty where it is planned'),
  plan: planSchema.optional().describe('absent where no fleet was found'),
  choice: choiceSchema.optional().describe('of a plan with a budget'),
  snapshots: snapshotChoiceSchema.optional(),
  notes: z.array(z.string()),
});

const remedySchema = z.object({
  constraint: z.string().describe('the field that would change'),
  from: z.string(),
  to: z.string(),
  alternative: z.string(),
  effect: z.string(),
});

/** The answer to a planning question about external distillation: everything that its reports read. */
export const distillationPlanSchema = z
  .object({
    format: z.literal('rankfleet-distillation-plan'),
    version: z.literal(distillationPlanVersion),
    fingerprint: z.object({ product: z.string(), inputHash: z.string(), seed: z.number() }),
    scenario: z.object({
      name: z.string(),
      question: z.string(),
      replications: z.number(),
      confidence: z.number(),
      horizon: z.object({ warmUpS: z.number(), measuredS: z.number(), stepS: z.number() }),
      budgetUsdPerDay: z.number().optional(),
      headroom: z.number(),
      spares: z.number(),
      miss: z.number(),
      gain: z.number().optional(),
    }),
    assumptions: distillationResultSchema.shape.assumptions,
    alternatives: z.array(alternativeSchema),
    best: z.string().optional(),
    remedies: z
      .array(remedySchema)
      .describe('of an infeasible plan: the least change found of each constraint, each planned'),
    sensitivity: planSensitivitySchema.optional(),
    notes: z.array(z.string()),
  })
  .describe('a rankfleet plan of an external distillation');

export type DistillationPlan = z.infer<typeof distillationPlanSchema>;
export type DistillationAlternative = z.infer<typeof alternativeSchema>;
export type TeacherPlan = z.infer<typeof planSchema>;
export type PipelineProof = z.infer<typeof proofSchema>;
export type PlannedVertical = z.infer<typeof verticalSchema>;
export type PlanRemedy = z.infer<typeof remedySchema>;
