import type {
  ExperimentCell,
  ExperimentModel,
  ExperimentResult,
  ExperimentTeacher,
  ExperimentTransfer,
} from '../../sim/training/experiment-result.ts';
import { calibration, normalizedEntropy } from '../../sim/training/quality/normalized-entropy.ts';
import { type DaySums, sumOfDays } from '../metrics/day-sums.ts';
import { type ExampleStream, secondsPerDay } from '../streams/stream.ts';
import { armsOf } from './arms.ts';
import { Claims } from './claims.ts';
import { calibrationHarm, Differences, gain } from './difference.ts';
import type { Outcomes, StudentFigures } from './outcomes.ts';
import { planSeed, type StudentPlan } from './plan-jobs.ts';
import { describeModel, servingSpecOf } from './serving-spec.ts';
import type { ExperimentSpec } from './spec.ts';
import type { StudentRun } from './student-job.ts';
import type { Measured } from './teacher-job.ts';

type Figures = Pick<
  ExperimentResult,
  'arms' | 'teachers' | 'cells' | 'freshness' | 'transfer' | 'claims' | 'serving' | 'student'
>;

/** Turns what the jobs found into the figures of a result: the same whatever thread found what first. */
export function summarise(spec: ExperimentSpec, stream: ExampleStream, outcomes: Outcomes): Figures {
  return new Summary(spec, stream, outcomes).figures();
}

class Summary {
  private readonly spec: ExperimentSpec;
  private readonly stream: ExampleStream;
  private readonly outcomes: Outcomes;
  private readonly days: number;
  private readonly differences: Differences;
  private readonly plans: StudentPlan[];
  private readonly sizes: number[];

  constructor(spec: ExperimentSpec, stream: ExampleStream, outcomes: Outcomes) {
    const { alone, teachers } = planSeed(spec, stream);
    this.spec = spec;
    this.stream = stream;
    this.outcomes = outcomes;
    this.days = outcomes.teacher(1)[0].whole[0].days.count.length;
    const { metricsFromDay: fromDay, level, bootstrap } = spec;
    this.differences = new Differences({ fromDay, days: this.days, level, bootstrap });
    this.plans = [alone, ...teachers.flatMap(({ students }) => students)];
    this.sizes = [...new Set([1, ...spec.teacher.sizes])].sort((a, b) => a - b);
  }

  figures(): Figures {
    const { spec, stream, outcomes, differences } = this;
    return {
      student: describeModel(stream, spec.student, servingSpecOf(stream, spec.student, 1, spec.maxTableRows)),
      arms: armsOf(spec.arms, spec.controls, spec.knobs).map(({ id, title, isControl, description }) => {
        return { id, title, isControl, description };
      }),
      teachers: this.teachers(),
      cells: this.plans.flatMap((plan) => plan.runs.map((run) => this.cell(plan, run))),
      freshness: this.freshness(),
      transfer: this.transfer(),
      claims: new Claims(spec, stream, outcomes, differences).judged(),
      serving: this.serving(),
    };
  }

  private cell({ size, stalenessDays }: StudentPlan, { arm, vertical, task }: StudentRun): ExperimentCell {
    const found = this.outcomes.student({ arm: arm.id, vertical, task, stalenessDays, size })!;
    const base = this.outcomes.student({ arm: 'base', vertical, task })!;
    const hasFoundation = arm.teacher === 'foundation model' || arm.teacher === 'shuffled';
    const share = (of: (figures: StudentFigures) => number) =>
      found.reduce((sum, figures) => sum + of(figures) / figures.trainedOn, 0) / found.length;
    return {
      arm: arm.id,
      vertical: this.stream.verticals[vertical],
      task,
      teacher: arm.teacher,
      ...((hasFoundation || arm.teacher === 'vm-sized') && { teacherTask: this.spec.teacher.task }),
      ...(arm.teacher === 'labels' && { teacherTask: task }),
      ...(hasFoundation && { teacherSize: size }),
      ...(stalenessDays !== undefined && { stalenessDays }),
      ...this.quality(found),
      ...(arm.id !== 'base' && {
        gain: this.differences.of(gain, daysOf(found), daysOf(base)),
        aucGain: this.differences.ofValues(aucOf(found), aucOf(base)),
        calibrationHarm: this.differences.of(calibrationHarm, daysOf(found), daysOf(base)),
      }),
      withoutTeacher: share(({ withoutTeacher }) => withoutTeacher),
      clippedLabels: share(({ clippedLabels }) => clippedLabels),
      series: this.series(daysOf(found)),
    };
  }

