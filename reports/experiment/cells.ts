import type { ExperimentCell, ExperimentResult } from '../../sim/training/experiment-result.ts';

export type ExperimentArm = ExperimentResult['arms'][number];

/** A student that was trained with a teacher or against one, and so has a gain over the base arm. */
export type GainedCell = ExperimentCell & { gain: NonNullable<ExperimentCell['gain']> };

/** Students of one vertical and task, with every arm of the grid. */
export interface Panel {
  vertical: string;
  task: string;
  /** `delay>15 in airports-0, the teacher’s own task`. */
  title: string;
  cells: ExperimentCell[];
}

/** Verticals with every arm, by task: the teacher's own first. */
export function panelsOf(result: ExperimentResult): Panel[] {
  const { gridVerticals } = result;
  return tasksOf(result).flatMap((task) =>
    gridVerticals.map((vertical) => ({
      vertical,
      task,
      title: `${task} in ${vertical}, ${kinship(result, task)}`,
      cells: usualCells(result).filter((cell) => cell.task === task && cell.vertical === vertical),
    })),
  );
}

/** Tasks of the students, the teacher's own first. */
export function tasksOf({ tasks, teacherTask }: ExperimentResult): string[] {
  return [...tasks].sort((a, b) => Number(b === teacherTask) - Number(a === teacherTask));
}

/** Whether the teacher was trained on the task of its students. */
export function kinship({ teacherTask }: ExperimentResult, task: string): string {
  return task === teacherTask ? 'the teacher’s own task' : `the teacher’s being ${teacherTask}`;
}

/** Students of the teacher of size 1, or of none. */
export function usualCells({ cells }: ExperimentResult): ExperimentCell[] {
  return cells.filter(({ teacherSize = 1 }) => teacherSize === 1);
}

export function isGained(cell: ExperimentCell): cell is GainedCell {
  return cell.gain !== undefined;
}

/** Students of the arms themselves, controls and base left out. */
export function armCells(result: ExperimentResult): GainedCell[] {
  const arms = new Set(result.arms.filter(({ isControl }) => !isControl).map(({ id }) => id));
  return usualCells(result)
    .filter(isGained)
    .filter(({ arm }) => arms.has(arm));
}

/** Arms that have a gain: all but the base. */
export function gainingArms({ arms }: ExperimentResult): ExperimentArm[] {
  return arms.filter(({ id }) => id !== 'base');
}

export function titleOf({ arms }: ExperimentResult, id: string): string {
  return arms.find((arm) => arm.id === id)?.title ?? id;
}

/** The student of an arm at an age of its teacher, or the one that no teacher's age touches. */
export function cellOf(
  cells: readonly ExperimentCell[],
  arm: string,
  stalenessDays: number | undefined,
): ExperimentCell | undefined {
  return cells.find((cell) => cell.arm === arm && cell.stalenessDays === stalenessDays);
}

/** Middle of each period of a series, in days of the stream. */
export function periodMiddles({ protocol, source }: ExperimentResult, periods: number): number[] {
  const { metricsFromDay, periodDays } = protocol;
  return Array.from({ length: periods }, (_, period) => {
    const from = metricsFromDay + period * periodDays;
    return (from + Math.min(source.days, from + periodDays)) / 2;
  });
}
