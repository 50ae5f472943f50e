import type { TaskFeed } from '../../sim/training/distillation/feed-result.ts';
import type { SystemName, SystemResult } from '../../sim/training/distillation/system-result.ts';
import type {
  DistillationAnswer,
  DistillationArmResult,
  DistillationResult,
  DistilledVertical,
} from '../../sim/training/distillation-result.ts';
import { countingGain } from './figures.ts';

/** An arm that fits, and was simulated. */
export type AnsweredArm = DistillationArmResult & { answer: DistillationAnswer };

export function answeredArms({ arms }: DistillationResult): AnsweredArm[] {
  return arms.filter((arm): arm is AnsweredArm => arm.answer !== undefined);
}

/** Arms with a steady state, or all that were simulated where none has one. */
export function soundArms(result: DistillationResult): AnsweredArm[] {
  const answered = answeredArms(result);
  const sound = answered.filter(({ verdict }) => verdict.state !== 'SATURATED');
  return sound.length > 0 ? sound : answered;
}

/** One way to train the vertical models of an arm. */
export function systemOf({ answer }: AnsweredArm, name: SystemName): SystemResult {
  return answer.systems.find(({ system }) => system === name)!;
}

/** What the scenario asks about: the shared teacher. */
export function sharedOf(arm: AnsweredArm): SystemResult {
  return systemOf(arm, 'shared-teacher');
}

/** Words for the ways to train, as people say them. */
export const systemTitles: Record<SystemName, string> = {
  'no-teacher': 'no teacher',
  'co-distillation': 'co-distillation',
  'own-teachers': 'own teachers',
  'shared-teacher': 'shared teacher',
};

/** The arm of most gain. */
export function bestArm(result: DistillationResult): AnsweredArm | undefined {
  return soundArms(result).reduce<AnsweredArm | undefined>(
    (best, arm) =>
      best === undefined || sharedOf(arm).meanGain.value > sharedOf(best).meanGain.value ? arm : best,
    undefined,
  );
}

/** The arm that pays least for each 0.01 % of NE; none where nothing is gained. */
export function cheapestGain(result: DistillationResult): AnsweredArm | undefined {
  const priceOf = (arm: AnsweredArm) => sharedOf(arm).usdPerDayPerStep?.value ?? Number.POSITIVE_INFINITY;
  const [first, ...others] = soundArms(result).filter((arm) => Number.isFinite(priceOf(arm)));
  return others.reduce<AnsweredArm | undefined>(
    (best, arm) => (priceOf(arm) < priceOf(best!) ? arm : best),
    first,
  );
}

/** Arms that a text tells in every detail: the baseline, and that of most gain. */
export function detailedArms(result: DistillationResult): AnsweredArm[] {
  const answered = answeredArms(result);
  const names = new Set([result.scenario.baseline, bestArm(result)?.name]);
  const chosen = answered.filter(({ name }) => names.has(name));
  return chosen.length > 0 ? chosen : answered.slice(0, 1);
}

/** What becomes of the labels of one task of one vertical. */
export interface NamedFeed {
  vertical: DistilledVertical;
  feed: TaskFeed;
}

/** Tasks that the teacher labels, in the order of the verticals. */
export function feedsOf({ answer }: AnsweredArm): NamedFeed[] {
  return answer.pipeline.figures.verticals.flatMap(({ name, tasks }) => {
    const vertical = answer.verticals.find((one) => one.name === name)!;
    return tasks.map((feed) => ({ vertical, feed }));
  });
}

/** The task whose examples meet the oldest teacher: by the p99 of the gap; none where no label arrives. */
export function stalest(arm: AnsweredArm): NamedFeed | undefined {
  return mostOf(feedsOf(arm), ({ feed }) => feed.exampleGapS?.p99.mean);
}

/** The task that misses most of its labels. */
export function missingMost(arm: AnsweredArm): NamedFeed | undefined {
  return mostOf(feedsOf(arm), ({ feed }) => feed.missShare.mean);
}

function mostOf<Item>(items: readonly Item[], of: (item: Item) => number | undefined): Item | undefined {
  return items.reduce<Item | undefined>((most, item) => {
    const value = of(item);
    return value === undefined || (most !== undefined && of(most)! >= value) ? most : item;
  }, undefined);
}

/** `click of feed`. */
export function feedName({ vertical, feed }: NamedFeed): string {
  return `${feed.name} of ${vertical.name}`;
}

/** Whether the mean gain of an arm counts: its range above, across or below 0.02 % of NE. */
export function countsOf({ low, high }: { low: number; high: number }): 'yes' | 'uncertain' | 'no' {
  if (low >= countingGain) return 'yes';
  return high >= countingGain ? 'uncertain' : 'no';
}

/** Figures of a vertical model on the tasks that the teacher labels. */
export function labelledTasks({ tasks }: DistilledVertical) {
  return tasks.flatMap((task) => (task.quality ? [{ ...task, quality: task.quality }] : []));
}
