import type { Subject } from '../subject.ts';
import { comparisonContent } from './comparison-content.ts';
import type { Content } from './content.ts';
import { distillationComparisonContent } from './distillation-comparison-content.ts';
import { distillationContent } from './distillation-content.ts';
import { distillationPlanContent } from './distillation-plan-content.ts';
import { planContent } from './plan-content.ts';
import { resultContent } from './result-content.ts';
import { sweepContent } from './sweep-content.ts';

/** What a page, or another document, says of a subject. */
export function contentOf(subject: Subject): Content {
  switch (subject.kind) {
    case 'result':
      return resultContent(subject.result);
    case 'plan':
      return planContent(subject.plan);
    case 'comparison':
      return comparisonContent(subject.comparison);
    case 'sweep':
      return sweepContent(subject.sweep, subject.source);
    case 'distillation':
      return distillationContent(subject.distillation);
    case 'distillation-plan':
      return distillationPlanContent(subject.distillationPlan);
    case 'distillation-comparison':
      return distillationComparisonContent(subject.distillationComparison);
  }
}
