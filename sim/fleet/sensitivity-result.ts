import { z } from 'zod';

export const sensitivityResultSchema = z.object({});

export type SensitivityResult = z.infer<typeof sensitivityResultSchema>;
