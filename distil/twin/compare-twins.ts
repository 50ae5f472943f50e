import { interval } from '../../sim/statistics/interval.ts';
import { studentQuantile } from '../../sim/statistics/student.ts';
import type { ExperimentBackend } from '../../sim/training/experiment-result.ts';
import { normalizedEntropy } from '../../sim/training/quality/normalized-entropy.ts';
import { significantGain } from '../../sim/training/quality/significance.ts';
import type { TwinRow, TwinVerdict } from '../../sim/training/twin-result.ts';
import { armsOf } from '../experiment/arms.ts';
import type { Outcomes } from '../experiment/outcomes.ts';
import { planSeed } from '../experiment/plan-jobs.ts';
import type { ExperimentSpec } from '../experiment/spec.ts';
import { type DaySums, sumOfDays } from '../metrics/day-sums.ts';
import type { ExampleStream } from '../streams/stream.ts';

/** What is compared: sums by day of every seed, by each of the two. */
type Compared = Omit<TwinRow, 'ours' | 'its' | 'change' | 'seedNoise' | 'verdict'> & {
  sums: [ours: DaySums[], its: DaySums[]];
};

/** When two agree, by whose initial parameters the other started from. */
export const twinRules: Record<ExperimentBackend['initialParameters'], string> = {
  shared: `from the same initial parameters only rounding makes a difference, which grows along a stream: they agree where NE of every seed is the same within ${100 * significantGain} %, the least that counts as a change, and beyond it where the means over seeds are no further apart than seeds explain`,
  own: 'from other initial parameters: the means over seeds agree where they are no further apart than seeds explain, by Student’s t for two independent means, at a level that all rows keep together (Bonferroni)',
};

/** Compares what both made of the same experiment, model by model. */
export function compareTwins(
  spec: ExperimentSpec,
  stream: ExampleStream,
  ours: Outcomes,
  its: Outcomes,
  start: ExperimentBackend['initialParameters'],
): TwinRow[] {
  const compared = [...teachersOf(spec, ours, its), ...studentsOf(spec, stream, ours, its)];
  return compared.map(({ sums, ...row }) => {
    const [ourNe, itsNe] = sums.map((bySeed) => bySeed.map((days) => entropyFrom(days, spec.metricsFromDay)));
    return { ...row, ...comparisonOf(ourNe, itsNe, { level: spec.level, among: compared.length, start }) };
  });
}

interface Judging {
  /** Confidence of each interval. */
  level: number;
  /** Number of such comparisons that are to hold together. */
  among: number;
  start: ExperimentBackend['initialParameters'];
}

/**
 * @param ours NE of each seed
 * @param its of the same seeds
 */
export function comparisonOf(
  ours: readonly number[],
  its: readonly number[],
  { level, among, start }: Judging,
): Pick<TwinRow, 'ours' | 'its' | 'change' | 'seedNoise' | 'verdict'> {
  const perSeed = its.map((value, seed) => value / ours[seed] - 1);
  const change = { ...interval(perSeed, level), perSeed };
  const found = { ours: interval(ours, level), its: interval(its, level), change };
  const seedNoise = ours.length < 2 ? undefined : noiseOf(ours, its, 1 - (1 - level) / among);
  const isSame = start === 'shared' && perSeed.every((each) => Math.abs(each) <= significantGain);
  return {
    ...found,
    ...(seedNoise !== undefined && { seedNoise }),
    verdict: isSame ? 'agrees' : verdictBy(found.its.mean / found.ours.mean - 1, seedNoise, start),
  };
}

/** Of two means by what seeds explain; from the same start a single seed explains nothing. */
function verdictBy(apart: number, seedNoise: number | undefined, start: Judging['start']): TwinVerdict {
  if (seedNoise === undefined) return start === 'shared' ? 'differs' : 'open';
  return Math.abs(apart) <= seedNoise ? 'agrees' : 'differs';
}

/** Half-width of the interval of the difference of two independent means, over the first. */
function noiseOf(ours: readonly number[], its: readonly number[], level: number): number {
  const n = ours.length;
  const error = Math.sqrt((varianceOf(ours) + varianceOf(its)) / n);
  return (studentQuantile(0.5 + level / 2, 2 * n - 2) * error) / interval(ours, level).mean;
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function entropyFrom(days: DaySums, fromDay: number): number {
  return normalizedEntropy(sumOfDays(days, fromDay));
}

/** Of teachers that were trained: one whose logs were given is the same for both. */
function teachersOf({ teacher }: ExperimentSpec, ours: Outcomes, its: Outcomes): Compared[] {
  if (teacher.logs) return [];
  const sizes = [...new Set([1, ...teacher.sizes])].sort((a, b) => a - b);
  return sizes.flatMap((teacherSize) => {
    const [our, other] = [ours.teacher(teacherSize), its.teacher(teacherSize)];
    return our[0].logs.map(({ stalenessDays }, at): Compared => {
      const sumsOf = (outcomes: typeof our) => outcomes.map(({ whole }) => whole[at].days);
      const sums: Compared['sums'] = [sumsOf(our), sumsOf(other)];
      return { model: 'teacher', task: teacher.task, stalenessDays, teacherSize, sums };
    });
  });
}

function studentsOf(spec: ExperimentSpec, stream: ExampleStream, ours: Outcomes, its: Outcomes): Compared[] {
  const { alone, teachers } = planSeed(spec, stream);
  const titles = new Map(armsOf(spec.arms, spec.controls, spec.knobs).map(({ id, title }) => [id, title]));
  return [alone, ...teachers.flatMap(({ students }) => students)].flatMap(({ stalenessDays, size, runs }) =>
    runs.map(({ arm, vertical, task }): Compared => {
      const key = { arm: arm.id, vertical, task, stalenessDays, size };
      const sumsOf = (outcomes: Outcomes) => outcomes.student(key)!.map(({ days }) => days);
      const byFoundation = arm.teacher === 'foundation model' || arm.teacher === 'shuffled';
      return {
        model: titles.get(arm.id)!,
        vertical: stream.verticals[vertical],
        task,
        ...(stalenessDays !== undefined && { stalenessDays }),
        ...(byFoundation && { teacherSize: size }),
        sums: [sumsOf(ours), sumsOf(its)],
      };
    }),
  );
}
