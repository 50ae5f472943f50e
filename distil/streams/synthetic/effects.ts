import type { RandomStream } from '../../../foundation/random.ts';

/**
 * Effects that drift: each is a standard normal on every day, and correlated by exp(−g / driftDays) with itself g days
 * later (a first-order autoregression, stationary from the first day on).
 * @param driftDays null for effects that stay
 * @returns one array a day, of `count` effects; the same array every day where they stay
 */
export function driftingEffects(
  random: RandomStream,
  days: number,
  count: number,
  driftDays: number | null,
): Float32Array[] {
  const first = new Float32Array(count);
  for (let i = 0; i < count; i++) first[i] = random.normal();
  if (driftDays === null) return Array.from({ length: days }, () => first);
  const kept = Math.exp(-1 / driftDays);
  const renewed = Math.sqrt(1 - kept ** 2);
  const effects = [first];
  while (effects.length < days) {
    const before = effects[effects.length - 1];
    const today = new Float32Array(count);
    for (let i = 0; i < count; i++) today[i] = kept * before[i] + renewed * random.normal();
    effects.push(today);
  }
  return effects;
}

/** Where the effects of each field stand in a day's array, and those of the interaction after them. */
export interface EffectLayout {
  offsets: number[];
  /** Start of the first two fields' factors, whose product is their interaction. */
  factors: [number, number];
  count: number;
}

export function effectLayout(cardinalities: readonly number[]): EffectLayout {
  const offsets: number[] = [];
  let count = 0;
  for (const cardinality of cardinalities) {
    offsets.push(count);
    count += cardinality;
  }
  const second = count + cardinalities[0];
  return { offsets, factors: [count, second], count: second + (cardinalities[1] ?? 0) };
}

/** What a row of ids adds up to: of mean zero and variance one over worlds. @param interaction share of the variance */
export function scoreOf(
  effects: Float32Array,
  { offsets, factors }: EffectLayout,
  ids: readonly Int32Array[],
  row: number,
  interaction: number,
): number {
  let sum = 0;
  for (let field = 0; field < offsets.length; field++) sum += effects[offsets[field] + ids[field][row]];
  const additive = sum / Math.sqrt(offsets.length);
  if (interaction === 0) return additive;
  const product = effects[factors[0] + ids[0][row]] * effects[factors[1] + ids[1][row]];
  return Math.sqrt(1 - interaction) * additive + Math.sqrt(interaction) * product;
}