  private teachers(): ExperimentTeacher[] {
    const { stream, outcomes } = this;
    return this.sizes.flatMap((size) => {
      const model = this.teacherModel(size);
      const found = outcomes.teacher(size);
      return found[0].logs.map(({ stalenessDays }, at): ExperimentTeacher => {
        const log = outcomes.log(size, stalenessDays);
        const whole = found.map((each) => each.whole[at]);
        return {
          size,
          stalenessDays,
          ...(model && { model }),
          union: this.quality(whole),
          verticals: this.teacherOnVerticals(size, at),
          labelled: log?.labelled ?? 0,
          missing: log?.missing ?? stream.size,
          snapshots: log?.snapshotsUsed ?? 0,
          gaps: log?.gaps ?? 0,
          ...(log && log.labelled > 0 && { ageDays: inDays(log.ageS) }),
          series: this.series(daysOf(whole)),
        };
      });
    });
  }

  /** Nothing of a teacher from elsewhere. */
  private teacherModel(size: number): ExperimentModel | undefined {
    const { spec, stream } = this;
    if (spec.teacher.logs) return undefined;
    return describeModel(stream, spec.teacher, servingSpecOf(stream, spec.teacher, size, spec.maxTableRows));
  }

  /** Where the vertical has a student of the teacher's own task, and the log all examples that count. */
  private teacherOnVerticals(size: number, stalenessAt: number): ExperimentTeacher['verticals'] {
    const { stream, spec, outcomes } = this;
    return stream.verticals.flatMap((name, vertical) => {
      const base = outcomes.student({ arm: 'base', vertical, task: spec.teacher.task });
      if (!base) return [];
      const said = outcomes.teacher(size).map(({ verticals }) => verticals[stalenessAt][vertical]);
      if (!this.differences.areOfSameExamples(daysOf(said), daysOf(base))) return [];
      return [
        {
          vertical: name,
          ...this.quality(said),
          gain: this.differences.of(gain, daysOf(said), daysOf(base)),
        },
      ];
    });
  }

  private freshness(): ExperimentResult['freshness'] {
    const found = this.outcomes.teacher(1);
    const at = (position: number) => found.map(({ byLag }) => byLag[position]);
    const { lagDays } = this.spec;
    const least = lagDays.indexOf(Math.min(...lagDays));
    return lagDays.map((lag, position) => ({
      lagDays: lag,
      ne: this.differences.estimate(at(position).map((days) => normalizedEntropy(this.sums(days)))),
      ...(position !== least && {
        worsening: this.differences.of(
          (stale, fresh) => normalizedEntropy(stale) / normalizedEntropy(fresh) - 1,
          at(position),
          at(least),
        ),
      }),
    }));
  }

