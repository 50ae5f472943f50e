import { fitExecution, type StepPair, unseenErrors } from '../training/fit-execution.ts';
import { type ErrorStatistics, errorStatistics } from './error-statistics.ts';

/** Errors of steps as PyTorch runs them, each by factors that were fitted without any step of its model. */
export interface ExecutionAccuracy {
  /** Only steps that were measured to take as long at least; 0: all. */
  fromS: number;
  models: number;
  errors: ErrorStatistics;
  /** Shares within one and within 1.96 stated standard deviations, by whose first share the deviation was set. */
  withinOneDeviation: number;
  within95: number;
}

/** Fewest models that can be left out one by one. */
const fewestModels = 3;

/** @param pairs steps of the graph path on one device */
export function executionAccuracy(pairs: readonly StepPair[], from: readonly number[]): ExecutionAccuracy[] {
  const modelsOf = (some: readonly StepPair[]) => new Set(some.map(({ step }) => step.model)).size;
  if (modelsOf(pairs.filter(({ step }) => Object.keys(step.parts).length > 0)) < fewestModels) return [];
  const { logError } = fitExecution('', pairs);
  const unseen = unseenErrors(pairs);
  return from.flatMap((fromS) => {
    const errors = unseen.filter(({ pair }) => pair.step.medianS >= fromS);
    if (errors.length === 0) return [];
    const within = (deviations: number) =>
      errors.filter(
        ({ pair, error }) => Math.abs(error) <= deviations * Math.hypot(pair.simulated.logError, logError),
      ).length / errors.length;
    return {
      fromS,
      models: modelsOf(errors.map(({ pair }) => pair)),
      errors: errorStatistics(errors),
      withinOneDeviation: within(1),
      within95: within(1.96),
    };
  });
}
