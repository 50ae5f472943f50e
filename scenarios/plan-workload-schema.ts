import { z } from 'zod';
import { integerIn, mapping, name, quantity } from '../foundation/schema.ts';
import { slaSchema } from './sla-schema.ts';

const ownShape = {
  name,
  target: quantity('rate', { min: 1e-3 }).describe('requests per second of this model'),
  sla: slaSchema.optional().describe('default: that of the scenario'),
  alternatives: z
    .array(z.string().min(1).max(60))
    .min(1, 'list at least one arm, or leave alternatives out')
    .max(500)
    .optional()
    .describe('arms that this model may run on; default: all'),
  max_alternatives: integerIn({ min: 1, max: 500 })
    .optional()
    .describe('most arms that share this model; default: as many as pay'),
};

/** Fields of a workload that are no fields of an arm. */
export const workloadKeys: readonly string[] = Object.keys(ownShape);

/**
 * One of several models that share a fleet. Beside its own fields it may state any of an arm's: they change the scenario
 * before its arms do. Those are read from the document and checked with each arm, so the type does not know them.
 * @param armFields every field of an arm, optional
 */
export function workloadSchema(armFields: z.ZodRawShape) {
  const whole = mapping({ ...ownShape, ...armFields });
  return whole as unknown as ReturnType<typeof mapping<typeof ownShape>>;
}

export type WorkloadSpec = z.output<ReturnType<typeof workloadSchema>>;
