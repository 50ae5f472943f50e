import { existsSync, statSync } from 'node:fs';
import { comparisonReport } from '../reports/comparison-report.ts';
import { distillationComparisonReport } from '../reports/distillation/comparison/comparison-report.ts';
import { distillationReport } from '../reports/distillation/distillation-report.ts';
import { distillationPlanReport } from '../reports/distillation-plan/plan-report.ts';
import { planReport } from '../reports/plan-report.ts';
import { simulationReport } from '../reports/simulation-report.ts';
import type { Subject } from '../reports/subject.ts';
import { missingInWords, sweepReport } from '../reports/sweep-report.ts';
import { summaryOf } from '../sim/summary-of-sweep-result.ts';
import { queryHint } from './query-hint.ts';

/** A subject as its command prints it. */
export function reportText(subject: Subject): string {
  switch (subject.kind) {
    case 'result':
      return simulationReport(subject.result);
    case 'plan':
      return planReport(subject.plan);
    case 'comparison':
      return comparisonReport(subject.comparison);
    case 'distillation-plan':
      return distillationPlanReport(subject.distillationPlan);
    case 'distillation':
      return distillationReport(subject.distillation);
    case 'distillation-comparison':
      return distillationComparisonReport(subject.distillationComparison);
    default: {
      const { sweep, source } = subject;
      const summary = summaryOf(sweep);
      const isFolder = existsSync(source) && statSync(source).isDirectory();
      const hint = isFolder ? [queryHint(source, summary)] : [];
      return sweepReport(sweep, summary, [...missingInWords(sweep), ...hint]);
    }
  }
}
