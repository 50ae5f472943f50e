import type { Subject } from '../reports/subject.ts';
import type { PlanResult } from '../sim/fleet/plan-result.ts';
import type { Result } from '../sim/result.ts';
import { type Summary, summaryOf } from '../sim/summary-of-sweep-result.ts';
import type { DistillationResult } from '../sim/training/distillation-result.ts';
import type { DistillationPlan } from '../sim/training/plan/distillation-plan-result.ts';
import { exitCodes } from './exit-codes.ts';

/** 3 when something does not fit, when every arm is overloaded, or when an SLA is stated that no arm surely meets. */
export function exitCodeOfResult({ arms, scenario }: Result): number {
  const isAnswer =
    arms.every(({ verdict }) => verdict.state !== 'DOES NOT FIT') &&
    arms.some(({ verdict }) => verdict.state !== 'SATURATED') &&
    (scenario.sla === undefined || arms.some(({ sla }) => sla?.met === 'yes'));
  return isAnswer ? exitCodes.answered : exitCodes.infeasible;
}

/** 3 when an arm does not fit, or every arm is overloaded. */
export function exitCodeOfDistillation({ arms }: DistillationResult): number {
  const isAnswer =
    arms.every(({ verdict }) => verdict.state !== 'DOES NOT FIT') &&
    arms.some(({ verdict }) => verdict.state !== 'SATURATED');
  return isAnswer ? exitCodes.answered : exitCodes.infeasible;
}

/** 3 when no alternative serves, or its growth cannot be served. */
export function exitCodeOfPlan({ best, mix, growth }: PlanResult): number {
  const isServed = mix ? mix.state === 'SOLVED' : best !== undefined;
  return isServed && growth?.state !== 'INFEASIBLE' ? exitCodes.answered : exitCodes.infeasible;
}

/** 3 when no alternative can be planned as asked. */
export function exitCodeOfDistillationPlan({ best }: DistillationPlan): number {
  return best === undefined ? exitCodes.infeasible : exitCodes.answered;
}

/** 1 when a point failed, 2 when all are bad input, 3 when nothing is feasible. */
export function exitCodeOfSweep({ verdicts, rows, feasible }: Summary): number {
  if (verdicts.FAILED) return exitCodes.failed;
  if (verdicts['BAD INPUT'] === rows) return exitCodes.badInput;
  return feasible > 0 ? exitCodes.answered : exitCodes.infeasible;
}

/** The code that the command of an answer ends with. */
export function exitCodeOf(subject: Subject): number {
  switch (subject.kind) {
    case 'result':
      return exitCodeOfResult(subject.result);
    case 'plan':
      return exitCodeOfPlan(subject.plan);
    case 'distillation-comparison':
      return exitCodes.answered;
    case 'distillation-plan':
      return exitCodeOfDistillationPlan(subject.distillationPlan);
    case 'distillation':
      return exitCodeOfDistillation(subject.distillation);
    case 'comparison':
      return exitCodes.answered;
    default:
      return exitCodeOfSweep(summaryOf(subject.sweep));
  }
}
