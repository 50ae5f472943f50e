import type { Operator } from '../../evolve/operator.ts';
import { rewriteOperator } from '../../evolve/rewrite/rewrite.ts';
import type { Variant } from '../../evolve/rewrite/variants.ts';
import { InputError } from '../../foundation/problem.ts';
import { wrongWord } from '../../foundation/wording.ts';

export const operatorNames = ['rewrite'] as const;

/** The universal operator of a name. @throws InputError with the nearest name, and for options that it does not take */
export async function operatorOf(
  { operator, model }: { operator: string; model?: string },
  variants: readonly Variant[],
): Promise<Operator> {
  if (operator !== 'rewrite') throw new InputError(`--operator: ${wrongWord(operatorNames, operator)}`);
  if (model !== undefined) throw new InputError('--model names a language model: it needs --operator llm');
  return rewriteOperator(variants);
}
