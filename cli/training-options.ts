import { InputError } from '../foundation/problem.ts';
import type { StepShape } from '../hardware-profiles/training-steps.ts';
import { type StepPath, stepPaths } from '../hardware-profiles/training-steps-schema.ts';
import { parseDistillation, parseScaledModel, type StepWish } from '../harness/training/step-plan.ts';
import { oneOf } from './option-names.ts';

/** The options of `rankfleet calibrate` that say which training steps, as they are written. */
export interface WrittenStepOptions {
  trainingSteps?: boolean;
  models?: string;
  batches?: string;
  distillation?: string;
  devices?: number;
  backend?: string;
  operators?: string;
  dataTypes?: string;
  implementations?: string;
}

const stepTypes = ['fp32', 'tf32', 'bf16'] as const satisfies readonly StepShape['dataType'][];

/** @throws InputError for options of training steps where none are asked for */
export function refuseStepOptions({ models, batches, distillation, devices }: WrittenStepOptions): void {
  const given = Object.entries({ models, batches, distillation, devices }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length === 0) return;
  throw new InputError(`--${given[0][0]}: says which training steps to measure: needs --training-steps`);
}

/** What of the plan is asked for and by which paths. @throws InputError */
export function stepOptions(written: WrittenStepOptions): {
  wish: StepWish;
  paths: readonly StepPath[] | undefined;
} {
  const { backend, operators, models, batches, distillation, devices = 1 } = written;
  if (operators !== undefined) {
    throw new InputError('--operators: a training step is a whole model: name it with --models');
  }
  if (backend !== undefined && backend !== 'python') {
    throw new InputError(`--backend ${backend}: training steps are PyTorch's: --backend python, or none`);
  }
  const list = <Item>(text: string | undefined, parse: (part: string) => Item): Item[] | undefined =>
    text?.split(',').map((part) => parse(part.trim()));
  return {
    wish: {
      devices,
      models: list(models, parseScaledModel),
      examples: list(batches, parseBatch),
      distillations: list(distillation, parseDistillation),
      dataTypes: list(written.dataTypes, (name) =>
        oneOf('--data-types', 'type of a training step', name, stepTypes),
      ),
    },
    paths: list(written.implementations, (name) =>
      oneOf('--implementations', 'path of a training step', name, stepPaths),
    ),
  };
}

function parseBatch(text: string): number {
  const examples = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (examples >= 1) return examples;
  throw new InputError(`--batches ${text}: expected a whole number of examples from 1`);
}
