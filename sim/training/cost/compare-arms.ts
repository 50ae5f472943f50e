import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws, Estimate } from '../quality/estimate.ts';
import { gainStep } from '../quality/significance.ts';
import { qualityParts, type VerticalQuality, verticalQuality } from '../quality/vertical-quality.ts';
import { type ArmCost, costOf } from './arm-cost.ts';
import { distilledIn } from './arm-quality.ts';
import { type DistillationArm, distillationArms, workOf } from './arm-work.ts';
import { rooflineSeconds } from './device-seconds.ts';
import { checkCase, type DistillationCase } from './distillation-case.ts';
import { examplesOf } from './workload.ts';

/** A vertical's part in an arm. */
export interface VerticalOutcome {
  name: string;
  /** Of the cost above the arm without a teacher: an equal part, and one by examples. */
  extraUsdPerDay: { equal: number; byExamples: number };
  /** Absent without a teacher. */
  quality?: VerticalQuality;
  /** Equal part of the cost for each 0.01 % of NE gained; Infinity where nothing is gained. */
  usdPerDayPerStep?: Estimate;
}

/** Cost and gain of one arm. */
export interface ArmOutcome {
  arm: DistillationArm;
  cost: ArmCost;
  /** Above the arm without a teacher: what the gain costs. */
  extraUsdPerDay: number;
  verticals: VerticalOutcome[];
  /** Mean gain over verticals. */
  meanGain: Estimate;
  /** All extra cost over the sum of all gains, for each 0.01 % of NE of one vertical; absent without a teacher. */
  usdPerDayPerStep?: Estimate;
}

/**
 * The four arms of distillation, with their cost and what they gain.
 * @throws InputError where the workload cannot be, or a vertical has no target
 */
export function compareArms(
  given: DistillationCase,
  draws: ConstantDraws<QualityConstantName>,
): ArmOutcome[] {
  checkCase(given);
  const base = costIn('no-teacher', given);
  return distillationArms.map((arm) => outcomeOf(arm, given, base, draws));
}

/** Cost of one arm. */
export function costIn(arm: DistillationArm, given: DistillationCase): ArmCost {
  const { workload, device, assumptions } = given;
  const seconds = given.seconds ?? rooflineSeconds(workload, device, assumptions);
  return costOf(workOf(arm, workload, seconds), workload, device, assumptions);
}

/** Mean gain of an arm over its verticals for one set of constants. */
export function meanGainIn(
  arm: DistillationArm,
  given: DistillationCase,
  values: ConstantDraws<QualityConstantName>['nominal'],
): number {
  const all = distilledVerticals(arm, given);
  return all.reduce((sum, each) => sum + (each ? qualityParts(values, each).gain : 0), 0) / all.length;
}

function outcomeOf(
  arm: DistillationArm,
  given: DistillationCase,
  base: ArmCost,
  draws: ConstantDraws<QualityConstantName>,
): ArmOutcome {
  const cost = costIn(arm, given);
  const extraUsdPerDay = cost.usdPerDay - base.usdPerDay;
  const { verticals } = given.workload;
  const examples = examplesOf(given.workload);
  const equal = extraUsdPerDay / verticals.length;
  const all = distilledVerticals(arm, given);
  const gained = all.map((each) => each && draws.outcomes((values) => qualityParts(values, each)));
  const total = draws.outcomes((values) => meanGainIn(arm, given, values));
  return {
    arm,
    cost,
    extraUsdPerDay,
    meanGain: total.estimate((gain) => gain),
    verticals: verticals.map(({ name, examplesPerDay }, index) => {
      const [distilled, outcomes] = [all[index], gained[index]];
      return {
        name,
        extraUsdPerDay: { equal, byExamples: (extraUsdPerDay * examplesPerDay) / examples },
        ...(distilled &&
          outcomes && {
            quality: verticalQuality(draws, distilled, outcomes),
            usdPerDayPerStep: outcomes.estimate(({ gain }) => usdPerStep(equal, gain)),
          }),
      };
    }),
    ...(arm !== 'no-teacher' && {
      usdPerDayPerStep: total.estimate((gain) => usdPerStep(equal, gain)),
    }),
  };
}

function distilledVerticals(arm: DistillationArm, given: DistillationCase) {
  const { workload, targets, path, referenceExamplesPerDay = workload.uniqueExamplesPerDay } = given;
  return workload.verticals.map((vertical) => {
    const target = targets.find(({ name }) => name === vertical.name)!;
    const distilled = distilledIn(arm, workload, vertical, target, path);
    return distilled && { ...distilled, referenceExamplesPerDay };
  });
}

function usdPerStep(usdPerDay: number, gain: number): number {
  return gain > 0 ? usdPerDay / (gain / gainStep) : Infinity;
}
