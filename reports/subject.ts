import type { Comparison } from '../sim/compare/comparison-result.ts';
import type { PlanResult } from '../sim/fleet/plan-result.ts';
import type { Result } from '../sim/result.ts';
import type { SweepResult } from '../sim/sweep-result.ts';
import type { DistillationComparison } from '../sim/training/comparison/distillation-comparison-result.ts';
import type { DistillationResult } from '../sim/training/distillation-result.ts';
import type { DistillationPlan } from '../sim/training/plan/distillation-plan-result.ts';

/** What a report is about: one of the answers that rankfleet keeps in files, and the file or folder that it came from. */
export type Subject = { source: string } & (
  | { kind: 'result'; result: Result }
  | { kind: 'plan'; plan: PlanResult }
  | { kind: 'comparison'; comparison: Comparison }
  | { kind: 'sweep'; sweep: SweepResult }
  | { kind: 'distillation'; distillation: DistillationResult }
  | { kind: 'distillation-plan'; distillationPlan: DistillationPlan }
  | { kind: 'distillation-comparison'; distillationComparison: DistillationComparison }
);

export type SubjectKind = Subject['kind'];
