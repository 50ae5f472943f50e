import { comparisonReport } from '../reports/comparison-report.ts';
import { planReport } from '../reports/plan-report.ts';
import { simulationReport } from '../reports/simulation-report.ts';
import type { Subject } from '../reports/subject.ts';
import type { SweepResult } from '../sim/sweep-result.ts';
import { type Summary, summarise } from '../sweep/summary.ts';
import { exitCodeOfPlan, exitCodeOfResult, exitCodeOfSweep } from './exit-code-of.ts';
import { exitCodes } from './exit-codes.ts';
import { sweepText } from './sweep-report.ts';

/** The report that the command of this answer prints. */
export function plainAnswer(subject: Subject): string {
  switch (subject.kind) {
    case 'result':
      return simulationReport(subject.result);
    case 'plan':
      return planReport(subject.plan);
    case 'comparison':
      return comparisonReport(subject.comparison);
    case 'sweep':
      return sweepText(subject.sweep, summaryOf(subject.sweep));
  }
}

/** The code that the command of this answer ends with. */
export function exitCodeOf(subject: Subject): number {
  switch (subject.kind) {
    case 'result':
      return exitCodeOfResult(subject.result);
    case 'plan':
      return exitCodeOfPlan(subject.plan);
    case 'comparison':
      return exitCodes.answered;
    case 'sweep':
      return exitCodeOfSweep(summaryOf(subject.sweep));
  }
}

/** What is kept in JSON: the answer itself. */
export function answerJson(subject: Subject): string {
  const { kind, source: _, ...answer } = subject;
  return `${JSON.stringify((answer as Record<string, unknown>)[kind], null, 2)}\n`;
}

/** An SLA is stated where rows are judged by one: it may be among what is swept. */
export function summaryOf({ points, judged, money }: SweepResult): Summary {
  const hasSla = points.some(({ rows }) => rows.some(({ slaMet }) => slaMet !== undefined));
  return summarise(points, { judged, money, hasSla });
}
