import type { PointResult, PointTask } from '../../sim/sweep-result.ts';

/** A point that never gave an answer, with why in the place of its figures. */
export function failedPoint(task: PointTask, reason: string): PointResult {
  return { ...task, rows: [{ arm: '', verdict: 'FAILED', reason, dominated: false, replications: 0 }] };
}
