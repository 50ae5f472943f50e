import type { z } from 'zod';
import { integerIn, mapping } from '../foundation/schema.ts';

/** How load and model grow, and what can be bought when. */
export const growthSchema = mapping({
  quarters: integerIn({ min: 1, max: 40 }).prefault(12),
});

export type GrowthSpec = z.output<typeof growthSchema>;
