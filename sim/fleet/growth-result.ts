import { z } from 'zod';

export const growthResultSchema = z.object({});

export type GrowthResult = z.infer<typeof growthResultSchema>;
