import { bestAmong, frontierOf, type PricedCase } from '../../sim/training/cost/best-teacher.ts';
import { costIn, meanGainIn } from '../../sim/training/cost/compare-arms.ts';
import type { DistillationCase } from '../../sim/training/cost/distillation-case.ts';
import type { DistillationWorkload, Teacher } from '../../sim/training/cost/workload.ts';
import type { QualityConstantName } from '../../sim/training/quality/constants.ts';
import type { ConstantDraws, Estimate } from '../../sim/training/quality/estimate.ts';

/** Sizes and rates among which a shared teacher is sought. */
interface TeacherChoices {
  /** Factors on the given teacher's FLOPs, parameters and bytes. */
  sizes: readonly number[];
  trainShares: readonly number[];
  labelShares: readonly number[];
}

/** A shared teacher of some size, with what it costs above no teacher and what it gains. */
interface TeacherPoint {
  size: number;
  forwardFlop: number;
  trainShare: number;
  labelShare: number;
  extraUsdPerDay: number;
  /** Mean gain over verticals, with all constants at their values. */
  gain: number;
}

/** The teacher of most gain under a budget. */
interface BestTeacher {
  best: TeacherPoint;
  /** Range of its gain. */
  gain: Estimate;
  /** Range of the size that is best, over the constants' ranges, at that budget. */
  size: Estimate;
  /** Choices that no other one beats in both cost and gain, cheapest first, whatever the budget. */
  frontier: TeacherPoint[];
}

/** Quarters of a fourfold step from 1/1024 of the given teacher to 4 times it, and rates from 5 % up. */
const defaultChoices: TeacherChoices = {
  sizes: Array.from({ length: 25 }, (_, step) => 4 ** ((step - 20) / 4)),
  trainShares: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1],
  labelShares: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1],
};

/** The best of teachers that are scaled as a whole, with fleets that load and memory need. */
export function bestTeacher(
  { held: _, ...given }: DistillationCase,
  budgetUsdPerDay: number,
  draws: ConstantDraws<QualityConstantName>,
  choices: TeacherChoices = defaultChoices,
): BestTeacher | undefined {
  const baseUsd = costIn('no-teacher', given).usdPerDay;
  const priced = casesOf(given, choices).map(({ size, ...each }) => ({
    ...each,
    size,
    extraUsdPerDay: costIn('shared-teacher', each.given).usdPerDay - baseUsd,
  }));
  const found = bestAmong(priced, budgetUsdPerDay, draws);
  if (!found) return undefined;
  const points = priced.map((each) => pointOf(each, meanGainIn('shared-teacher', each.given, draws.nominal)));
  return { ...found, best: points[priced.indexOf(found.best)], frontier: frontierOf(points) };
}

/** A teacher of another size: FLOPs, parameters and bytes grow together. */
export function scaledTeacher(teacher: Teacher, factor: number): Teacher {
  return {
    ...teacher,
    forwardFlop: teacher.forwardFlop * factor,
    parameters: teacher.parameters * factor,
    trainingBytesPerExample: teacher.trainingBytesPerExample * factor,
    labelBytesPerExample: teacher.labelBytesPerExample * factor,
  };
}

function casesOf(
  given: DistillationCase,
  { sizes, trainShares, labelShares }: TeacherChoices,
): Omit<PricedCase, 'extraUsdPerDay'>[] {
  return sizes.flatMap((size) =>
    trainShares.flatMap((trainShare) =>
      labelShares.map((labelShare) => {
        const teacher = scaledTeacher(given.workload.teacher, size);
        const workload: DistillationWorkload = { ...given.workload, teacher, trainShare, labelShare };
        return { given: { ...given, workload, ...scaledSeconds(given, size) }, size };
      }),
    ),
  );
}

/** Given device seconds belong to the given size; the teacher's follow its FLOPs. */
function scaledSeconds({ seconds }: DistillationCase, size: number): Pick<DistillationCase, 'seconds'> {
  if (!seconds) return {};
  const { teacherTrainingS, labelS } = seconds;
  return { seconds: { ...seconds, teacherTrainingS: teacherTrainingS * size, labelS: labelS * size } };
}

function pointOf({ given, size, extraUsdPerDay }: PricedCase, gain: number) {
  const { teacher, trainShare, labelShare } = given.workload;
  return { size, forwardFlop: teacher.forwardFlop, trainShare, labelShare, extraUsdPerDay, gain };
}
