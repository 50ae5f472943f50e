import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws, Estimate, Outcomes } from '../quality/estimate.ts';
import { gainStep } from '../quality/significance.ts';
import {
  type Distilled,
  qualityParts,
  type VerticalQuality,
  verticalQuality,
} from '../quality/vertical-quality.ts';
import { type ArmCost, costOf } from './arm-cost.ts';
import { distilledIn } from './arm-quality.ts';
import { type ArmWork, type DistillationArm, distillationArms, workOf } from './arm-work.ts';
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
  const work = workOf(arm, workload, seconds);
  return costOf(arm === 'shared-teacher' ? withHeld(work, given) : work, workload, device, assumptions);
}

/** The fleets of a shared teacher as they are given. */
function withHeld(work: ArmWork, { held }: DistillationCase): ArmWork {
  const heldBy = {
    'teacher training': held?.teacherTraining,
    labelling: held?.labelling,
    'vertical training': undefined,
  };
  return {
    ...work,
    jobs: work.jobs.map((job) => {
      const devices = heldBy[job.kind];
      return devices === undefined ? job : { ...job, held: devices };
    }),
  };
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

/** Mean gain of an arm over its verticals for every set of constants; verticals alike are worked out once. */
export function meanGainOutcomes(
  arm: DistillationArm,
  given: DistillationCase,
  draws: ConstantDraws<QualityConstantName>,
): Outcomes<number> {
  const all = distilledVerticals(arm, given);
  const first = firstAlike(all);
  const groups = all.flatMap((distilled, index) =>
    distilled && first[index] === index
      ? [{ distilled, count: first.filter((other) => other === index).length }]
      : [],
  );
  return draws.outcomes(
    (values) =>
      groups.reduce((sum, { distilled, count }) => sum + count * qualityParts(values, distilled).gain, 0) /
      all.length,
  );
}

/** Of each vertical, the first one that is distilled in the same way. */
function firstAlike(all: readonly (Distilled | undefined)[]): number[] {
  const known = new Map<string, number>();
  return all.map((each, index) => {
    const key = JSON.stringify(each && { ...each, student: { ...each.student, name: '' } });
    const first = known.get(key) ?? index;
    known.set(key, first);
    return first;
  });
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
  const first = firstAlike(all);
  const qualities = new Map(
    all.flatMap((each, index) => {
      if (!each || first[index] !== index) return [];
      const outcomes = draws.outcomes((values) => qualityParts(values, each));
      return [[index, { outcomes, quality: verticalQuality(draws, each, outcomes) }] as const];
    }),
  );
  const total = meanGainOutcomes(arm, given, draws);
  return {
    arm,
    cost,
    extraUsdPerDay,
    meanGain: total.estimate((gain) => gain),
    verticals: verticals.map(({ name, examplesPerDay }, index) => {
      const known = qualities.get(first[index]);
      return {
        name,
        extraUsdPerDay: { equal, byExamples: (extraUsdPerDay * examplesPerDay) / examples },
        ...(known && {
          quality: { ...known.quality, name },
          usdPerDayPerStep: known.outcomes.estimate(({ gain }) => usdPerStep(equal, gain)),
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
