import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { FleetPlan } from '../plan-fleet-sections.ts';
import type { Subject } from '../subject.ts';
import { comparisonView } from './comparison/comparison-view.ts';
import { distillationComparisonView } from './distillation/distillation-comparison-view.ts';
import { distillationPlanView } from './distillation/distillation-plan-view.ts';
import { distillationView } from './distillation/distillation-view.ts';
import { mixView } from './mix/mix-view.ts';
import { planView } from './plan/plan-view.ts';
import { resultView } from './result/result-view.ts';
import type { SubjectView } from './subject-view.ts';
import { sweepView } from './sweep/sweep-view.ts';
import type { Tools } from './tools.ts';

/** How the terminal shows a subject. */
export function viewOf(subject: Subject, tools: Tools): SubjectView {
  switch (subject.kind) {
    case 'result':
      return resultView(subject.result, tools);
    case 'plan':
      return subject.plan.mix
        ? mixView(subject.plan as Parameters<typeof mixView>[0], tools)
        : planView(asFleetPlan(subject.plan), tools);
    case 'comparison':
      return comparisonView(subject.comparison);
    case 'sweep':
      return sweepView(subject.sweep, tools);
    case 'distillation':
      return distillationView(subject.distillation, tools);
    case 'distillation-plan':
      return distillationPlanView(subject.distillationPlan);
    case 'distillation-comparison':
      return distillationComparisonView(subject.distillationComparison);
  }
}

/** A plan of one model states the SLA that its alternatives share. */
function asFleetPlan(plan: PlanResult): FleetPlan {
  return plan as FleetPlan;
}
