import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws, Estimate } from '../quality/estimate.ts';
import { costIn, meanGainIn } from './compare-arms.ts';
import { checkCase, type DistillationCase } from './distillation-case.ts';
import type { DistillationWorkload, Teacher } from './workload.ts';

/** Sizes and rates among which a shared teacher is sought. */
export interface TeacherChoices {
  /** Factors on the given teacher's FLOPs, parameters and bytes. */
  sizes: readonly number[];
  trainShares: readonly number[];
  labelShares: readonly number[];
}

/** A shared teacher of some size, with what it costs above no teacher and what it gains. */
export interface TeacherPoint {
  size: number;
  forwardFlop: number;
  trainShare: number;
  labelShare: number;
  extraUsdPerDay: number;
  /** Mean gain over verticals, with all constants at their values. */
  gain: number;
}

/** The teacher of most gain under a budget. */
export interface BestTeacher {
  best: TeacherPoint;
  /** Range of its gain. */
  gain: Estimate;
  /** Range of the size that is best, over the constants' ranges, at that budget. */
  size: Estimate;
  /** Choices that no other one beats in both cost and gain, cheapest first, whatever the budget. */
  frontier: TeacherPoint[];
}

/** Quarters of a fourfold step from 1/1024 of the given teacher to 4 times it, and rates from 5 % up. */
export const defaultChoices: TeacherChoices = {
  sizes: Array.from({ length: 25 }, (_, step) => 4 ** ((step - 20) / 4)),
  trainShares: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1],
  labelShares: [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1],
};

/**
 * The shared teacher of most gain whose cost above no teacher is within a budget: a larger one sees and labels less.
 * Its fleets are those that load and memory need.
 * @param budgetUsdPerDay for teacher, labels and their storage
 * @returns undefined where not even the smallest choice fits, or none that fits gains anything
 * @throws InputError where the case cannot be
 */
export function bestTeacher(
  { held: _, ...given }: DistillationCase,
  budgetUsdPerDay: number,
  draws: ConstantDraws<QualityConstantName>,
  choices: TeacherChoices = defaultChoices,
): BestTeacher | undefined {
  checkCase(given);
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

/** A case with a teacher of some size, and what it costs above no teacher. */
export interface PricedCase {
  given: DistillationCase;
  size: number;
  extraUsdPerDay: number;
}

/**
 * The same among teachers that have been priced: no two of one size, training and labels.
 * @returns undefined where none is within the budget, or none that is gains anything
 */
export function bestAmong<Each extends PricedCase>(
  priced: readonly Each[],
  budgetUsdPerDay: number,
  draws: ConstantDraws<QualityConstantName>,
): { best: Each; gain: Estimate; size: Estimate } | undefined {
  const affordable = largestOf(priced.filter(({ extraUsdPerDay }) => extraUsdPerDay <= budgetUsdPerDay));
  const most = (values: typeof draws.nominal) => mostGain(affordable, values);
  const best = most(draws.nominal);
  if (!best) return undefined;
  const gain = draws.estimate((values) => meanGainIn('shared-teacher', best.given, values));
  if (gain.value <= 0) return undefined;
  return { best, gain, size: draws.estimate((values) => most(values)!.size) };
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

interface SizedCase {
  given: DistillationCase;
  size: number;
}

function casesOf(given: DistillationCase, { sizes, trainShares, labelShares }: TeacherChoices): SizedCase[] {
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

function pointOf({ given, size, extraUsdPerDay }: SizedCase & { extraUsdPerDay: number }, gain: number) {
  const { teacher, trainShare, labelShare } = given.workload;
  return { size, forwardFlop: teacher.forwardFlop, trainShare, labelShare, extraUsdPerDay, gain };
}

/**
 * Cases that no other one with the same labels exceeds in size or training and equals in the other: gain grows with
 * both whatever the constants, as no teacher sees more than the reference, so that the best case is among them. More labels may cost gain, by bias.
 */
function largestOf<Each extends SizedCase>(cases: readonly Each[]): Each[] {
  const exceeds = (other: Each, one: Each) => {
    const [a, b] = [other.given.workload, one.given.workload];
    const isNoLess = other.size >= one.size && a.trainShare >= b.trainShare;
    return other !== one && a.labelShare === b.labelShare && isNoLess;
  };
  return cases.filter((one) => !cases.some((other) => exceeds(other, one)));
}

/** The case of most gain; of equals the cheapest. */
function mostGain<Each extends SizedCase & { extraUsdPerDay: number }>(
  cases: readonly Each[],
  values: ConstantDraws<QualityConstantName>['nominal'],
): Each | undefined {
  let best: Each | undefined;
  let most = -Infinity;
  for (const each of cases) {
    const gain = meanGainIn('shared-teacher', each.given, values);
    const isCheaper = best !== undefined && gain === most && each.extraUsdPerDay < best.extraUsdPerDay;
    if (gain > most || isCheaper) [best, most] = [each, gain];
  }
  return best;
}

/** Points that no other one beats in both cost and gain, cheapest first. */
export function frontierOf<Point extends Pick<TeacherPoint, 'extraUsdPerDay' | 'gain'>>(
  points: readonly Point[],
): Point[] {
  const byCost = [...points].sort((a, b) => a.extraUsdPerDay - b.extraUsdPerDay || b.gain - a.gain);
  let most = 0;
  return byCost.filter(({ gain }) => {
    if (gain <= most) return false;
    most = gain;
    return true;
  });
}
