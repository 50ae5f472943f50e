import { InputError } from '../../foundation/problem.ts';
import type { DefaultUsed } from '../deployment.ts';
import type { DistillationArm, Horizon } from './deployment.ts';
import type { DistillationSettings } from './schema.ts';

const dayS = 86_400;
const defaultWarmUpS = 2 * dayS;
const defaultMeasuredS = 7 * dayS;

/** The longest windows and snapshot intervals that a measured time should hold, by default. */
const intervals = 4;

/** Most steps of a replication: some columns of as many numbers are kept. */
const mostSteps = 500_000;

/** @throws InputError, not located, for a horizon of too many steps */
export function checkSteps({ warmUpS, measuredS, stepS }: Horizon): void {
  const allS = warmUpS + measuredS;
  if (allS / stepS <= mostSteps) return;
  const least = Math.ceil(allS / mostSteps);
  throw new InputError(
    `${Math.round(allS / dayS)} days in steps of ${stepS} s are more than the ${mostSteps} that are simulated: ` +
      `state horizon.step: ${least} s or longer, or a shorter time`,
  );
}

/** What is simulated of every arm, the same of all, so that they share their random numbers. */
export function horizonOf(
  { horizon: { warm_up, measured, step } }: Pick<DistillationSettings, 'horizon'>,
  arms: readonly DistillationArm[],
): { horizon: Horizon; defaults: DefaultUsed[] } {
  const longest = Math.max(...arms.map(longestTime));
  const warmUpS = warm_up ?? Math.max(defaultWarmUpS, longest);
  const measuredS = measured ?? Math.max(defaultMeasuredS, intervals * longest);
  const inDays = (seconds: number) => `${Number((seconds / dayS).toPrecision(4))} d`;
  return {
    horizon: { warmUpS, measuredS, stepS: step },
    defaults: [
      ...(warm_up === undefined ? [{ path: 'horizon.warm_up', value: inDays(warmUpS) }] : []),
      ...(measured === undefined ? [{ path: 'horizon.measured', value: inDays(measuredS) }] : []),
    ],
  };
}

/** The longest window of a task that is labelled, the wait of the teacher's training, or the time between snapshots. */
function longestTime({ teacher, verticals }: DistillationArm): number {
  return Math.max(teacher.snapshots.every, teacher.train_after ?? 0, longestWindow(verticals));
}

/** The longest window of the tasks that the teacher labels (s). */
export function longestWindow(verticals: DistillationArm['verticals']): number {
  const windows = verticals.flatMap(({ tasks }) =>
    tasks.filter(({ distilled }) => distilled).map(({ window }) => window),
  );
  return Math.max(...windows);
}
