import { biasLoss, type TeacherBias } from '../bias-loss.ts';
import type { QualityValues } from '../constants.ts';
import { teacherStaleness } from '../freshness-loss.ts';
import type { DistillationHead } from '../transfer-ratio.ts';
import type { Curves, FittedArm } from './curves.ts';
import { meanOverInterval } from './freshness-laws.ts';
import { commonLine, slopeOf } from './lines.ts';
import { leastInBox } from './pattern-search.ts';

const secondsPerDay = 86_400;

/** Quadruplings to half transfer are searched between these; at either end sizes tell nothing of them. */
export const halfTransferBox = [Math.log(0.5), Math.log(200)] as const;

/** What students gain by a teacher, and how much of it is lost by its age. */
export interface Transfer {
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

/**
 * Lines of the students' gains over what its age costs the teacher: gain + bias = T·G − P·S. S at the least staleness is
 * what the law of freshness in `values` says; from there on it is measured, by the teacher's own NE.
 */
export function transferIn(curves: Curves<number>, values: QualityValues): Transfer {
  const { stalenesses } = curves;
  if (stalenesses.length === 0) return nothing;
  const [least] = stalenesses;
  const lossAtLeast = meanOverInterval(least.days, curves, (gapDays) =>
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
export function growthOf(quadruplings: number): number {
  return Math.max(0, quadruplings);
}

/** The growth at which the ratio is down to half, by least squares over sizes: T = t₀ / (1 + x/x½). */
export function halfTransferIn(
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
