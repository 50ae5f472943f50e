import { z } from 'zod';

/** Version of the format of an experiment's result; it changes when a field changes its meaning. */
export const experimentResultVersion = 1;

export const experimentFormat = 'rankfleet-distillation-experiment';

const estimateSchema = z
  .object({ mean: z.number(), low: z.number().optional(), high: z.number().optional() })
  .describe('mean over seeds with the bounds of its t interval; no bounds from a single seed');
export type ExperimentEstimate = z.infer<typeof estimateSchema>;

const boundsSchema = z.object({ low: z.number(), high: z.number() });

/** On which side of zero a difference is, by all of its intervals. */
export const sides = ['above', 'below', 'open'] as const;
export type Side = (typeof sides)[number];

const differenceSchema = z
  .object({
    mean: z.number(),
    perSeed: z.array(z.number()).describe('of the same seed on both sides, in the order of the seeds'),
    overSeeds: boundsSchema.optional().describe('paired t interval over seeds; none from a single seed'),
    overDays: boundsSchema
      .optional()
      .describe('paired bootstrap over blocks of days, seeds averaged; none for what is no sum over days'),
    side: z.enum(sides).describe('above or below zero where every interval is wholly there, else open'),
  })
  .describe('a paired difference with what is unsure of it by seeds and by days');
export type ExperimentDifference = z.infer<typeof differenceSchema>;

const modelSchema = z.object({
  fields: z.array(z.string()),
  tableRows: z.array(z.number()),
  embeddingDim: z.number(),
  hidden: z.array(z.number()),
  parameters: z.number(),
  flopsPerExample: z.number().describe('of the dense layers, to serve one example'),
});
export type ExperimentModel = z.infer<typeof modelSchema>;

const sourceSchema = z.object({
  kind: z.enum(['flights', 'synthetic', 'csv']),
  stream: z.string(),
  description: z.string().describe('where the examples come from'),
  examples: z.number(),
  days: z.number(),
  fields: z.array(z.object({ name: z.string(), cardinality: z.number() })),
  tasks: z.array(
    z.object({
      task: z.string(),
      positiveRate: z.number(),
      unlabelled: z.number(),
      beforeImpression: z.number().describe('labels that were there before their impression, taken away'),
      medianDelayS: z.number().describe('from an impression to its label'),
      bestNe: z
        .number()
        .optional()
        .describe(
          'of the probabilities that labels were drawn with, over the days that count; nobody is better',
        ),
    }),
  ),
  verticals: z.array(z.object({ name: z.string(), examples: z.number() })),
  overlap: z.number().describe('κ = Σ examples of verticals / examples of their union'),
  inNoVertical: z.number(),
  moved: z.number().describe('examples put into the order of time'),
  unknownVerticals: z.array(z.tuple([z.string(), z.number()])),
});
export type ExperimentSource = z.infer<typeof sourceSchema>;

const protocolSchema = z.object({
  seeds: z.array(z.number()),
  stalenessDays: z
    .array(z.number())
    .describe('s: an example is labelled by the last snapshot before it, or by that of s days earlier'),
  snapshotsPerDay: z
    .number()
    .optional()
    .describe('of the teacher, at equal distances from midnight on; one unless stated'),
  metricsFromDay: z.number().describe('first day that counts in metrics, from 0'),
  periodDays: z.number().describe('days of one point of a series'),
  level: z.number().describe('confidence of every interval'),
  bootstrap: z.object({ resamples: z.number(), blockDays: z.number() }),
  batch: z.number(),
  learningRate: z.number().describe('of the students'),
  teacherLearningRate: z.number().optional().describe('absent where no teacher was trained'),
  distillation: z.object({
    weight: z.number().describe('w'),
    gradientScale: z.number().describe('β of arms with gradient scaling; 1 in the others'),
    labelScale: z.number().describe('α of arms with label scaling; 1 in the others'),
    headHidden: z.array(z.number()),
    adapter: z.object({
      input: z.enum(['probability', 'logit']),
      hidden: z.array(z.number()),
      residual: z.boolean(),
      learningRate: z.number(),
    }),
  }),
  notes: z.array(z.string()).describe('the rules of the protocol, in words'),
});
export type ExperimentProtocol = z.infer<typeof protocolSchema>;

/** Whose predictions a student is taught by. */
export const teacherKinds = ['foundation model', 'labels', 'shuffled', 'vm-sized', 'none'] as const;

const qualitySchema = z.object({
  ne: estimateSchema,
  calibration: estimateSchema.describe('Σp/Σy'),
  auc: estimateSchema,
});

/** NE has no value in a period whose labels are all alike. */
const seriesSchema = z.array(z.number().nullable());

const cellSchema = qualitySchema.extend({
  arm: z.string().describe('id of the arm or control'),
  vertical: z.string(),
  task: z.string().describe('of the student'),
  teacher: z.enum(teacherKinds),
  teacherTask: z.string().optional().describe('of the teacher; absent without one'),
  teacherSize: z.number().optional().describe('widths of the foundation model over those of size 1'),
  stalenessDays: z.number().optional().describe('absent without a log of a teacher'),
  gain: differenceSchema
    .optional()
    .describe('relative reduction of NE against the base arm; absent for the base arm itself'),
  aucGain: differenceSchema.optional().describe('AUC less that of the base arm'),
  calibrationHarm: differenceSchema
    .optional()
    .describe('|ln calibration| less that of the base arm: above zero, calibration is worse'),
  withoutTeacher: z.number().describe('share of the examples trained on that no teacher had labelled'),
  clippedLabels: z.number().describe('share of the examples trained on whose label scaling clipped at 1'),
  series: seriesSchema.describe('NE of each period of the days that count, mean over seeds'),
});
export type ExperimentCell = z.infer<typeof cellSchema>;

