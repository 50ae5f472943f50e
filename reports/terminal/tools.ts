import type { ComparedFigure, ComparedPair, Interval } from '../../sim/compare/comparison-result.ts';
import type { Result } from '../../sim/result.ts';
import type { ArmRow, FieldValue, RowState, SweepResult } from '../../sim/sweep-result.ts';
import type { DistilledPair } from '../../sim/training/comparison/distillation-comparison-result.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';

/** What a sweep shows as a whole. */
export interface SweepSummary {
  rows: number;
  verdicts: Partial<Record<RowState, number>>;
  /** Rows that surely meet the SLA; without one, those that are not saturated. */
  feasible: number;
  hasSla: boolean;
  /** Feasible rows of which none is both cheaper and faster, from the cheapest to the fastest. */
  frontier: { point: number; values: FieldValue[]; row: ArmRow }[];
}

/** What the terminal shows and does not compute itself. */
export interface Tools {
  /** Two arms of a result side by side, by name. */
  compareArms(result: Result, a: string, b: string): ComparedPair;
  /** Two arms of an answer about distillation side by side, by name. */
  compareDistilled(result: DistillationResult, a: string, b: string): DistilledPair;
  /** Differences of two estimates that share no random numbers. */
  differences(a: Interval, b: Interval): Pick<ComparedFigure, 'difference' | 'relative' | 'significant'>;
  summariseSweep(sweep: SweepResult): SweepSummary;
}
