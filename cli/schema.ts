import { z } from 'zod';
import { experimentFileSchema } from '../distil/experiment/schema.ts';
import { layoutSchema } from '../distil/streams/csv/layout.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { hardwareSchemas } from '../hardware-profiles/schema.ts';
import { modelFileSchema } from '../models/schema.ts';
import { constantsFileSchema } from '../scenarios/distillation/constants-file.ts';
import { distillationFileSchema } from '../scenarios/distillation/schema.ts';
import { scenarioFileSchema } from '../scenarios/schema.ts';
import { comparisonSchema } from '../sim/compare/comparison-result.ts';
import { planResultSchema } from '../sim/fleet/plan-result.ts';
import { resultSchema } from '../sim/result.ts';
import { placementFileSchema } from '../sim/sharding/placement-file.ts';
import { sweepResultSchema } from '../sim/sweep-result.ts';
import { distillationComparisonSchema } from '../sim/training/comparison/distillation-comparison-result.ts';
import { distillationResultSchema } from '../sim/training/distillation-result.ts';
import { experimentResultSchema } from '../sim/training/experiment-result.ts';
import { distillationPlanSchema } from '../sim/training/plan/distillation-plan-result.ts';
import { twinResultSchema } from '../sim/training/twin-result.ts';
import { scenarioBundleSchema } from '../sweep/scenario-bundle.ts';
import { exitCodes } from './exit-codes.ts';

const schemas: Record<string, z.ZodType> = {
  model: modelFileSchema,
  hardware: z.union([hardwareSchemas.device, hardwareSchemas.host, hardwareSchemas.network]),
  placement: placementFileSchema,
  distil: experimentFileSchema,
  layout: layoutSchema,
  constants: constantsFileSchema,
  sweep: sweepResultSchema,
  bundle: scenarioBundleSchema,
  experiment: experimentResultSchema,
  twins: twinResultSchema,
};

/** Kinds of file that come in two shapes, and the field of the second that tells them apart. */
const twofold: Record<string, { first: z.ZodType; second: z.ZodType; tell: Record<string, string> }> = {
  scenario: {
    first: scenarioFileSchema,
    second: distillationFileSchema,
    tell: { kind: 'distillation' },
  },
  result: {
    first: resultSchema,
    second: distillationResultSchema,
    tell: { format: 'rankfleet-distillation-result' },
  },
  plan: {
    first: planResultSchema,
    second: distillationPlanSchema,
    tell: { format: 'rankfleet-distillation-plan' },
  },
  comparison: {
    first: comparisonSchema,
    second: distillationComparisonSchema,
    tell: { format: 'rankfleet-distillation-comparison' },
  },
};

/** Kinds that rankfleet writes. */
const outputs = ['result', 'plan', 'comparison', 'sweep', 'bundle', 'experiment', 'twins'];

/** `rankfleet schema`: the JSON Schema of a kind of file, for editors. */
export function printSchema(kind: string): number {
  const kinds = [...Object.keys(twofold), ...Object.keys(schemas)];
  if (!kinds.includes(kind)) {
    throw new InputError(`no schema '${kind}'${didYouMean(kind, kinds)}; there are ${kinds.join(', ')}`);
  }
  const io = outputs.includes(kind) ? 'output' : 'input';
  const schema = Object.hasOwn(twofold, kind) ? eitherOf(twofold[kind], io) : jsonSchema(schemas[kind], io);
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCodes.answered;
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  return z.toJSONSchema(schema, { io });
}

/** Conditions rather than alternatives: of a file that is wrong, editors tell what is wrong by its own kind. */
function eitherOf({ first, second, tell }: (typeof twofold)[string], io: 'input' | 'output'): object {
  const { $schema, ...otherwise } = jsonSchema(first, io);
  const { $schema: _, ...then } = jsonSchema(second, io);
  const [[field, value]] = Object.entries(tell);
  return {
    $schema,
    if: { type: 'object', properties: { [field]: { const: value } }, required: [field] },
    then,
    else: otherwise,
  };
}