const teacherSchema = z.object({
  size: z.number(),
  stalenessDays: z.number(),
  model: modelSchema.optional().describe('absent of a teacher from elsewhere'),
  union: qualitySchema.describe('of its logged predictions on every example, days that count'),
  verticals: z.array(
    qualitySchema.extend({
      vertical: z.string(),
      gain: differenceSchema.describe(
        'relative reduction of NE against the base arm of the vertical, same rows and task',
      ),
    }),
  ),
  labelled: z.number().describe('examples with a pseudo-label'),
  missing: z.number().describe('examples without: before the first snapshot that old'),
  gaps: z.number().optional().describe('runs of examples without a pseudo-label'),
  snapshots: z.number(),
  ageDays: z
    .object({ least: z.number(), median: z.number(), most: z.number() })
    .optional()
    .describe('from what the teacher had seen to the impression that it labelled; absent of an empty log'),
  series: seriesSchema.describe('NE on every example of each period, mean over seeds'),
});
export type ExperimentTeacher = z.infer<typeof teacherSchema>;

const freshnessSchema = z.object({
  lagDays: z.number(),
  ne: estimateSchema,
  worsening: differenceSchema
    .optional()
    .describe('relative growth of NE against the least lag; absent for the least itself'),
});

const transferSchema = z.object({
  size: z.number(),
  parameters: z.number().optional().describe('of the teacher; absent of one from elsewhere'),
  flopsPerExample: z.number().optional(),
  arm: z.string(),
  vertical: z.string(),
  task: z.string(),
  stalenessDays: z.number(),
  teacherGain: differenceSchema.describe(
    'ΔNE_FM: relative reduction of NE, teacher against base, rows of the vertical',
  ),
  studentGain: differenceSchema.describe('ΔNE_VM: the same of the student'),
  transferRatio: estimateSchema
    .optional()
    .describe('ΔNE_VM/ΔNE_FM; absent where ΔNE_FM is not surely above zero, for then it is not defined'),
});
export type ExperimentTransfer = z.infer<typeof transferSchema>;

export const verdicts = ['holds', 'does not hold', 'not shown', 'not run'] as const;
export type ClaimVerdict = (typeof verdicts)[number];

const claimPartSchema = z.object({
  statement: z.string(),
  verdict: z.enum(verdicts),
  claimed: z.enum(['above', 'below']).describe('side of zero on which every cell should be'),
  cells: z.array(z.object({ where: z.string(), difference: differenceSchema })),
});

const claimSchema = z.object({
  id: z.string().describe('a to g'),
  statement: z.string(),
  rule: z.string(),
  combine: z.enum(['all parts', 'any part']),
  verdict: z.enum(verdicts),
  parts: z.array(claimPartSchema),
});
export type ExperimentClaim = z.infer<typeof claimSchema>;

const servingSchema = z.object({
  parameters: z.number(),
  flopsPerExample: z.number(),
  modelsExported: z.number().describe('one a student, all of these very numbers'),
  predictionsCompared: z
    .number()
    .describe('of exported models against the serving heads that they came from: all equal to the last bit'),
  withHeadsCompared: z
    .number()
    .describe(
      'of students with auxiliary heads that send nothing back (β = 0) against base: all equal to the last bit',
    ),
});

export const experimentBackendSchema = z.object({
  name: z.literal('python'),
  framework: z.string().describe('with its version'),
  device: z.string(),
  initialParameters: z
    .enum(['shared', 'own'])
    .describe('shared: those that rankfleet’s own learner starts from; own: others, by the same seeds'),
});
export type ExperimentBackend = z.infer<typeof experimentBackendSchema>;

export const experimentResultSchema = z.object({
  format: z.literal(experimentFormat),
  version: z.literal(experimentResultVersion),
  name: z.string(),
  question: z.string(),
  product: z.string().describe('version of rankfleet'),
  key: z.string().describe('hash of all that decides the figures, product version included'),
  backend: experimentBackendSchema
    .optional()
    .describe('what trained; absent where rankfleet’s own learner did'),
  source: sourceSchema,
  protocol: protocolSchema,
  teacherTask: z.string(),
  tasks: z.array(z.string()).describe('of the students; another than the teacher’s is cross-task'),
  gridVerticals: z
    .array(z.string())
    .describe('verticals with every arm; the others have base and auxiliary head'),
  student: modelSchema,
  arms: z.array(
    z.object({ id: z.string(), title: z.string(), isControl: z.boolean(), description: z.string() }),
  ),
  teachers: z.array(teacherSchema),
  cells: z.array(cellSchema),
  freshness: z.array(freshnessSchema).describe('NE of the teacher by age of its snapshot, every example'),
  transfer: z.array(transferSchema),
  claims: z.array(claimSchema),
  serving: servingSchema,
  warnings: z.array(z.string()),
});
export type ExperimentResult = z.infer<typeof experimentResultSchema>;
