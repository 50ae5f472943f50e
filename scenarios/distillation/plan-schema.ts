import { z } from 'zod';
import { mapping, numberIn, quantity } from '../../foundation/schema.ts';

const share = quantity('percent', { min: 1e-6, max: 1 });

/** What `rankfleet plan` is asked of a distillation: the teacher of most gain under a budget. */
export const distillationPlanSchema = mapping({
  budget: quantity('price', { positive: true }).describe(
    'most that teacher, labels and their storage may cost above no teacher, such as 5000 USD/day',
  ),
  sizes: z
    .array(numberIn({ positive: true, max: 1e6 }))
    .min(1, 'list at least one size')
    .max(1000)
    .optional()
    .describe('sizes to choose from, as factors on the teacher; default: from 1/1024 to 4'),
  train_shares: z.array(share).min(1).max(100).optional().describe('default: from 5 % to 100 %'),
  label_shares: z.array(share).min(1).max(100).optional().describe('default: from 5 % to 100 %'),
});

export type DistillationPlanFields = z.output<typeof distillationPlanSchema>;
