import { z } from 'zod';

export const dayResultSchema = z.object({});

export type DayResult = z.infer<typeof dayResultSchema>;
