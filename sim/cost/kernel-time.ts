import { weakest } from '../../foundation/evidence.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import type { DenseOperator } from '../../models/model.ts';
import { valuesOf } from '../../models/preprocessing.ts';
import type { OperatorTime } from './cost-errors.ts';

/** A launch by the time that others measured for its kernel, or undefined where the device's file states none. */
export function kernelTime(
  { kernelTimes }: Device,
  operator: DenseOperator,
  candidates: number,
): OperatorTime | undefined {
  const known = operator.kind === 'elementwise' ? undefined : kernelTimes?.[operator.kind];
  if (!known) return undefined;
  const { leastS, perValueS } = known;
  return {
    seconds: Math.max(leastS.value, perValueS.value * valuesOf(operator, candidates)),
    evidence: weakest(leastS.evidence, perValueS.evidence),
    logError: 0,
  };
}
