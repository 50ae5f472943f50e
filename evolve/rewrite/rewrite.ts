import type { Artifact } from '../artifact.ts';
import {
  type Attempt,
  type Context,
  nothingNew,
  type Operator,
  OperatorFailure,
  type Transformed,
} from '../operator.ts';
import { forDataType } from '../source/data-types.ts';
import { crossing } from './cross.ts';
import { drawn, isWalkedWhole } from './draw.ts';
import { improvements } from './improve.ts';
import { isAdmissible, type Proposal, pick } from './proposal.ts';
import { repairs } from './repair.ts';
import type { Variant } from './variants.ts';

/**
 * The universal operator without a language model: one function of artifact and context whose edits are whole variants and
 * turned knobs, chosen by the diagnosis and by what the retrieved documents advise. That stands in for the paper's
 * synthesis by a language model, and is a departure from it. By chance it goes only by `context.random`.
 * @param variants of the task in the language of the search
 */
export function rewriteOperator(variants: readonly Variant[]): Operator {
  return {
    name: 'rewrite',
    async transform(artifact, context) {
      const proposal =
        takenOver(context) ??
        (artifact === undefined || context.memory === 'none'
          ? anew(context, variants)
          : (built(context, variants) ?? drawn(variants, context, 'nothing new next to its parents')));
      if (proposal) return transformed(proposal, context);
      throw isWalkedWhole(variants)
        ? new OperatorFailure(
            'every kernel that the variants and their knobs make has been tried',
            nothingNew,
          )
        : new OperatorFailure('no kernel that was drawn is new and possible', 'operator: nothing new drawn');
    },
  };
}

/** Kernels of earlier searches are tried as they are, the best first; what is made of them comes when they are parents. */
function takenOver(context: Context): Proposal | undefined {
  const proposals = context.reused.flatMap(({ artifact, rationale: why }): Proposal[] => {
    const text = forDataType(artifact.text, context.dataType);
    return text === undefined ? [] : [{ text, what: 'taken over', why, weight: 1 }];
  });
  return proposals.find(({ text }) => isAdmissible(text, context));
}

/** Drafts are first the variants as written, one each; then, and for a clean slate, all knobs are drawn. */
function anew(context: Context, variants: readonly Variant[]): Proposal | undefined {
  if (context.phase === 'feedback') return drawn(variants, context, 'clean slate');
  const written = variants[context.ordinal];
  if (written && isAdmissible(written.text, context)) {
    return { text: written.text, what: written.name, why: 'draft, as written', weight: 1 };
  }
  return drawn(variants, context, 'draft');
}

function built(context: Context, variants: readonly Variant[]): Proposal | undefined {
  const { parents } = context;
  if (parents.length > 1) {
    const child = crossing(parents, context);
    if (child) return child;
  }
  const [parent] = parents as readonly [Attempt];
  const proposals = parent.evaluation.failure
    ? repairs(parent, context, variants)
    : improvements(parent, context, variants);
  return pick(proposals, context);
}

function transformed({ text, what, why }: Proposal, { language }: Context): Transformed {
  const artifact: Artifact = { language, text };
  return { artifact, rationale: `${what}: ${why}` };
}
