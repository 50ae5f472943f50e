import type { DistillationArmResult } from '../../../sim/training/distillation-result.ts';
import { bad, doubtful, good, type Status } from '../status.ts';

/** An arm by its verdict. */
export function statusOf({ verdict, answer }: DistillationArmResult): Status {
  if (verdict.state === 'UNDER-SAMPLED') return doubtful(verdict.state);
  if (verdict.state !== 'STABLE' || !answer) return bad(verdict.state);
  return good(verdict.state);
}
