import type { Context } from '../operator.ts';
import { drawWeighted } from '../policies/policy.ts';
import { brokenRequirements } from '../source/requirements.ts';

/** A source that may be made, and for what reason. */
export interface Proposal {
  text: string;
  /** What is done: `vector-width 4 → 8`. */
  what: string;
  why: string;
  /** How much it is to be preferred over others. */
  weight: number;
}

/** Of a proposal that looks like one that failed before: it may well work from here. */
const failedBefore = 0.2;

/** Whether a source is new to the search, and its knobs go together on all shapes. */
export function isAdmissible(text: string, context: Context): boolean {
  const { task, language, isTried, parents, ancestors, siblings } = context;
  const isShown = [...parents, ...ancestors, ...siblings].some(({ artifact }) => artifact.text === text);
  if (isShown || isTried({ language, text })) return false;
  try {
    const shapes = task.search.map(({ shape }) => shape);
    return brokenRequirements(text, shapes).length === 0;
  } catch {
    // What makes no sense to us is told by whoever compiles it.
    return true;
  }
}

/** One of the proposals that are admissible, by chance in proportion to their weights; none where none is. */
export function pick(proposals: readonly Proposal[], context: Context): Proposal | undefined {
  const weightOf = (proposal: Proposal) =>
    proposal.weight * (hasFailedBefore(proposal, context) ? failedBefore : 1);
  const left = [...proposals];
  while (left.length > 0) {
    const proposal = drawWeighted(left, weightOf, context.random);
    if (isAdmissible(proposal.text, context)) return proposal;
    left.splice(left.indexOf(proposal), 1);
  }
  return undefined;
}

/** Negative memory knows what was tried by its rationale, which begins with what was done. */
function hasFailedBefore({ what }: Proposal, { failures }: Context): boolean {
  return failures.some(({ tried }) => tried.some((rationale) => rationale.startsWith(`${what}:`)));
}