  private transfer(): ExperimentTransfer[] {
    const { spec, stream, outcomes } = this;
    const { task } = spec.teacher;
    const curve = this.plans.flatMap((plan) =>
      plan.runs
        .filter(({ arm, task: of }) => arm.teacher === 'foundation model' && !arm.isControl && of === task)
        .map((run) => ({ ...plan, ...run })),
    );
    return curve.flatMap(({ size, stalenessDays, arm, vertical }): ExperimentTransfer[] => {
      const model = this.teacherModel(size);
      const teacher = outcomes.teacher(size);
      const logAt = teacher[0].logs.findIndex((log) => log.stalenessDays === stalenessDays);
      const base = outcomes.student({ arm: 'base', vertical, task })!;
      const student = outcomes.student({ arm: arm.id, vertical, task, stalenessDays, size })!;
      const said = teacher.map(({ verticals }) => verticals[logAt][vertical]);
      if (!this.differences.areOfSameExamples(daysOf(said), daysOf(base))) return [];
      const teacherGain = this.differences.of(gain, daysOf(said), daysOf(base));
      const studentGain = this.differences.of(gain, daysOf(student), daysOf(base));
      const ratios = studentGain.perSeed.map((value, seed) => value / teacherGain.perSeed[seed]);
      const transferred: ExperimentTransfer = {
        size,
        ...(model && { parameters: model.parameters, flopsPerExample: model.flopsPerExample }),
        arm: arm.id,
        vertical: stream.verticals[vertical],
        task,
        stalenessDays: stalenessDays!,
        teacherGain,
        studentGain,
        ...(teacherGain.side === 'above' && { transferRatio: this.differences.estimate(ratios) }),
      };
      return [transferred];
    });
  }

  /** @throws Error where an exported model is not of the size and cost of all others */
  private serving(): ExperimentResult['serving'] {
    const all = this.plans.flatMap(({ runs, size, stalenessDays }) =>
      runs.flatMap(
        ({ arm, vertical, task }) =>
          this.outcomes.student({ arm: arm.id, vertical, task, stalenessDays, size })!,
      ),
    );
    const [{ exported: first }] = all;
    const others = all.filter(
      ({ exported: { parameters, flopsPerExample } }) =>
        parameters !== first.parameters || flopsPerExample !== first.flopsPerExample,
    );
    if (others.length > 0)
      throw new Error(`${others.length} exported models differ in parameters or FLOPs from the first`);
    return {
      parameters: first.parameters,
      flopsPerExample: first.flopsPerExample,
      modelsExported: all.length,
      predictionsCompared: all.reduce((sum, { exported }) => sum + exported.compared, 0),
      withHeadsCompared: all.reduce((sum, { withHeadsCompared }) => sum + withHeadsCompared, 0),
    };
  }

  private quality(bySeed: readonly Measured[]) {
    const sums = bySeed.map(({ days }) => this.sums(days));
    return {
      ne: this.differences.estimate(sums.map(normalizedEntropy)),
      calibration: this.differences.estimate(sums.map(calibration)),
      auc: this.differences.estimate(aucOf(bySeed)),
    };
  }

  private sums(days: DaySums) {
    return sumOfDays(days, this.spec.metricsFromDay, this.days);
  }

  /** Mean NE over seeds of each period; the last may be shorter. NaN where labels of a period are all alike. */
  private series(bySeed: readonly DaySums[]): (number | null)[] {
    const { metricsFromDay, periodDays } = this.spec;
    const periods = Math.ceil((this.days - metricsFromDay) / periodDays);
    return Array.from({ length: periods }, (_, period) => {
      const from = metricsFromDay + period * periodDays;
      const to = Math.min(this.days, from + periodDays);
      const parts = bySeed.map((days) => sumOfDays(days, from, to));
      if (parts[0].positives === 0 || parts[0].positives === parts[0].count) return null;
      return parts.reduce((sum, part) => sum + normalizedEntropy(part), 0) / parts.length;
    });
  }
}

function inDays({ least, median, most }: { least: number; median: number; most: number }) {
  return { least: least / secondsPerDay, median: median / secondsPerDay, most: most / secondsPerDay };
}

function daysOf(bySeed: readonly Measured[]): DaySums[] {
  return bySeed.map(({ days }) => days);
}

function aucOf(bySeed: readonly Measured[]): number[] {
  return bySeed.map(({ auc }) => auc);
}
