import { formatPercent, formatTime, significant, withPrefix } from '../../../foundation/units.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import { examplesPerDay, overlapOf, trafficOf } from '../distillation/demand.ts';
import { mostOverlap } from '../pipeline/check-pipeline.ts';
import type { KnobSide, PlanSensitivity } from './choice-result.ts';
import { teacherInWords } from './choose-teacher.ts';
import { type DistillationPlanner, termsOf } from './distillation-planner.ts';
import { type PlannedArm, planArm } from './plan-arm.ts';
import { usdPerDay } from './plan-limits.ts';
import { scaleTeacherModel } from './scale-teacher-model.ts';

/** What is turned: of the traffic, the teacher, or prices. */
interface Knob {
  name: string;
  value: string;
  /** The arm or the prices by so many times as much, and the value that it then has. */
  turn(factor: number): { value: string; arm?: DistillationArm; priceFactor?: number; budget?: number };
}

/**
 * What moves a plan: every knob turned down and up, the plan made anew, its pipeline simulated with the same random
 * numbers. Where a budget chose the teacher, one is chosen again.
 */
export async function planSensitivity(
  planner: DistillationPlanner,
  best: PlannedArm,
): Promise<PlanSensitivity> {
  const turnedBy = planner.spec.sensitivity;
  // Limits are left aside: how far a plan moves is asked, not whether it then still is allowed.
  const asked = { ...planner, spec: { ...planner.spec, limits: {}, stock: {}, gain: undefined } };
  const knobs: PlanSensitivity['knobs'] = [];
  for (const knob of knobsOf(best.arm, planner.spec.budget)) {
    const down = await sideOf(asked, best, knob, 1 - turnedBy);
    const up = await sideOf(asked, best, knob, 1 + turnedBy);
    knobs.push({ name: knob.name, value: knob.value, down, up });
  }
  const { hosts, money, watts, gain } = best.alternative.plan!;
  const base = { hosts, usdPerDay: money.total, extraUsdPerDay: money.extra, watts, gain: gain.value };
  const width = ({ down, up }: (typeof knobs)[number]) =>
    Math.max(...[down, up].map(({ usdPerDay = base.usdPerDay }) => Math.abs(usdPerDay - base.usdPerDay)));
  return {
    alternative: best.alternative.name,
    turnedBy,
    base,
    knobs: knobs.sort((a, b) => width(b) - width(a)),
  };
}

async function sideOf(
  planner: DistillationPlanner,
  best: PlannedArm,
  knob: Knob,
  factor: number,
): Promise<KnobSide> {
  const { value, arm = best.arm, priceFactor = 1, budget = planner.spec.budget } = knob.turn(factor);
  const asked = { ...planner, spec: { ...planner.spec, budget } };
  const { alternative } = await planArm(asked, arm, { ...termsOf(planner), priceFactor });
  const { plan, state, reasons, choice } = alternative;
  if (!plan) return { value, infeasible: `${state}: ${reasons[0]}` };
  const chosen = choice?.chosen && teacherInWords(choice.chosen);
  const before = best.alternative.choice?.chosen && teacherInWords(best.alternative.choice.chosen);
  return {
    value,
    hosts: plan.hosts,
    usdPerDay: plan.money.total,
    extraUsdPerDay: plan.money.extra,
    watts: plan.watts,
    gain: plan.gain.value,
    ...(chosen !== undefined && chosen !== before && { chosen }),
  };
}

/** @param budget which chooses the teacher's size, so that it is turned in the place of that (USD/h) */
function knobsOf(arm: DistillationArm, budget: number | undefined): Knob[] {
  const { verticals } = arm;
  const [examples, overlap] = [examplesPerDay(arm), overlapOf(arm)];
  const most = mostOverlap(verticals.map((vertical) => ({ ...trafficOf(vertical), count: vertical.count })));
  const windows = verticals.flatMap(({ tasks }) =>
    tasks.filter(({ distilled }) => distilled).map(({ window }) => window),
  );
  const tightest = Math.min(...windows);
  return [
    {
      name: 'examples per day',
      value: withPrefix(examples).trim(),
      turn: (factor) => ({
        value: withPrefix(factor * examples).trim(),
        arm: {
          ...arm,
          uniqueExamplesPerDay: factor * arm.uniqueExamplesPerDay,
          verticals: verticals.map((vertical) => ({
            ...vertical,
            examples_per_day: factor * vertical.examples_per_day,
          })),
        },
      }),
    },
    {
      name: 'overlap κ of verticals',
      value: significant(overlap),
      turn: (factor) => {
        // From disjoint verticals to as far as the largest of them lets them overlap at every hour.
        const unique = Math.min(examples, Math.max(examples / most, arm.uniqueExamplesPerDay / factor));
        return { value: significant(examples / unique), arm: { ...arm, uniqueExamplesPerDay: unique } };
      },
    },
    {
      name: 'label windows',
      value: `${formatTime(tightest)} at least`,
      turn: (factor) => ({
        value: `${formatTime(factor * tightest)} at least`,
        arm: {
          ...arm,
          verticals: verticals.map((vertical) => ({
            ...vertical,
            tasks: vertical.tasks.map((task) => ({ ...task, window: factor * task.window })),
          })),
        },
      }),
    },
    budget === undefined ? sizeKnob(arm) : budgetKnob(budget),
    {
      name: 'price of hosts',
      value: 'as their files say',
      turn: (factor) => ({ value: formatPercent(factor), priceFactor: factor }),
    },
  ];
}

function sizeKnob(arm: DistillationArm): Knob {
  const { teacher } = arm;
  return {
    name: 'FLOPs and tables of the teacher',
    value: teacher.model.name,
    turn: (factor) => {
      const { model } = scaleTeacherModel(teacher.model, factor);
      const named = { ...model, name: `${teacher.model.name} × ${significant(factor)}` };
      return { value: named.name, arm: { ...arm, teacher: { ...teacher, model: named } } };
    },
  };
}

function budgetKnob(budget: number): Knob {
  return {
    name: 'budget',
    value: usdPerDay(budget * 24),
    turn: (factor) => ({ value: usdPerDay(factor * budget * 24), budget: factor * budget }),
  };
}
