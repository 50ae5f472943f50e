import { z } from 'zod';

export const mixResultSchema = z.object({});

export type MixResult = z.infer<typeof mixResultSchema>;
