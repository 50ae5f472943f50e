import type { LearnerSpec } from '../learner/spec.ts';
import { type ExampleStream, verticalNamed } from '../streams/stream.ts';
import { type Arm, armsOf } from './arms.ts';
import { fieldsOf, servingSpecOf } from './serving-spec.ts';
import type { ExperimentSpec, GivenLog, ShapeSpec } from './spec.ts';
import type { StudentJob, StudentRun } from './student-job.ts';
import type { TeacherJob } from './teacher-job.ts';

/** A job for students, with what its outcome is about. */
export interface StudentPlan {
  stalenessDays: number | undefined;
  size: number;
  runs: StudentRun[];
}

/** A teacher to be trained, and the students that wait for its logs. */
export interface TeacherPlan {
  size: number;
  vertical: number | undefined;
  stalenessDays: readonly number[];
  lagDays: readonly number[];
  students: StudentPlan[];
  /** Of a teacher from elsewhere, which is not trained. */
  given?: readonly GivenLog[];
}

/** All that is trained for one seed. */
export interface SeedPlan {
  /** Without any log. */
  alone: StudentPlan;
  teachers: TeacherPlan[];
}

/** Arms of the curve of transfer by the teacher's size. */
const transferArms = ['one-head', 'ah', 'ah-gs', 'all'];

/** Positions of the verticals with every arm, and of those with base and auxiliary head alone. */
export function verticalsOf(
  spec: ExperimentSpec,
  stream: ExampleStream,
): { grid: number[]; others: number[] } {
  const grid = spec.gridVerticals.map((name) => verticalNamed(stream, name));
  const all = (spec.verticals ?? stream.verticals).map((name) => verticalNamed(stream, name));
  return { grid, others: all.filter((vertical) => !grid.includes(vertical)) };
}

/** What one seed takes; every seed takes the same. */
export function planSeed(spec: ExperimentSpec, stream: ExampleStream): SeedPlan {
  const arms = armsOf(spec.arms, spec.controls, spec.knobs);
  const { grid, others } = verticalsOf(spec, stream);
  const { tasks } = spec.student;
  const runsOf = (verticals: readonly number[], chosen: readonly Arm[], ofTasks = tasks): StudentRun[] =>
    verticals.flatMap((vertical) =>
      ofTasks.flatMap((task) => chosen.map((arm): StudentRun => ({ vertical, task, arm }))),
    );
  const withLog = arms.filter(({ teacher }) => teacher === 'foundation model' || teacher === 'shuffled');
  const withoutLog = arms.filter(({ teacher }) => teacher === 'none' || teacher === 'labels');
  const base = arms.filter(({ id }) => id === 'base');
  const ah = arms.filter(({ id }) => id === 'ah');
  const least = Math.min(...spec.stalenessDays);
  const taught = spec.stalenessDays.map((stalenessDays): StudentPlan => {
    const runs = runsOf(grid, withLog);
    if (stalenessDays === least) runs.push(...runsOf(others, ah));
    return { stalenessDays, size: 1, runs };
  });
  const foundation: TeacherPlan = {
    size: 1,
    vertical: undefined,
    stalenessDays: spec.stalenessDays,
    lagDays: spec.lagDays,
    ...(spec.teacher.logs && { given: spec.teacher.logs }),
    students: taught.filter(({ runs }) => runs.length > 0),
  };
  const ofOwnTask = tasks.filter((task) => task === spec.teacher.task);
  const onCurve = arms.filter(({ id }) => transferArms.includes(id));
  const otherSizes = spec.teacher.sizes
    .filter((size) => size !== 1)
    .map((size): TeacherPlan => {
      const runs = runsOf(grid, onCurve, ofOwnTask);
      const student = { stalenessDays: least, size, runs };
      const students = runs.length > 0 ? [student] : [];
      return { size, vertical: undefined, stalenessDays: [least], lagDays: [], students };
    });
  const vmSized = arms.filter(({ teacher }) => teacher === 'vm-sized');
  const ownTeachers = (vmSized.length > 0 ? grid : []).map((vertical): TeacherPlan => {
    const students = spec.stalenessDays.map((stalenessDays): StudentPlan => {
      return { stalenessDays, size: 1, runs: runsOf([vertical], vmSized) };
    });
    return { size: 1, vertical, stalenessDays: spec.stalenessDays, lagDays: [], students };
  });
  return {
    alone: {
      stalenessDays: undefined,
      size: 1,
      runs: [...runsOf(grid, withoutLog), ...runsOf(others, base)],
    },
    teachers: [foundation, ...otherSizes, ...ownTeachers],
  };
}

/** @param folder of the logs */
export function teacherJob(
  spec: ExperimentSpec,
  stream: ExampleStream,
  { size, vertical, stalenessDays, lagDays }: TeacherPlan,
  seed: number,
  folder: string,
): TeacherJob {
  // A teacher of one vertical's examples is of its student's size.
  const shape: ShapeSpec = vertical === undefined ? spec.teacher : spec.student;
  const learner: LearnerSpec = {
    serving: servingSpecOf(stream, shape, size, spec.maxTableRows),
    distillation: { kind: 'none' },
    batch: spec.batch,
    learningRate: vertical === undefined ? spec.teacher.learningRate : spec.learningRate,
    backboneRateScale: 1,
    seed,
  };
  const of = vertical === undefined ? `fm-x${size}` : `vm-${vertical}`;
  return {
    kind: 'teacher',
    stream,
    learner,
    fields: fieldsOf(stream, shape).map(({ name }) => name),
    task: spec.teacher.task,
    vertical,
    snapshotsPerDay: spec.teacher.snapshotsPerDay ?? 1,
    stalenessDays,
    lagDays,
    metricsFromDay: spec.metricsFromDay,
    folder,
    id: `${of}-seed${seed}`,
  };
}

/** @param log of the teacher; absent where no student has one */
export function studentJob(
  spec: ExperimentSpec,
  stream: ExampleStream,
  { runs }: StudentPlan,
  seed: number,
  log: string | undefined,
): StudentJob {
  return {
    kind: 'students',
    stream,
    serving: servingSpecOf(stream, spec.student, 1, spec.maxTableRows),
    fields: fieldsOf(stream, spec.student).map(({ name }) => name),
    batch: spec.batch,
    learningRate: spec.learningRate,
    seed,
    metricsFromDay: spec.metricsFromDay,
    log,
    runs,
    checksHeads: log === undefined,
  };
}
