import type { Curves, FittedArm } from './curves.ts';
import { tauBox } from './freshness-laws.ts';
import type { Measured } from './measured.ts';
import type { Residuals } from './misfit.ts';
import type { FittableConstant, Support } from './solve.ts';
import { halfTransferBox } from './transfer.ts';

/** On what terms an experiment tells a constant. */
export interface ConstantTerms {
  /** What must surely differ from zero. */
  supports: readonly Support[];
  possible: { low: number; high: number };
  /** Where the constant was searched, if it was. */
  searched?: { low: number; high: number };
  /** The figures that it rests on, how many, and what of them is left unexplained. */
  from: string;
  points: number;
  residualNe?: number;
  /** What the experiment must have for it. */
  takes: string;
}

/** Why a constant means nothing where a support may be zero. */
export const supportWords: Record<Support, string> = {
  ageing: 'the teacher does not surely get worse with its age',
  teacherGain:
    'the teacher is not surely better than its students without it, so the transfer ratio is not defined',
  leastTeacherGain:
    'the least teacher is not surely better than its students without it, so its transfer ratio is not defined',
  ageingHere: 'the teacher does not surely get worse with its age on the examples of the students',
  oneHeadGain: 'one head does not surely gain, so nothing can be compared with its gain',
  plainGain: 'students do not surely gain by the teacher, so nothing passes to them that could get stale',
  slope: 'the gain of the arm without the adapter does not surely fall with the age of the teacher',
  oneHeadBias: 'one head is not surely off in its calibration, so there is no bias that could leak',
};

const share = { low: 0, high: 1 };
const positive = { low: 0, high: Number.POSITIVE_INFINITY };

/** The terms of a constant, given what was measured. */
export function termsOf(
  constant: FittableConstant,
  curves: Curves<Measured>,
  residuals: Residuals,
): ConstantTerms {
  const { lags, stalenesses, sizes, crossedCells } = curves;
  const ages = `${stalenesses.length} stalenesses`;
  const withArm = (arm: FittedArm) => stalenesses.filter(({ students }) => students[arm]).length;
  const ofLags = {
    supports: ['ageing'] as const,
    from: `NE of the teacher at ${lags.length} lags, every example`,
    points: lags.length,
    residualNe: residuals.lags,
    takes: 'takes NE of the teacher by lag',
  };
  const plainGains = {
    points: withArm('one-head') + withArm('ah'),
    residualNe: residuals.gains,
    takes: 'takes the arms one-head and ah on the task of the teacher, at two stalenesses or more',
  };
  switch (constant) {
    case 'lossOfWeekOverDay':
      return { ...ofLags, possible: positive };
    case 'freshnessScaleS':
      return { ...ofLags, possible: positive, searched: secondsOf(tauBox) };
    case 'transferAtEqualSize':
      return {
        ...plainGains,
        supports: ['teacherGain'],
        possible: share,
        from: `gains of one head and of the teacher over base, ${ages}`,
        takes: 'takes the arm one-head on the task of the teacher',
      };
    case 'quadruplingsToHalfTransfer':
      return {
        supports: ['teacherGain', 'leastTeacherGain'],
        possible: positive,
        searched: { low: Math.exp(halfTransferBox[0]), high: Math.exp(halfTransferBox[1]) },
        from: `gains of one head and of teachers of ${sizes.length} sizes over base`,
        points: sizes.length,
        takes: 'takes teachers of three sizes or more, and the arm one-head',
      };
    case 'auxiliaryHeadTransfer':
      return {
        ...plainGains,
        supports: ['oneHeadGain'],
        possible: positive,
        from: `gains of AH and of one head over base, ${ages}`,
      };
    case 'stalenessPassThrough':
      return {
        ...plainGains,
        supports: ['ageingHere', 'plainGain'],
        possible: share,
        from: `gains of one head and AH by the age of the teacher, ${ages}`,
      };
    case 'adapterRecovery': {
      const reference = withArm('two-heads') > 0 ? 'two-heads' : 'ah';
      return {
        supports: ['ageingHere', 'plainGain', 'slope'],
        possible: share,
        from: `gains of AH+SA and ${reference === 'ah' ? 'AH' : 'two AH'} by the age of the teacher, ${ages}`,
        points: withArm('ah-sa') + withArm(reference),
        takes: 'takes the arms ah-sa and two-heads (or ah) at two stalenesses or more',
      };
    }
    case 'auxiliaryHeadLeak':
      return leakTerms('AH', 'ah', crossedCells);
    case 'studentAdapterLeak':
      return leakTerms('AH+SA', 'ah-sa', crossedCells);
  }
}

function leakTerms(title: string, arm: FittedArm, cells: number): ConstantTerms {
  return {
    supports: ['oneHeadBias'],
    possible: share,
    from: `calibration of ${title} and of one head on another task than the teacher's, ${cells} places`,
    points: 2 * cells,
    takes: `takes the arms one-head and ${arm} on another task than the teacher's`,
  };
}

function secondsOf([from, to]: readonly [number, number]): { low: number; high: number } {
  return { low: Math.exp(from) * 86_400, high: Math.exp(to) * 86_400 };
}
