import { z } from 'zod';
import { intervalSchema } from '../result.ts';
import { pipelineSchema } from './distillation/feed-result.ts';
import { estimateSchema, evidenceSchema, sharesByEvidence } from './distillation/figure-result.ts';
import { fleetSchema, labelBatchSchema, stepSchema } from './distillation/fleet-result.ts';
import { breakEvenSchema, qualitySchema, systemSchema } from './distillation/system-result.ts';

/** Version of the format; it changes when a field changes its meaning. */
export const distillationResultVersion = 1;

/** Most replications whose figures a result keeps one by one. */
export const maxKeptReplications = 100;

const samplesSchema = z
  .object({
    gain: z.array(z.number()).describe('mean over verticals, relative NE, constants at their values'),
    exampleGapS: z
      .array(z.number())
      .describe('mean over the examples of all verticals; NaN-free: 0 without labels'),
    missShare: z.array(z.number()).describe('of all labels that were asked for, over all verticals'),
    teacherAgeS: z.array(z.number()),
    labellingUse: z.array(z.number()),
    trainingUse: z.array(z.number()),
    storeHeldBytes: z.array(z.number()),
  })
  .describe(`figures of each of up to ${maxKeptReplications} replications, for paired differences`);

const taskSchema = z.object({
  name: z.string(),
  distilled: z.boolean(),
  windowS: z.number(),
  baseRate: z.number(),
  baseNe: z.number(),
  teacherCalibration: z.number(),
  drift: z.number(),
  quality: qualitySchema
    .optional()
    .describe('with the shared teacher; absent for a task that it does not label'),
  gain: intervalSchema
    .optional()
    .describe('relative NE with the constants at their values: its interval is over replications alone'),
});

const servingSchema = z
  .object({
    flopPerExample: z.number().describe('forward, of the model as it is served'),
    parameters: z.number(),
    trainedFlopPerExample: z
      .number()
      .describe('forward, of what is left of the trained model when heads and adapter are dropped'),
    trainedParameters: z.number(),
    droppedParameters: z.number().describe('heads and adapter, which only training has'),
    unchanged: z.boolean().describe('both are equal, computed each by itself'),
  })
  .describe('what distillation changes about serving');

const verticalSchema = z.object({
  name: z.string(),
  count: z.number().describe('verticals alike'),
  model: z.string(),
  examplesPerDay: z.number().describe('of one of them'),
  runs: z.number(),
  serving: servingSchema,
  step: z
    .object({ withHeads: stepSchema, withoutHeads: stepSchema })
    .describe('of one run: as it is distilled, and as it would be trained on labels alone'),
  tasks: z.array(taskSchema),
});

const teacherSchema = z.object({
  model: z.string(),
  forwardFlop: z.number().describe('per example'),
  parameters: z.number(),
  snapshotBytes: z.number().describe('dense parameters in fp32 and rows of tables, as they are published'),
  trainingStateBytes: z.number().describe('weights and optimizer state'),
  step: stepSchema,
  labels: labelBatchSchema.describe('of one label server'),
  snapshots: z.object({
    everyS: z.number(),
    publishS: z.number(),
    publishBy: z.enum(['stated', 'bandwidth']),
    loadS: z.number(),
    loadBy: z.enum(['stated', 'bandwidth', 'nic']),
  }),
});

const overBaselineSchema = z
  .object({
    usdPerDay: z.number().describe('difference of the costs of the shared-teacher system'),
    extraUsdPerDay: z.number().describe('difference of what it costs above no teacher'),
    gain: estimateSchema.describe('difference of the mean gains, over common draws of the constants'),
    replicated: z
      .object({
        gain: intervalSchema,
        exampleGapS: intervalSchema,
        missShare: intervalSchema,
        teacherAgeS: intervalSchema,
      })
      .describe('absolute differences, paired by replication'),
  })
  .describe('this arm − baseline');

const armResultSchema = z.object({
  name: z.string(),
  verdict: z.object({
    state: z.enum(['STABLE', 'SATURATED', 'UNDER-SAMPLED', 'DOES NOT FIT']),
    reasons: z.array(z.string()).describe('of DOES NOT FIT: what lacks, with numbered remedies'),
  }),
  warnings: z.array(z.string()),
  workload: z.object({
    verticals: z.number().describe('V, copies included'),
    examplesPerDay: z.number().describe('ΣN_v'),
    uniqueExamplesPerDay: z.number().describe('N_u'),
    overlap: z.number().describe('κ'),
    runs: z.number().describe('E: runs per vertical, weighted by examples'),
  }),
  answer: z
    .object({
      teacher: teacherSchema,
      fleets: z.array(fleetSchema),
      pipeline: pipelineSchema,
      verticals: z.array(verticalSchema),
      systems: z.array(systemSchema).describe('no-teacher, co-distillation, own-teachers, shared-teacher'),
      breakEven: breakEvenSchema,
      overBaseline: overBaselineSchema.optional().describe('absent on the baseline itself'),
      perReplication: samplesSchema.optional(),
    })
    .optional()
    .describe('absent where the arm does not fit'),
  evidence: z.object({
    figures: sharesByEvidence.describe('number of input figures of hosts, networks and models'),
    teacherStep: sharesByEvidence
      .optional()
      .describe('share of the teacher’s step by the evidence for its time'),
    deviceHours: sharesByEvidence
      .optional()
      .describe('share of all busy device time of the shared-teacher system by the evidence for it'),
  }),
});

const assumptionSchema = z.object({
  name: z.string(),
  group: z.enum(['scenario', 'pipeline', 'cost', 'quality']),
  value: z.union([z.string(), z.number(), z.boolean()]),
  unit: z.string().describe('empty for words and plain numbers'),
  low: z.number().optional(),
  high: z.number().optional(),
  evidence: evidenceSchema,
  source: z.string(),
});

/** The answer to a scenario of external distillation: everything that reports read. */
export const distillationResultSchema = z
  .object({
    format: z.literal('rankfleet-distillation-result'),
    version: z.literal(distillationResultVersion),
    fingerprint: z.object({
      product: z.string(),
      inputHash: z.string().describe('of the resolved scenario; not cryptographic'),
      seed: z.number(),
    }),
    scenario: z.object({
      name: z.string(),
      question: z.string(),
      baseline: z.string(),
      replications: z.number(),
      confidence: z.number().gt(0).lt(1),
      horizon: z.object({ warmUpS: z.number(), measuredS: z.number(), stepS: z.number() }),
      referenceExamplesPerDay: z
        .number()
        .describe('largest union of the arms, at which the scaling law of compute is taken'),
      models: z.record(z.string(), z.unknown()),
      hosts: z.record(z.string(), z.unknown()),
      networks: z.record(z.string(), z.unknown()),
      arms: z.array(z.unknown()).describe('the resolved arms; models, hosts and networks by name'),
    }),
    assumptions: z
      .array(assumptionSchema)
      .describe('every default that was used, and every constant, with what it rests on'),
    arms: z.array(armResultSchema),
  })
  .describe('a rankfleet answer about external distillation');

export type DistillationResult = z.infer<typeof distillationResultSchema>;
export type DistillationArmResult = z.infer<typeof armResultSchema>;
export type DistillationAnswer = NonNullable<DistillationArmResult['answer']>;
export type DistilledVertical = z.infer<typeof verticalSchema>;
export type Assumption = z.infer<typeof assumptionSchema>;
export type DistillationSamples = z.infer<typeof samplesSchema>;
