import { endpointOf } from '../../evolve/language-model/endpoint.ts';
import { llmOperator } from '../../evolve/language-model/llm.ts';
import { TokenBudget } from '../../evolve/language-model/token-budget.ts';
import type { Operator } from '../../evolve/operator.ts';
import { rewriteOperator } from '../../evolve/rewrite/rewrite.ts';
import type { Variant } from '../../evolve/rewrite/variants.ts';
import { InputError } from '../../foundation/problem.ts';

/** Tokens of a run where none are stated. */
const usualTokens = 1_000_000;

/**
 * The universal operator that was asked for.
 * @param tokens that may be spent on a language model in this run
 * @throws InputError for a model without an endpoint, or the other way round
 */
export function operatorOf(
  { operator, model, tokens }: { operator: string; model?: string; tokens?: number },
  variants: readonly Variant[],
): Operator {
  if (operator === 'rewrite') {
    if (model !== undefined) {
      throw new InputError('--model names a language model: it needs --operator llm');
    }
    if (tokens !== undefined) {
      throw new InputError('--tokens are those of a language model: they need --operator llm');
    }
    return rewriteOperator(variants);
  }
  if (model === undefined)
    throw new InputError('--operator llm needs --model: the name of a model of the endpoint');
  return llmOperator({
    endpoint: endpointOf(process.env, model),
    budget: new TokenBudget(tokens ?? usualTokens),
  });
}
