import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../foundation/files.ts';
import type { MeasuredStep, StepDistillation, StepShape } from '../../hardware-profiles/training-steps.ts';
import type { StepPath, TimedPart } from '../../hardware-profiles/training-steps-schema.ts';
import { stepModel } from './step-model.ts';
import { type WorkerModel, workerModel } from './worker-model.ts';

/** A training step as the Python program is asked for it. */
export interface StepJob {
  model: WorkerModel;
  dataType: StepShape['dataType'];
  examples: number;
  devices: number;
  distillation: StepDistillation;
  paths: readonly StepPath[];
  seed: number;
  /** Text of the Triton kernel that applies gradients to rows. */
  updateKernel: string;
}

/** What a step was found to take, by path, or why a path has no time. */
export interface StepAnswer {
  paths: Partial<Record<StepPath, TimedPath | { failure: string }>>;
  error: number;
  update: MeasuredStep['update'];
  lookups: number;
  parameters: number;
  memoryBytes?: number;
}

export interface TimedPath {
  seconds: number[];
  parts: Partial<Record<TimedPart, number>>;
}

const updateKernelFile = 'kernels/embedding-bag-backward/sorted-segments.py';

/** @throws Unsupported with why the program cannot build a shape, InputError for a model that is none */
export function stepJob(shape: StepShape, paths: readonly StepPath[], seed: number): StepJob {
  const { dataType, examples, devices, distillation } = shape;
  return {
    model: workerModel(stepModel(shape)),
    dataType,
    examples,
    devices,
    distillation,
    paths,
    seed,
    updateKernel: readFileSync(join(packageRoot, updateKernelFile), 'utf8'),
  };
}
