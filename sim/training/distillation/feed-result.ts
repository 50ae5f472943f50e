import { z } from 'zod';
import { intervalSchema } from '../../result.ts';
import { distributionSchema } from './figure-result.ts';

const taskFeedSchema = z.object({
  name: z.string(),
  windowS: intervalSchema,
  arrived: intervalSchema.describe('examples of the measured time: withLabel + missed + unsampled + waiting'),
  withLabel: intervalSchema,
  missed: intervalSchema.describe(
    'read before the label was there: trained on with the distillation loss masked',
  ),
  unsampled: intervalSchema.describe('not in the labelled sample: masked as well'),
  waiting: intervalSchema.describe('window still open at the end'),
  missShare: intervalSchema.describe('missed over missed and withLabel'),
  lateLabelShare: intervalSchema.describe('positives whose label comes after the window'),
  gapS: distributionSchema
    .optional()
    .describe(
      'time at which the vertical model reads the label − time through which its teacher had trained',
    ),
  exampleGapS: distributionSchema
    .optional()
    .describe('time of the impression − time through which the teacher had trained: what costs quality'),
});

/** What the pipeline does over the measured time, every number with its interval over replications. */
export const pipelineSchema = z.object({
  figures: z.object({
    unique: z.object({
      arrived: intervalSchema,
      sampled: intervalSchema.describe('labelled + dropped + queued'),
      labelled: intervalSchema.describe('calls of the teacher: one for each'),
      dropped: intervalSchema,
      queued: intervalSchema,
    }),
    labelling: z.object({
      use: intervalSchema,
      peakUse: intervalSchema,
      largestQueueExamples: intervalSchema,
      readyAfterS: distributionSchema.optional().describe('from the impression to the label in the store'),
      requiredPerS: intervalSchema
        .optional()
        .describe('least capacity that misses no label; absent when a batch takes longer than a deadline'),
      teacherAgeS: distributionSchema.optional(),
      ageParts: z
        .object({
          trainingWindowS: intervalSchema,
          trainingBacklogS: intervalSchema,
          publishS: intervalSchema,
          inUseS: intervalSchema,
        })
        .optional()
        .describe('means that add up to the mean age'),
      alreadyTrainedShare: intervalSchema,
    }),
    training: z.object({
      use: intervalSchema,
      peakUse: intervalSchema,
      largestBacklogExamples: intervalSchema,
      lagAtEndS: intervalSchema,
    }),
    snapshots: z.object({ taken: intervalSchema, delayed: intervalSchema }),
    store: z.object({
      writtenBytesPerDay: intervalSchema,
      heldBytes: intervalSchema,
      readBytesPerDay: intervalSchema,
    }),
    verticals: z
      .array(z.object({ name: z.string(), tasks: z.array(taskFeedSchema) }))
      .describe('tasks that the teacher labels; of verticals alike, one of them'),
  }),
  snapshots: z
    .array(
      z.object({
        id: z.number(),
        takenS: z.number(),
        readyS: z.number(),
        trainedThroughS: z.number(),
        labels: z.number(),
      }),
    )
    .describe('of the first replication'),
  course: z
    .object({
      timeS: z.array(z.number()),
      uniquePerS: z.array(z.number()),
      queuedExamples: z.array(z.number()),
      trainingBacklogExamples: z.array(z.number()),
      teacherAgeS: z.array(z.number()),
    })
    .describe('of the first replication, the warm-up included'),
});

export type Pipeline = z.infer<typeof pipelineSchema>;
export type TaskFeed = z.infer<typeof taskFeedSchema>;
