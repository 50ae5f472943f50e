import { InputError } from '../../../../foundation/problem.ts';
import type { ExperimentCell, ExperimentResult, ExperimentTeacher } from '../../experiment-result.ts';
import { quadruplings } from '../scaling-law.ts';
import { type AtSize, type AtStaleness, type Curves, type FittedArm, fittedArms } from './curves.ts';
import { type Measured, meanOf, measuredOf } from './measured.ts';

/** Fewest seeds whose spread says something, and fewest lags on which laws of up to four parameters can be compared. */
export const fewestSeeds = 3;
export const fewestLags = 6;

const secondsPerDay = 86_400;

/**
 * What of an experiment's result constants are fitted to.
 * @throws InputError where it has too few seeds or lags to be fitted to
 */
export function curvesOf(result: ExperimentResult): Curves<Measured> {
  checkEnough(result);
  return new CurveReader(result).curves();
}

function checkEnough({ protocol, freshness, source, teachers, teacherTask }: ExperimentResult): void {
  const seeds = protocol.seeds.length;
  const knowsTeacher =
    source.tasks.some(({ task }) => task === teacherTask) && teachers.some(({ size }) => size === 1);
  const isFromElsewhere = teachers.some(({ model }) => model === undefined);
  const problems = [
    ...(isFromElsewhere ? ['has a teacher from elsewhere, whose size is not known'] : []),
    ...(knowsTeacher ? [] : ['says nothing of its teacher of size 1, or of that teacher’s task']),
    ...(seeds < fewestSeeds
      ? [
          `has ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}; ranges are taken from the spread of at least ${fewestSeeds}`,
        ]
      : []),
    ...(freshness.length < fewestLags
      ? [
          `has the teacher's NE at ${freshness.length} lags; a law of freshness is fitted to at least ${fewestLags} (lag_days of the experiment)`,
        ]
      : []),
  ];
  if (problems.length > 0) throw new InputError(problems.map((message) => ({ message })));
}

class CurveReader {
  private readonly result: ExperimentResult;
  private readonly level: number;
  private readonly stalenesses: number[];

  constructor(result: ExperimentResult) {
    this.result = result;
    this.level = result.protocol.level;
    this.stalenesses = [...result.protocol.stalenessDays].sort((a, b) => a - b);
  }

  curves(): Curves<Measured> {
    const { freshness, source, teacherTask, protocol } = this.result;
    const task = source.tasks.find((each) => each.task === teacherTask)!;
    const lags = [...freshness].sort((a, b) => a.lagDays - b.lagDays);
    const { crossed, crossedCells } = this.crossed();
    return {
      lags: lags.map(({ lagDays, worsening }) => ({
        days: lagDays,
        worsening: worsening ? measuredOf(worsening, this.level) : { mean: 0, sd: 0 },
      })),
      labelDelayDays: task.medianDelayS / secondsPerDay,
      intervalDays: 1 / (protocol.snapshotsPerDay ?? 1),
      stalenesses: this.stalenesses.flatMap((days) => this.atStaleness(days)),
      sizes: this.sizes(),
      quadruplings: this.quadruplingsOf(1),
      crossed,
      crossedCells,
      baseRate: task.positiveRate,
      lossWeight: protocol.distillation.weight,
    };
  }

  /** Nothing where the teacher was not measured on the students' examples. */
  private atStaleness(days: number): AtStaleness<Measured>[] {
    const teacher = this.teacherOnGrid(1, days);
    if (!teacher) return [];
    const students = fittedArms.flatMap((arm) => {
      const gain = this.studentGain(arm, 1, days);
      return gain ? [[arm, gain] as const] : [];
    });
    return [{ days, ...teacher, students: Object.fromEntries(students) }];
  }

  private sizes(): AtSize<Measured>[] {
    const sizes = [...new Set(this.result.teachers.map(({ size }) => size))].sort((a, b) => a - b);
    return sizes.flatMap((size) => {
      const teacher = this.teacherOnGrid(size, this.stalenesses[0]);
      const oneHeadGain = this.studentGain('one-head', size, this.stalenesses[0]);
      return teacher && oneHeadGain
        ? [{ quadruplings: this.quadruplingsOf(size), ...teacher, oneHeadGain }]
        : [];
    });
  }

  private quadruplingsOf(size: number): number {
    const { teachers, student } = this.result;
    const teacher = teachers.find((each) => each.size === size)!;
    return quadruplings(student.flopsPerExample, teacher.model!.flopsPerExample);
  }

  private teacherOnGrid(
    size: number,
    days: number,
  ): Pick<AtStaleness<Measured>, 'teacherGain' | 'teacherCalibration'> | undefined {
    const { teachers, gridVerticals } = this.result;
    const teacher = teachers.find((each) => each.size === size && each.stalenessDays === days);
    const on: ExperimentTeacher['verticals'] =
      teacher?.verticals.filter(({ vertical }) => gridVerticals.includes(vertical)) ?? [];
    if (on.length === 0) return undefined;
    return {
      teacherGain: meanOf(on.map(({ gain }) => measuredOf(gain, this.level))),
      teacherCalibration: on.reduce((sum, { calibration }) => sum + calibration.mean, 0) / on.length,
    };
  }

  /** Of students of the teacher's own task, the grid's verticals averaged; undefined where one was not run. */
  private studentGain(arm: FittedArm, size: number, days: number): Measured | undefined {
    const { gridVerticals, teacherTask } = this.result;
    const gains = gridVerticals.flatMap((vertical) => {
      const gain = this.cell(arm, vertical, teacherTask, days, size)?.gain;
      return gain ? [measuredOf(gain, this.level)] : [];
    });
    return gains.length === gridVerticals.length ? meanOf(gains) : undefined;
  }

  /** Every vertical of the grid, task other than the teacher's, and staleness; arms that lack one are left out. */
  private crossed(): Pick<Curves<Measured>, 'crossed' | 'crossedCells'> {
    const { tasks, teacherTask, gridVerticals } = this.result;
    const places = tasks
      .filter((task) => task !== teacherTask)
      .flatMap((task) =>
        gridVerticals.flatMap((vertical) => this.stalenesses.map((days) => ({ task, vertical, days }))),
      );
    if (places.length === 0) return { crossed: {}, crossedCells: 0 };
    const byArm = fittedArms.flatMap((arm) => {
      const shifts = places.flatMap(({ task, vertical, days }) => {
        const base = this.result.cells.find(
          (cell) => cell.arm === 'base' && cell.vertical === vertical && cell.task === task,
        );
        const cell = this.cell(arm, vertical, task, days, 1);
        return base && cell?.calibrationHarm ? [this.shift(cell, base)] : [];
      });
      return shifts.length === places.length ? [[arm, meanOf(shifts)] as const] : [];
    });
    return { crossed: Object.fromEntries(byArm), crossedCells: places.length };
  }

  /** Signed, unlike the harm to calibration, which is as sure. */
  private shift(cell: ExperimentCell, base: ExperimentCell): Measured {
    const mean = Math.log(cell.calibration.mean / base.calibration.mean);
    return { mean, sd: measuredOf(cell.calibrationHarm!, this.level).sd };
  }

  private cell(arm: FittedArm, vertical: string, task: string, days: number, size: number) {
    return this.result.cells.find(
      (cell) =>
        cell.arm === arm &&
        cell.vertical === vertical &&
        cell.task === task &&
        cell.stalenessDays === days &&
        cell.teacherSize === size,
    );
  }
}
