import { biasLoss, type TeacherBias } from '../bias-loss.ts';
import type { QualityConstantName, QualityValues } from '../constants.ts';
import { teacherStaleness } from '../freshness-loss.ts';
import type { DistillationHead } from '../transfer-ratio.ts';
import type { Curves, FittedArm } from './curves.ts';
import { fitLaw, type LagCurve, type LawFit, logarithmicLaw, meanOverDay } from './freshness-laws.ts';
import { commonLine, slopeOf } from './lines.ts';
import { leastInBox } from './pattern-search.ts';

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

/** Quadruplings to half transfer are searched between these; at either end sizes tell nothing of them. */
export const halfTransferBox = [Math.log(0.5), Math.log(200)] as const;

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

export function lagCurveOf({ lags, labelDelayDays }: Curves<number>): LagCurve {
  return { labelDelayDays, points: lags };
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

interface Transfer {
  /** S at the least staleness. */
  lossAtLeast: number;
  /** G. */
  freshGain: number;
  /** T·G: what students would gain by a teacher without a gap. */
  oneHeadGain: number;
  ahGain: number;
  /** Share of S that passes through, of one head and auxiliary head together. */
  passThrough: number;
  /** S at the most staleness less that at the least. */
  ageingHere: number;
  /** The share of the adapter's arm, and of the arm that it is compared with. */
  ownSlope: number;
  referenceSlope: number;
  misfit: number;
}

function transferIn(curves: Curves<number>, values: QualityValues): Transfer {
  const { stalenesses } = curves;
  if (stalenesses.length === 0) return nothing;
  const [least] = stalenesses;
  const lossAtLeast = meanOverDay(least.days, curves, (gapDays) =>
    teacherStaleness(values, gapDays * secondsPerDay),
  );
  const freshGain = withoutGap(least.teacherGain, lossAtLeast);
  const losses = stalenesses.map(({ teacherGain }) => (1 - teacherGain) / (1 - freshGain) - 1);
  const gains = (arm: FittedArm) =>
    stalenesses.map(({ students, teacherCalibration }) => {
      const gain = students[arm] ?? Number.NaN;
      return gain + biasLoss(values, headOf[arm], biasOf(curves, teacherCalibration));
    });
  const plain = commonLine(losses, [gains('one-head'), gains('ah')], -values.stalenessPassThrough);
  // The adapter's arm has twice the distillation weight of one head on y_F; two heads on y_F have as much.
  const reference = stalenesses.every(({ students }) => 'two-heads' in students) ? 'two-heads' : 'ah';
  return {
    lossAtLeast,
    freshGain,
    oneHeadGain: plain.intercepts[0],
    ahGain: plain.intercepts[1],
    passThrough: stalenesses.length > 1 ? -plain.slope : Number.NaN,
    ageingHere: losses[losses.length - 1] - losses[0],
    ownSlope: -slopeOf(losses, gains('ah-sa')),
    referenceSlope: -slopeOf(losses, gains(reference)),
    misfit: plain.misfit,
  };
}

const nothing: Transfer = {
  lossAtLeast: Number.NaN,
  freshGain: Number.NaN,
  oneHeadGain: Number.NaN,
  ahGain: Number.NaN,
  passThrough: Number.NaN,
  ageingHere: Number.NaN,
  ownSlope: Number.NaN,
  referenceSlope: Number.NaN,
  misfit: Number.NaN,
};

const headOf: Record<FittedArm, DistillationHead> = {
  'one-head': 'one-head',
  ah: 'auxiliary-head',
  'two-heads': 'auxiliary-head',
  'ah-sa': 'auxiliary-head-and-adapter',
};

function biasOf({ baseRate, lossWeight }: Curves<number>, teacherCalibration: number): TeacherBias {
  // No calibration is so far off that predictions would be sure, averaged over days as it is; rates are of the stream.
  const most = 0.99 / baseRate;
  return { baseRate, teacherCalibration: Math.min(most, teacherCalibration), lossWeight, labelledShare: 1 };
}

/** Relative reduction of NE by a teacher whose age would not have cost it a share of its NE. */
function withoutGap(gain: number, loss: number): number {
  return 1 - (1 - gain) / (1 + loss);
}

/** Quadruplings by which a teacher outgrows its student; a smaller one counts as equal, as in the quality model. */
function growthOf(quadruplings: number): number {
  return Math.max(0, quadruplings);
}

/** The growth at which the ratio is down to half, by least squares over sizes: T = t₀ / (1 + x/x½). */
function halfTransferIn(
  curves: Curves<number>,
  { lossAtLeast: loss, passThrough }: Transfer,
  assumed: QualityValues,
): number {
  const { sizes } = curves;
  if (sizes.length < 3) return Number.NaN;
  const passed = Number.isNaN(passThrough) ? assumed.stalenessPassThrough : passThrough;
  const ratios = sizes.map(({ teacherGain, teacherCalibration, oneHeadGain }) => {
    const bias = biasLoss(assumed, 'one-head', biasOf(curves, teacherCalibration));
    return (oneHeadGain + bias + passed * loss) / withoutGap(teacherGain, loss);
  });
  const squares = (toHalf: number) => {
    const falls = sizes.map(({ quadruplings }) => 1 / (1 + growthOf(quadruplings) / toHalf));
    const product = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, value, at) => sum + value * b[at], 0);
    const most = product(falls, ratios) / product(falls, falls);
    return falls.reduce((sum, fall, at) => sum + (most * fall - ratios[at]) ** 2, 0);
  };
  return Math.exp(leastInBox(([log]) => squares(Math.exp(log)), [halfTransferBox])[0]);
}
