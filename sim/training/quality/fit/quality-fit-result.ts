import type { EvidencedRange } from '../evidenced-range.ts';
import type { FreshnessLaw } from './freshness-laws.ts';
import type { FittableConstant } from './solve.ts';

/**
 * What a fit found of a constant:
 * - fitted: the experiment tells it, and it replaces what was held before;
 * - published stays: the experiment tells it, but what was held before is published of an ads system, and the
 *   experiment is of another domain;
 * - not identifiable: the experiment was about it and does not tell it, so what was held before stays;
 * - not measured: the experiment lacks the arms for it.
 */
export type FitVerdict = 'fitted' | 'published stays' | 'not identifiable' | 'not measured';

/** What a fit makes of one constant of the quality model. */
export interface ConstantFit {
  constant: FittableConstant;
  /** Its name in a scenario. */
  field: string;
  verdict: FitVerdict;
  /** What was held before. */
  before: EvidencedRange;
  /** Value and range by the experiment, wherever it tells them. */
  fitted?: { value: number; low: number; high: number };
  /** Why it does not replace what was held before, or how both agree. */
  why?: string;
  /** Figures of the experiment that it rests on. */
  from: string;
  points: number;
  /** Root mean square of what is left of those figures, in relative NE; absent where nothing is left over. */
  residualNe?: number;
}

/** A law of freshness beside the measured growth of NE. */
export interface LawComparison {
  law: FreshnessLaw['name'];
  formula: string;
  /** A, in relative NE; with a parameter at an end of what was searched it means nothing by itself. */
  amplitude: number;
  parameters: { name: 'tauDays' | 'k'; value: number; isAtEnd: boolean }[];
  /** Root mean square of residuals, and of errors at points that were left out, in relative NE. */
  residualNe: number;
  leaveOneOutNe: number;
  /** Share of the variance of the points that it explains. */
  explained: number;
  points: { lagDays: number; measured: number; fitted: number; leftOut: number }[];
}

/** Constants of the quality model by an experiment. */
export interface QualityFit {
  experiment: {
    name: string;
    key: string;
    product: string;
    stream: string;
    source: 'flights' | 'synthetic' | 'csv';
    seeds: number;
    level: number;
    studentParameters: number;
    teacherParameters: number;
  };
  constants: ConstantFit[];
  /** The law of the quality model first. */
  laws: LawComparison[];
  /** The other law, where it predicts left-out points clearly better than that of the quality model. */
  betterLaw?: FreshnessLaw['name'];
}
