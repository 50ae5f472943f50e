import { rmSync } from 'node:fs';
import type { ExampleStream } from '../streams/stream.ts';
import { type GivenTeacherJob, measureGivenTeacher } from './given-teacher.ts';
import { Outcomes } from './outcomes.ts';
import { planSeed, type StudentPlan, studentJob, type TeacherPlan, teacherJob } from './plan-jobs.ts';
import type { ExperimentSpec } from './spec.ts';
import { type StudentJob, type StudentOutcome, trainStudents } from './student-job.ts';
import { type TeacherJob, type TeacherOutcome, trainTeacher } from './teacher-job.ts';
import { ownTrainer, type Trainer } from './trainer.ts';

export type ExperimentJob = TeacherJob | GivenTeacherJob | StudentJob;
export type ExperimentOutcome = TeacherOutcome | StudentOutcome;

/** Does one job, in whatever thread. */
export async function doExperimentJob(
  job: ExperimentJob,
  trainer: Trainer = ownTrainer(),
): Promise<ExperimentOutcome> {
  switch (job.kind) {
    case 'teacher':
      return trainTeacher(job, trainer);
    case 'given teacher':
      return measureGivenTeacher(job);
    default:
      return trainStudents(job, trainer);
  }
}

/** Threads or processes that do jobs. */
export interface JobDoers {
  /** Jobs that they are asked for at a time. */
  readonly atOnce: number;
  do(job: ExperimentJob): Promise<ExperimentOutcome>;
  close(): Promise<void>;
}

export interface ExperimentRun {
  spec: ExperimentSpec;
  /** Checked, with its columns in shared memory where there are threads. */
  stream: ExampleStream;
  /** Folder that takes the logs of teachers. */
  folder: string;
  keepsLogs: boolean;
  /**
   * Has a job done, some time. The jobs of an earlier seed should come first: its logs take up the disk until they
   * are done.
   */
  ask(job: ExperimentJob): Promise<ExperimentOutcome>;
}

/** Number of jobs that an experiment asks for. */
export function countJobs(spec: ExperimentSpec, stream: ExampleStream): number {
  const { teachers } = planSeed(spec, stream);
  const students = teachers.reduce((sum, teacher) => sum + teacher.students.length, 0);
  return spec.seeds * (1 + teachers.length + students);
}

/** Trains all teachers and students of all seeds. */
export async function runExperiment(run: ExperimentRun): Promise<Outcomes> {
  const { spec, stream } = run;
  const plan = planSeed(spec, stream);
  const outcomes = new Outcomes();
  await Promise.all(
    Array.from({ length: spec.seeds }, async (_, seed) => {
      await Promise.all([
        ...plan.teachers.map((teacher) => teach(run, teacher, seed, outcomes)),
        train(run, plan.alone, seed, undefined, outcomes),
      ]);
    }),
  );
  return outcomes;
}

/** Trains a teacher, then its students by its logs, which are removed when they are done unless they were given. */
async function teach(run: ExperimentRun, plan: TeacherPlan, seed: number, outcomes: Outcomes): Promise<void> {
  const job = jobOf(run, plan, seed + 1);
  const outcome = (await run.ask(job)) as TeacherOutcome;
  if (plan.vertical === undefined) outcomes.addTeacher(seed, plan.size, outcome);
  await Promise.all(
    outcome.logs.map(async ({ stalenessDays, file }) => {
      const students = plan.students.filter((each) => each.stalenessDays === stalenessDays);
      await Promise.all(students.map((each) => train(run, each, seed, file, outcomes)));
      if (!run.keepsLogs && !plan.given) rmSync(file);
    }),
  );
}

function jobOf({ spec, stream, folder }: ExperimentRun, plan: TeacherPlan, seed: number): ExperimentJob {
  const { given: logs } = plan;
  if (!logs) return teacherJob(spec, stream, plan, seed, folder);
  const { metricsFromDay } = spec;
  return { kind: 'given teacher', stream, task: spec.teacher.task, logs, metricsFromDay, seed };
}

async function train(
  { spec, stream, ask }: ExperimentRun,
  plan: StudentPlan,
  seed: number,
  log: string | undefined,
  outcomes: Outcomes,
): Promise<void> {
  const outcome = await ask(studentJob(spec, stream, plan, seed + 1, log));
  const { stalenessDays, size } = plan;
  outcomes.addStudents(seed, { stalenessDays, size }, plan.runs, outcome as StudentOutcome);
}
