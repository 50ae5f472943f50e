import { z } from 'zod';
import { experimentFileSchema } from '../distil/experiment/schema.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { hardwareSchemas } from '../hardware-profiles/schema.ts';
import { modelFileSchema } from '../models/schema.ts';
import { scenarioFileSchema } from '../scenarios/schema.ts';
import { comparisonSchema } from '../sim/compare/comparison-result.ts';
import { planResultSchema } from '../sim/fleet/plan-result.ts';
import { resultSchema } from '../sim/result.ts';
import { placementFileSchema } from '../sim/sharding/placement-file.ts';
import { sweepResultSchema } from '../sim/sweep-result.ts';
import { experimentResultSchema } from '../sim/training/experiment-result.ts';
import { twinResultSchema } from '../sim/training/twin-result.ts';
import { scenarioBundleSchema } from '../sweep/scenario-bundle.ts';
import { exitCodes } from './exit-codes.ts';

const schemas: Record<string, z.ZodType> = {
  scenario: scenarioFileSchema,
  model: modelFileSchema,
  hardware: z.union([hardwareSchemas.device, hardwareSchemas.host, hardwareSchemas.network]),
  placement: placementFileSchema,
  distil: experimentFileSchema,
  result: resultSchema,
  plan: planResultSchema,
  comparison: comparisonSchema,
  sweep: sweepResultSchema,
  bundle: scenarioBundleSchema,
  experiment: experimentResultSchema,
  twins: twinResultSchema,
};

/** Kinds that rankfleet writes. */
const outputs = ['result', 'plan', 'comparison', 'sweep', 'bundle', 'experiment', 'twins'];

/** `rankfleet schema`: the JSON Schema of a kind of file, for editors. */
export function printSchema(kind: string): number {
  if (!Object.hasOwn(schemas, kind)) {
    const kinds = Object.keys(schemas);
    throw new InputError(`no schema '${kind}'${didYouMean(kind, kinds)}; there are ${kinds.join(', ')}`);
  }
  const schema = z.toJSONSchema(schemas[kind], { io: outputs.includes(kind) ? 'output' : 'input' });
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCodes.answered;
}
