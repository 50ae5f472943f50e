import { significant } from '../../foundation/units.ts';
import type { Attempt, Context } from '../operator.ts';
import { adviceIn, advisedTurns, proposed, type WeighedAdvice } from './advice.ts';
import { type Kernel, kernelOf, stepped, type Turn, turnBetween, withSharedKnobs } from './kernel.ts';
import type { Proposal } from './proposal.ts';
import { type Variant, variantOf } from './variants.ts';

/** Kinds of advice that a knob may not be able to follow, but another variant may. */
const structural = ['fusion', 'association', 'layout', 'algorithm', 'tensor-cores', 'shared-staging'];

/** Weights beside those of advice, which is 1 for the first document. */
const goesOn = 1.5;
const likeSibling = 1;
/** A switch loses what was found by turning: it comes after the first turns. */
const switching = 0.5;
const unadvised = 0.05;
/** Of a turn in the direction that made a sibling worse. */
const worseBefore = 0.2;

type Turning = Proposal & { turn: Turn };

/**
 * What may be made of a kernel that works: knobs turned as documents advise, what brought it this far once more, what
 * helped its siblings, another variant, and at last any knob by a step.
 */
export function improvements(parent: Attempt, context: Context, variants: readonly Variant[]): Proposal[] {
  const kernel = kernelOf(parent.artifact.text);
  const advice = adviceIn(context);
  const relatives = relativesOf(kernel, context);
  const turns = [
    ...advisedTurns(kernel, advice, context.diagnosis),
    ...momentum(parent, kernel, relatives.ancestors),
    ...besides(parent, kernel, relatives.siblings),
    ...anyStep(kernel),
  ];
  const weighed = turns
    .filter(({ turn }) => !relatives.siblings.some((sibling) => failsWith(sibling, turn)))
    .map((each) => ({
      ...each,
      weight: each.weight * (leadsDown(each.turn, parent, kernel, relatives.siblings) ? worseBefore : 1),
    }));
  return [...weighed, ...switches(parent, kernel, advice, context.siblings, variants)];
}

interface Relative {
  attempt: Attempt;
  kernel: Kernel;
  /** From the parent to it. */
  turn: Turn;
}

/** Relatives that are settings of the same kernel. */
function relativesOf(kernel: Kernel, { ancestors, siblings }: Context) {
  const alike = (attempts: readonly Attempt[]): Relative[] =>
    attempts.flatMap((attempt) => {
      const other = kernelOf(attempt.artifact.text);
      if (other.skeleton !== kernel.skeleton) return [];
      return [{ attempt, kernel: other, turn: turnBetween(kernel, other) }];
    });
  return { ancestors: alike(ancestors), siblings: alike(siblings) };
}

/** If the last step was a good one: another in its direction. */
function momentum(parent: Attempt, kernel: Kernel, [last]: readonly Relative[]): Turning[] {
  const factor = last ? parent.evaluation.score / last.attempt.evaluation.score : 0;
  if (!last || !(factor > 1) || !Number.isFinite(factor)) return [];
  const turn: Record<string, number> = {};
  for (const [name, before] of Object.entries(last.turn)) {
    const knob = kernel.knobs.find((each) => each.name === name)!;
    const next = stepped(knob, Math.sign(knob.values.indexOf(knob.value) - knob.values.indexOf(before)));
    if (next !== undefined) turn[name] = next;
  }
  if (Object.keys(turn).length === 0) return [];
  return [proposed(kernel, turn, `the step before brought ${significant(factor)} ×`, goesOn)];
}

/** What made siblings better than the parent, two of them at once. */
function besides(parent: Attempt, kernel: Kernel, siblings: readonly Relative[]): Turning[] {
  const better = siblings
    .filter(({ attempt }) => attempt.evaluation.score > parent.evaluation.score)
    .sort((a, b) => b.attempt.evaluation.score - a.attempt.evaluation.score);
  const [best, ...others] = better;
  if (!best) return [];
  return others.map((other) => {
    const turn = { ...other.turn, ...best.turn };
    const why = `siblings ${best.attempt.id} and ${other.attempt.id} are both faster`;
    return proposed(kernel, turn, why, likeSibling / others.length);
  });
}

function anyStep(kernel: Kernel): Turning[] {
  return kernel.knobs.flatMap((knob) =>
    [1, -1].flatMap((step) => {
      const value = stepped(knob, step);
      if (value === undefined) return [];
      return [proposed(kernel, { [knob.name]: value }, 'exploration', unadvised)];
    }),
  );
}

/** Whether all that made a sibling fail is part of a turn. */
function failsWith({ attempt, turn: failing }: Relative, turn: Turn): boolean {
  const turnings = Object.entries(failing);
  return (
    attempt.evaluation.failure !== undefined &&
    turnings.length > 0 &&
    turnings.every(([name, value]) => turn[name] === value)
  );
}

/** Whether a turn goes, with any knob, the way that alone made a sibling worse or fail. */
function leadsDown(turn: Turn, parent: Attempt, kernel: Kernel, siblings: readonly Relative[]): boolean {
  return siblings.some(({ attempt, turn: other }) => {
    const [[name, value] = [], ...more] = Object.entries(other);
    if (name === undefined || value === undefined || more.length > 0 || turn[name] === undefined)
      return false;
    const { values, value: own } = kernel.knobs.find((knob) => knob.name === name)!;
    const way = (to: number) => Math.sign(values.indexOf(to) - values.indexOf(own));
    return attempt.evaluation.score < parent.evaluation.score && way(value) === way(turn[name]);
  });
}

/** The other variants, with the knobs that they share standing as they do here; seldom one that made a sibling worse. */
function switches(
  parent: Attempt,
  kernel: Kernel,
  advice: readonly WeighedAdvice[],
  siblings: readonly Attempt[],
  variants: readonly Variant[],
): Proposal[] {
  const own = variantOf(kernel.text, variants);
  const others = variants.filter((variant) => variant !== own);
  const worse = siblings
    .filter(({ evaluation }) => evaluation.score < parent.evaluation.score)
    .map(({ artifact }) => variantOf(artifact.text, variants));
  const wanted = advice.find(({ kind }) => structural.includes(kind));
  const weight = (wanted ? switching * wanted.weight : unadvised) / others.length;
  return others.map((variant) => ({
    text: withSharedKnobs(kernelOf(variant.text), kernel.settings),
    what: `${own?.name ?? 'a kernel of its own'} → ${variant.name}`,
    why: wanted ? `another way of ${wanted.kind}; ${wanted.path}` : 'exploration',
    weight: weight * (worse.includes(variant) ? worseBefore : 1),
  }));
}
