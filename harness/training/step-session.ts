import { type MeasuredStep, type StepShape, stepShapeWords } from '../../hardware-profiles/training-steps.ts';
import type { StepPath } from '../../hardware-profiles/training-steps-schema.ts';
import { OutOfMemory, Unsupported } from '../device.ts';
import type { PythonDevice } from '../devices/python/device.ts';
import { summarise } from '../timing.ts';
import { type StepAnswer, stepJob } from './step-job.ts';

/** A shape without a time, and why. */
export interface StepWithout {
  shape: string;
  reason: string;
}

export interface StepSessionOptions {
  paths: readonly StepPath[];
  /** Wall-clock seconds after which no shape is begun. */
  budgetS: number;
  seed: number;
  date: string;
  software: string;
  has(shape: StepShape, path: StepPath): boolean;
  onStep(step: MeasuredStep): void;
  /** What the program does not build. */
  onSkipped(without: StepWithout): void;
  /** What ran into something. */
  onFailed(without: StepWithout): void;
  betweenShapes(): Promise<void>;
  isStopped(): boolean;
}

export interface StepSessionEnd {
  measured: number;
  skipped: number;
  failed: number;
  /** Shapes that were not begun. */
  left: number;
}

/** Measures training steps in their order until all are done or the budget is spent; each is handed on at once. */
export async function runStepSession(
  device: PythonDevice,
  shapes: readonly StepShape[],
  options: StepSessionOptions,
): Promise<StepSessionEnd> {
  const started = performance.now();
  const end = { measured: 0, skipped: 0, failed: 0, left: 0 };
  for (const [index, shape] of shapes.entries()) {
    const spentS = (performance.now() - started) / 1000;
    if (options.isStopped() || spentS >= options.budgetS) return { ...end, left: shapes.length - index };
    const paths = options.paths.filter((path) => !options.has(shape, path));
    if (paths.length === 0) continue;
    const without = (reason: string) => ({ shape: stepShapeWords(shape), reason });
    try {
      const answer = await device.trainingStep(stepJob(shape, paths, options.seed));
      for (const path of paths) {
        const step = stepOf(shape, path, answer, options);
        if ('reason' in step) {
          end.failed++;
          options.onFailed(step);
        } else {
          end.measured++;
          options.onStep(step);
        }
      }
    } catch (error) {
      if (error instanceof Unsupported) {
        end.skipped++;
        options.onSkipped(without(error.message));
      } else if (error instanceof OutOfMemory) {
        end.failed++;
        options.onFailed(without(error.message));
      } else throw error;
    }
    await options.betweenShapes();
  }
  return end;
}

function stepOf(
  shape: StepShape,
  path: StepPath,
  answer: StepAnswer,
  { date, software }: StepSessionOptions,
): MeasuredStep | StepWithout {
  const timed = answer.paths[path];
  if (!timed || 'failure' in timed) {
    return { shape: `${stepShapeWords(shape)}, ${path}`, reason: timed?.failure ?? 'no answer' };
  }
  const { error, update, lookups, parameters, memoryBytes = 0 } = answer;
  const { seconds, parts } = timed;
  const timing = summarise(seconds);
  return {
    ...shape,
    path,
    ...timing,
    parts,
    error,
    lookups,
    parameters,
    memoryBytes,
    update,
    date,
    software,
  };
}
