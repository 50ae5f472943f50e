import type { QualityConstantName, QualityValues } from '../constants.ts';
import type { Curves, FittedArm } from './curves.ts';
import { fitLaw, type LagCurve, type LawFit, logarithmicLaw } from './freshness-laws.ts';
import { growthOf, halfTransferIn, transferIn } from './transfer.ts';

/** Constants of the quality model that an experiment may tell. */
export const fittableConstants = [
  'lossOfWeekOverDay',
  'freshnessScaleS',
  'transferAtEqualSize',
  'quadruplingsToHalfTransfer',
  'auxiliaryHeadTransfer',
  'stalenessPassThrough',
  'adapterRecovery',
  'auxiliaryHeadLeak',
  'studentAdapterLeak',
] as const satisfies readonly QualityConstantName[];
export type FittableConstant = (typeof fittableConstants)[number];

/** Figures that must surely differ from zero before what is divided by them means anything. */
export type Support =
  | 'ageing'
  | 'teacherGain'
  | 'leastTeacherGain'
  | 'ageingHere'
  | 'oneHeadGain'
  | 'plainGain'
  | 'slope'
  | 'oneHeadBias';

export interface Solution {
  /** NaN where the curves lack what a constant takes. */
  constants: Record<FittableConstant, number>;
  supports: Record<Support, number>;
  law: LawFit;
  /** Standard deviation of the gains of one head and auxiliary head around the model's lines; NaN with none left over. */
  gainsMisfit: number;
}

export interface SolveOptions {
  /** Whether the age of a teacher at the least staleness costs what the fitted law says; else as assumed. */
  byOwnLaw: boolean;
  /** Logarithm of τ in days to search from. */
  start?: readonly number[] | undefined;
}

const secondsPerDay = 86_400;

/**
 * Constants under which the quality model says what was measured, with gain = T·G − P·S − bias for a student, where G
 * is by how much a teacher without a gap is better than the student, and S the share of NE that its age costs it.
 * @param assumed values of the constants that are not fitted here, or of which the transfer ratio takes account
 */
export function solve(
  curves: Curves<number>,
  assumed: QualityValues,
  { byOwnLaw, start }: SolveOptions,
): Solution {
  const law = fitLaw(logarithmicLaw, lagCurveOf(curves), start);
  const leaks = leaksIn(curves);
  const constants = withLeaks(assumed, leaks);
  const weekOverDay = weekOverDayOf(law);
  const freshness = byOwnLaw
    ? { lossOfWeekOverDay: weekOverDay, freshnessScaleS: law.parameters[0] * secondsPerDay }
    : {};
  const transfer = transferIn(curves, { ...constants, ...freshness });
  const { freshGain, oneHeadGain, ahGain, passThrough, ownSlope, referenceSlope } = transfer;
  return {
    constants: {
      lossOfWeekOverDay: weekOverDay,
      freshnessScaleS: law.parameters[0] * secondsPerDay,
      transferAtEqualSize:
        (oneHeadGain / freshGain) * (1 + growthOf(curves.quadruplings) / assumed.quadruplingsToHalfTransfer),
      quadruplingsToHalfTransfer: halfTransferIn(curves, transfer, assumed),
      auxiliaryHeadTransfer: ahGain / oneHeadGain,
      stalenessPassThrough: passThrough,
      adapterRecovery: 1 - ownSlope / referenceSlope,
      ...leaks,
    },
    supports: {
      ageing: weekOverDay,
      teacherGain: curves.stalenesses[0]?.teacherGain ?? Number.NaN,
      leastTeacherGain: Math.min(...curves.sizes.map(({ teacherGain }) => teacherGain)),
      ageingHere: transfer.ageingHere,
      oneHeadGain,
      plainGain: meanOfKnown([oneHeadGain, ahGain]),
      slope: referenceSlope,
      oneHeadBias: curves.crossed['one-head'] ?? Number.NaN,
    },
    law,
    gainsMisfit: transfer.misfit,
  };
}

function meanOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function weekOverDayOf({ amplitude, parameters: [tau] }: LawFit): number {
  return amplitude * (Math.log1p(7 / tau) - Math.log1p(1 / tau));
}

export function lagCurveOf({ lags, labelDelayDays, intervalDays }: Curves<number>): LagCurve {
  return { labelDelayDays, intervalDays, points: lags };
}

/** Shares of the one-head bias that reach the serving head otherwise, by how far off the students are calibrated. */
function leaksIn({ crossed }: Curves<number>): Record<'auxiliaryHeadLeak' | 'studentAdapterLeak', number> {
  const share = (arm: FittedArm) =>
    Math.expm1(crossed[arm] ?? Number.NaN) / Math.expm1(crossed['one-head'] ?? Number.NaN);
  return { auxiliaryHeadLeak: share('ah'), studentAdapterLeak: share('ah-sa') };
}

/** Leaks as they were found, where they are shares; else as assumed. They matter little to an unbiased teacher. */
function withLeaks(assumed: QualityValues, leaks: ReturnType<typeof leaksIn>): QualityValues {
  const found = Object.entries(leaks).filter(([, leak]) => leak >= 0 && leak <= 1);
  return { ...assumed, ...Object.fromEntries(found) };
}
