import type { ArmPlan } from '../serving/plan.ts';
import type { Attribution } from './comparison-result.ts';
import { type Ends, planMixture } from './mixture.ts';

/** Fields that are changed together. */
export type Factor = Attribution['factors'][number];

/** Which mixtures of two arms are simulated to tell what explains their difference. */
export interface Design {
  method: Attribution['method'];
  factors: Factor[];
  /** By the set of factors that are B's, as a bit mask; A and B themselves are known. */
  mixtures: Map<number, ArmPlan>;
}

/** Most fields that are changed one by one; what is beyond is one factor. */
export const maxFactors = 8;

/** Most factors of which all mixtures are simulated. */
const maxShapley = 4;

/** The set of all factors: B. */
export function allOf(factors: readonly unknown[]): number {
  return 2 ** factors.length - 1;
}

/** Sets of factors, neither none nor all, whose mixtures a method needs. */
function maskedBy(method: Design['method'], count: number): number[] {
  const all = 2 ** count - 1;
  if (method === 'single') return [];
  if (method === 'shapley') return Array.from({ length: all - 1 }, (_, index) => index + 1);
  return Array.from({ length: count }, (_, factor) => [2 ** factor, all - 2 ** factor]).flat();
}

function methodFor(count: number): Design['method'] {
  return count === 1 ? 'single' : count <= maxShapley ? 'shapley' : 'two-orders';
}

/**
 * Chooses the mixtures and plans them. Fields that cannot be changed without each other become one factor.
 * @param ends two arms that differ in at least one field
 */
export async function designOf(ends: Ends): Promise<Design> {
  const planned = new Map<string, Awaited<ReturnType<typeof planMixture>>>();
  const plan = async (paths: readonly string[]) => {
    const key = JSON.stringify([...paths].sort());
    const known = planned.get(key) ?? (await planMixture(ends, new Set(paths)));
    planned.set(key, known);
    return known;
  };
  let factors = firstFactors(ends.paths);
  for (;;) {
    const method = methodFor(factors.length);
    const mixtures = new Map<number, ArmPlan>();
    let refusal: { mask: number; reason: string } | undefined;
    for (const mask of maskedBy(method, factors.length)) {
      const answer = await plan(fieldsIn(factors, mask));
      if ('plan' in answer) mixtures.set(mask, answer.plan);
      else refusal ??= { mask, reason: answer.refused };
    }
    if (!refusal) return { method, factors, mixtures };
    factors = merged(factors, refusal.mask, refusal.reason);
  }
}

/** The fields of the factors in a set. */
export function fieldsIn(factors: readonly Factor[], mask: number): string[] {
  return factors.flatMap(({ fields }, index) => (mask & (2 ** index) ? fields : []));
}

function firstFactors(paths: readonly string[]): Factor[] {
  if (paths.length <= maxFactors) return paths.map((path) => ({ fields: [path] }));
  const alone = paths.slice(0, maxFactors - 1).map((path) => ({ fields: [path] }));
  const rest = paths.slice(maxFactors - 1);
  return [...alone, { fields: [...rest], reason: `only ${maxFactors - 1} are changed one by one` }];
}

/**
 * Factors of which one in the set stands for fields that cannot be B's while others are still A's: it is joined with
 * one of those, the nearest in the scenario, as a strategy with its number of shards.
 */
function merged(factors: readonly Factor[], mask: number, reason: string): Factor[] {
  const isIn = (index: number) => (mask & (2 ** index)) !== 0;
  const inside = factors.findIndex((_, index) => isIn(index));
  const sectionOf = ({ fields }: Factor) => fields[0].split('.')[0];
  const outside = factors.map((_, index) => index).filter((index) => !isIn(index));
  const pairs = factors.flatMap((_, x) => (isIn(x) ? outside.map((y) => [x, y] as const) : []));
  const [one, other] = pairs.find(([x, y]) => sectionOf(factors[x]) === sectionOf(factors[y])) ?? [
    inside,
    outside[0],
  ];
  const fields = [...factors[one].fields, ...factors[other].fields];
  const joined: Factor = { fields, reason: `one without the other cannot be simulated: ${reason}` };
  return factors.flatMap((factor, index) =>
    index === Math.min(one, other) ? [joined] : index === Math.max(one, other) ? [] : [factor],
  );
}
