import type { z } from 'zod';
import { mapping, name, quantity } from '../foundation/schema.ts';

/** One of several models that share a fleet. */
export const workloadSchema = mapping({
  name,
  target: quantity('rate', { min: 1e-3 }),
});

export type WorkloadSpec = z.output<typeof workloadSchema>;
