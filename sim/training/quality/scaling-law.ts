import { type QualityValues, scalingLawRangeFlop } from './constants.ts';

/** What a teacher learns with. */
export interface TeacherScale {
  /** Forward FLOP per example. */
  forwardFlop: number;
  /** Examples per day that it trains on. */
  trainedExamplesPerDay: number;
}

/** Quadruplings that lead from one size to another: log₄(to / from), negative towards a smaller one. */
export function quadruplings(from: number, to: number): number {
  if (!(from > 0 && to > 0 && Number.isFinite(from) && Number.isFinite(to)))
    throw new RangeError(`sizes must be above 0 and finite, not ${from} and ${to}`);
  return Math.log2(to / from) / 2;
}

/**
 * Relative NE that a teacher is better than its student, before anything is transferred:
 * a·log₄(F_T/F_v) + d·log₄(N_T/N_ref). The first term is Wukong's law of compute at fixed data; the second is a
 * model choice, 0 for a teacher that trains on all of the reference.
 * @param studentFlop forward FLOP per example of the student
 * @param referenceExamplesPerDay all that there is to train on: unique examples of all verticals
 */
export function teacherGain(
  { gainPerQuadrupledCompute, gainPerQuadrupledData }: QualityValues,
  { forwardFlop, trainedExamplesPerDay }: TeacherScale,
  studentFlop: number,
  referenceExamplesPerDay: number,
): number {
  return (
    gainPerQuadrupledCompute * quadruplings(studentFlop, forwardFlop) +
    gainPerQuadrupledData * quadruplings(referenceExamplesPerDay, trainedExamplesPerDay)
  );
}

/** Share of the way from student to teacher, in quadruplings, that lies outside of what the law was observed over. */
export function extrapolatedShare(studentFlop: number, teacherFlop: number): number {
  const all = Math.abs(quadruplings(studentFlop, teacherFlop));
  if (all === 0) return 0;
  const [from, to] = [Math.min(studentFlop, teacherFlop), Math.max(studentFlop, teacherFlop)];
  const lower = Math.max(from, scalingLawRangeFlop.from);
  const upper = Math.min(to, scalingLawRangeFlop.to);
  return upper <= lower ? 1 : 1 - quadruplings(lower, upper) / all;
}
