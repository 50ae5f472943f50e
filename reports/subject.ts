import type { Comparison } from '../sim/compare/comparison-result.ts';
import type { PlanResult } from '../sim/fleet/plan-result.ts';
import type { Result } from '../sim/result.ts';
import type { SweepResult } from '../sim/sweep-result.ts';

/** What a report is about: one of the answers that rankfleet keeps in files, and the file or folder that it came from. */
export type Subject = { source: string } & (
  | { kind: 'result'; result: Result }
  | { kind: 'plan'; plan: PlanResult }
  | { kind: 'comparison'; comparison: Comparison }
  | { kind: 'sweep'; sweep: SweepResult }
);

export type SubjectKind = Subject['kind'];
