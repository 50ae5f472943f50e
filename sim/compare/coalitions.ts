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

type Refusal = { refused: string };
type Plan = (paths: readonly string[]) => ReturnType<typeof planMixture>;

/**
 * Chooses the mixtures and plans them. Fields that cannot be changed without each other become one factor.
 * @param ends two arms that differ in at least one field
 */
export async function designOf(ends: Ends): Promise<Design> {
  const planned = new Map<string, Awaited<ReturnType<typeof planMixture>>>();
  const plan: Plan = async (paths) => {
    const key = JSON.stringify([...paths].sort());
    const known = planned.get(key) ?? (await planMixture(ends, new Set(paths)));
    planned.set(key, known);
    return known;
  };
  let factors = bounded(await bundled(ends.paths, plan));
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

/** One factor a field, but one for all fields of a section (or of all) that cannot be changed first, or last. */
async function bundled(paths: readonly string[], plan: Plan): Promise<Factor[]> {
  const refusal = async (fields: readonly string[]): Promise<Refusal | undefined> => {
    if (fields.length === 0 || fields.length === paths.length) return undefined;
    const answers = [await plan(fields), await plan(paths.filter((path) => !fields.includes(path)))];
    return answers.find((answer): answer is Refusal => 'refused' in answer);
  };
  const refused = new Map<string, string>();
  for (const path of paths) {
    const answer = await refusal([path]);
    if (answer) refused.set(path, answer.refused);
  }
  const bound = paths.filter((path) => refused.has(path));
  const sections = [...new Set(bound.map(sectionOf))].map((section) =>
    bound.filter((path) => sectionOf(path) === section),
  );
  let groups = sections;
  for (const group of sections) {
    if (await refusal(group)) groups = [bound];
  }
  const joined = groups.map(
    (fields): Factor =>
      fields.length === 1 ? { fields } : { fields, reason: `${inseparable}: ${refused.get(fields[0])}` },
  );
  return paths.flatMap((path) => {
    const group = joined.find(({ fields }) => fields.includes(path));
    return group === undefined ? [{ fields: [path] }] : group.fields[0] === path ? [group] : [];
  });
}

const inseparable = 'one without the other cannot be simulated';

function sectionOf(path: string): string {
  return path.split('.')[0];
}

/** At most as many factors as are simulated: the last ones become one. */
function bounded(factors: Factor[]): Factor[] {
  if (factors.length <= maxFactors) return factors;
  const rest = factors.slice(maxFactors - 1).flatMap(({ fields }) => fields);
  return [
    ...factors.slice(0, maxFactors - 1),
    { fields: rest, reason: `only ${maxFactors - 1} changes are simulated one by one` },
  ];
}

/** The fields of the factors in a set. */
export function fieldsIn(factors: readonly Factor[], mask: number): string[] {
  return factors.flatMap(({ fields }, index) => (mask & (2 ** index) ? fields : []));
}

/**
 * Factors of which one in the set stands for fields that cannot be B's while others are still A's: it is joined with
 * one of those, the nearest in the scenario, as a strategy with its number of shards.
 */
function merged(factors: readonly Factor[], mask: number, reason: string): Factor[] {
  const isIn = (index: number) => (mask & (2 ** index)) !== 0;
  const inside = factors.findIndex((_, index) => isIn(index));
  const outside = factors.map((_, index) => index).filter((index) => !isIn(index));
  const pairs = factors.flatMap((_, x) => (isIn(x) ? outside.map((y) => [x, y] as const) : []));
  const [one, other] = pairs.find(
    ([x, y]) => sectionOf(factors[x].fields[0]) === sectionOf(factors[y].fields[0]),
  ) ?? [inside, outside[0]];
  const fields = [...factors[one].fields, ...factors[other].fields];
  const joined: Factor = { fields, reason: `${inseparable}: ${reason}` };
  return factors.flatMap((factor, index) =>
    index === Math.min(one, other) ? [joined] : index === Math.max(one, other) ? [] : [factor],
  );
}
