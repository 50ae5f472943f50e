import type { z } from 'zod';
import { mapping, numberIn, quantity } from '../foundation/schema.ts';

/** How a day's load is served: statically for its peak, or by a fleet that follows it. */
export const daySchema = mapping({
  peak_to_mean: numberIn({ min: 1, max: 20 }).prefault(2),
  period: quantity('time', { min: 60 }).prefault('24 h'),
});

export type DaySpec = z.output<typeof daySchema>;
