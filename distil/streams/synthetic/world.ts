import { RandomStream } from '../../../foundation/random.ts';
import { driftingEffects, type EffectLayout, effectLayout, scoreOf } from './effects.ts';
import type { SyntheticOptions } from './options.ts';

/** Streams of random numbers: the same seed gives the same traffic whatever the effects are, and the reverse. */
export const purposes = { traffic: 1, effects: 2, verticals: 3, labels: 4, teacher: 5 } as const;

/** What decides labels: effects by task and day, offsets by task and vertical. */
export interface World {
  options: SyntheticOptions;
  layout: EffectLayout;
  /** effects[task][day] */
  effects: Float32Array[][];
  /** What a vertical adds to the logit of a task: offsets[task][vertical]. */
  offsets: Float64Array[];
}

export function worldOf(options: SyntheticOptions): World {
  const { seed, days, cardinalities, drift_days, tasks, verticals, vertical_bias } = options;
  const layout = effectLayout(cardinalities);
  const effects = tasks.map((_, task) =>
    driftingEffects(new RandomStream(seed, purposes.effects, task), days, layout.count, drift_days),
  );
  const offsets = tasks.map((_, task) => {
    const random = new RandomStream(seed, purposes.verticals, task);
    return Float64Array.from({ length: verticals }, () => vertical_bias * random.normal());
  });
  return { options, layout, effects, offsets };
}

/** How the world is seen: by the effects of which day, and with what of the verticals. */
export interface View {
  task: number;
  /** Day whose effects count, from 0. */
  day: number;
  /** Whether the offset of the example's vertical counts; without it, verticals are biased by what they differ. */
  seesVerticals: boolean;
  /** Added to the logit. */
  logitShift: number;
}

/** Probability of a positive label, its noise included, as a view has it. @param home vertical of the example */
export function probabilityOf(
  { options, layout, effects, offsets }: World,
  { task, day, seesVerticals, logitShift }: View,
  ids: readonly Int32Array[],
  row: number,
  home: number,
): number {
  const { base_rate, label_noise, alike } = options.tasks[task];
  const { interaction, signal } = options;
  const score = (of: number) => scoreOf(effects[of][day], layout, ids, row, interaction);
  const own = alike === 1 ? score(0) : alike * score(0) + Math.sqrt(1 - alike ** 2) * score(task);
  const offset = seesVerticals ? offsets[task][home] : 0;
  const logit = Math.log(base_rate / (1 - base_rate)) + signal * own + offset + logitShift;
  return label_noise + (1 - 2 * label_noise) / (1 + Math.exp(-logit));
}
