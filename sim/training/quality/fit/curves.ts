import type { RandomStream } from '../../../../foundation/random.ts';
import type { Measured } from './measured.ts';

/** Arms of the experiment that the quality model has a word for. */
export const fittedArms = ['one-head', 'ah', 'two-heads', 'ah-sa'] as const;
export type FittedArm = (typeof fittedArms)[number];

/** A teacher of size 1 and what its students gain, by how stale its labels are; the grid's verticals averaged. */
export interface AtStaleness<Figure> {
  days: number;
  /** Relative reduction of NE of the logged predictions against the students' base arm. */
  teacherGain: Figure;
  /** Σp/Σy of the logged predictions. */
  teacherCalibration: number;
  /** Relative reduction of NE by arm; an arm that was not run is absent. */
  students: Partial<Record<FittedArm, Figure>>;
}

/** A teacher of another size and what a student with one head gains, at the least staleness. */
export interface AtSize<Figure> {
  /** log₄ of the teacher's FLOP per example over the student's. */
  quadruplings: number;
  teacherGain: Figure;
  teacherCalibration: number;
  oneHeadGain: Figure;
}

/** All that constants are fitted to; figures are measured, or plain numbers where they have been drawn. */
export interface Curves<Figure> {
  /** Relative growth of the teacher's NE against the least lag, in the order of lags; that of the least is 0. */
  lags: { days: number; worsening: Figure }[];
  /** By which the teacher's knowledge is older than its snapshot: the median delay of labels. */
  labelDelayDays: number;
  /** Between two snapshots. */
  intervalDays: number;
  /** In the order of staleness. */
  stalenesses: AtStaleness<Figure>[];
  /** In the order of size; size 1 is among them. */
  sizes: AtSize<Figure>[];
  /** Of the teacher that `stalenesses` is about. */
  quadruplings: number;
  /** Logarithm of calibration over that of base, of students whose task is not the teacher's. */
  crossed: Partial<Record<FittedArm, Figure>>;
  crossedCells: number;
  /** Positive rate of the teacher's task. */
  baseRate: number;
  /** w. */
  lossWeight: number;
}

/** The same curves with every figure replaced. */
export function withFigures<From, To>(curves: Curves<From>, of: (figure: From) => To): Curves<To> {
  return {
    ...curves,
    lags: curves.lags.map(({ days, worsening }) => ({ days, worsening: of(worsening) })),
    stalenesses: curves.stalenesses.map((at) => ({
      ...at,
      teacherGain: of(at.teacherGain),
      students: ofEachArm(at.students, of),
    })),
    sizes: curves.sizes.map((at) => ({
      ...at,
      teacherGain: of(at.teacherGain),
      oneHeadGain: of(at.oneHeadGain),
    })),
    crossed: ofEachArm(curves.crossed, of),
  };
}

/** A figure by arm, with every figure replaced. */
export function ofEachArm<From, To>(figures: Partial<Record<FittedArm, From>>, of: (figure: From) => To) {
  const entries = Object.entries(figures) as [FittedArm, From][];
  return Object.fromEntries(entries.map(([arm, figure]) => [arm, of(figure)])) as Partial<
    Record<FittedArm, To>
  >;
}

/** Every figure at its mean. */
export function asMeasured(curves: Curves<Measured>): Curves<number> {
  return withFigures(curves, ({ mean }) => mean);
}

/** Every figure drawn by itself. Figures share seeds and days, which makes their differences surer than drawn so. */
export function drawnFrom(curves: Curves<Measured>, random: RandomStream): Curves<number> {
  return withFigures(curves, ({ mean, sd }) => mean + sd * random.normal());
}
