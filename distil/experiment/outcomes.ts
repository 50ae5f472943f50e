import type { TeacherLogReport } from '../teacher-log/teacher-labels.ts';
import type { StudentOutcome, StudentRun } from './student-job.ts';
import type { TeacherOutcome } from './teacher-job.ts';

/** Names one student of every seed. */
export interface StudentKey {
  arm: string;
  vertical: number;
  task: string;
  /** Absent without a log. */
  stalenessDays?: number | undefined;
  /** Size of the foundation model; 1 unless said. */
  size?: number | undefined;
}

export type StudentFigures = StudentOutcome['runs'][number];

/** What the jobs of an experiment found, by what they were about; seeds in their order. */
export class Outcomes {
  private readonly students = new Map<string, StudentFigures[]>();
  private readonly teachers = new Map<number, TeacherOutcome[]>();
  private readonly logs = new Map<string, TeacherLogReport>();

  addStudents(
    seed: number,
    place: Pick<StudentKey, 'stalenessDays' | 'size'>,
    runs: readonly StudentRun[],
    { runs: figures, log }: StudentOutcome,
  ): void {
    for (const [at, { arm, vertical, task }] of runs.entries()) {
      const name = nameOf({ arm: arm.id, vertical, task, ...place });
      const bySeed = this.students.get(name) ?? [];
      bySeed[seed] = figures[at];
      this.students.set(name, bySeed);
    }
    const teachesAll = runs.some(({ arm }) => arm.teacher === 'foundation model');
    if (log && teachesAll) this.logs.set(`${place.size ?? 1}|${place.stalenessDays}`, log);
  }

  addTeacher(seed: number, size: number, outcome: TeacherOutcome): void {
    const bySeed = this.teachers.get(size) ?? [];
    bySeed[seed] = outcome;
    this.teachers.set(size, bySeed);
  }

  student(key: StudentKey): StudentFigures[] | undefined {
    return this.students.get(nameOf(key));
  }

  teacher(size: number): TeacherOutcome[] {
    return this.teachers.get(size)!;
  }

  /** What a log of the foundation model covers: the same for every seed. */
  log(size: number, stalenessDays: number): TeacherLogReport | undefined {
    return this.logs.get(`${size}|${stalenessDays}`);
  }
}

function nameOf({ arm, vertical, task, stalenessDays, size = 1 }: StudentKey): string {
  return [arm, vertical, task, stalenessDays ?? '', size].join('|');
}
