import { type Evidence, weakest } from '../../../foundation/evidence.ts';
import type { ExecutionFit, PartFit } from './execution-fit.ts';
import { pytorchSteps } from './pytorch-steps.ts';
import type { Amount, StepPartName } from './step-result.ts';
import { computeParts } from './timeline.ts';

/**
 * Whose kernels a step takes: the fastest that were measured, as an optimised trainer would, or those of PyTorch in a
 * captured graph.
 */
export type Execution = 'kernels' | 'pytorch';

/**
 * The amounts of a step as it is run. Communication and input are what they were: PyTorch calls the libraries that were
 * measured. On another device than the one of the fit, factors and seconds are carried over.
 */
export function executedAs(
  execution: Execution,
  device: string,
  amounts: Record<StepPartName, Amount>,
  fit: ExecutionFit = pytorchSteps,
): Record<StepPartName, Amount> {
  if (execution === 'kernels') return amounts;
  const evidence = device === fit.device ? 'fitted' : 'transferred';
  const executed = computeParts.map((part) => [
    part,
    executedPart(amounts[part], fit.parts[part], evidence, fit.logError),
  ]);
  return { ...amounts, ...Object.fromEntries(executed) };
}

/** What is not done takes no fixed seconds either. Errors of kernels and of the fit are independent. */
function executedPart(
  amount: Amount,
  { factor, fixedS }: PartFit,
  evidence: Evidence,
  logError: number,
): Amount {
  if (amount.seconds === 0) return amount;
  const secondsBy: Amount['secondsBy'] = {};
  const add = (level: Evidence, seconds: number) => {
    secondsBy[level] = (secondsBy[level] ?? 0) + seconds;
  };
  for (const [level, seconds] of Object.entries(amount.secondsBy) as [Evidence, number][]) {
    add(weakest(level, evidence), factor * seconds);
  }
  if (fixedS > 0) add(evidence, fixedS);
  return {
    ...amount,
    seconds: factor * amount.seconds + fixedS,
    secondsBy,
    logError: Math.hypot(amount.logError, logError),
  };
}
