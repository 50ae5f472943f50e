import type { Attempt, Context } from '../operator.ts';
import { adviceIn, advisedTurns, inShort, proposed } from './advice.ts';
import { type Kernel, kernelOf, turnBetween } from './kernel.ts';
import type { Proposal } from './proposal.ts';
import { type Variant, variantOf } from './variants.ts';

/** Weights beside those of advice, which is 1 for the first document. */
const stepsBack = 1;
const halfWay = 0.5;
/** Of advice about a knob that was turned since it last worked. */
const implicated = 3;

/**
 * What may be made of a kernel that failed: the knobs turned back that documents on such failures name, above all if they
 * were turned since it last worked, or all of the way back but for one.
 */
export function repairs(parent: Attempt, context: Context, variants: readonly Variant[]): Proposal[] {
  const kernel = kernelOf(parent.artifact.text);
  const working = lastWorking(kernel, context, variants);
  const way = working ? turnBetween(kernel, working.kernel) : {};
  const { diagnosis } = context;
  const advised = advisedTurns(kernel, adviceIn(context), diagnosis).map((each) => ({
    ...each,
    weight: each.weight * (Object.keys(each.turn).some((name) => name in way) ? implicated : 1),
  }));
  if (!working) return advised;
  const why = `${diagnosis ? inShort(diagnosis) : 'failed'}; ${working.name} works`;
  const back = Object.entries(way).flatMap(([name, value]) => [
    proposed(kernel, { [name]: value }, why, stepsBack),
    ...between(kernel, name, value).map((middle) => proposed(kernel, { [name]: middle }, why, halfWay)),
  ]);
  return [...advised, ...back, proposed(kernel, way, why, stepsBack)].filter(({ what }) => what !== '');
}

/** The nearest ancestor or sibling of the same kernel that works, else the variant as it was written. */
function lastWorking(
  kernel: Kernel,
  { ancestors, siblings }: Context,
  variants: readonly Variant[],
): { kernel: Kernel; name: string } | undefined {
  for (const { id, artifact, evaluation } of [...ancestors, ...siblings]) {
    const other = kernelOf(artifact.text);
    if (evaluation.failure || other.skeleton !== kernel.skeleton) continue;
    return { kernel: other, name: `node ${id}` };
  }
  const variant = variantOf(kernel.text, variants);
  return variant && { kernel: kernelOf(variant.text), name: `${variant.name} as written` };
}

/** The value half of the way along the knob's values, where there is one. */
function between({ knobs }: Kernel, name: string, towards: number): number[] {
  const { value, values } = knobs.find((knob) => knob.name === name)!;
  const [from, to] = [values.indexOf(value), values.indexOf(towards)];
  const middle = Math.trunc((from + to) / 2);
  return middle === from || middle === to ? [] : [values[middle]];
}
