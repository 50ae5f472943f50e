import { InputError } from '../../foundation/problem.ts';
import { wrongWord } from '../../foundation/wording.ts';
import { aide } from './aide.ts';
import { greedy } from './greedy.ts';
import { islands } from './islands.ts';
import { mcts } from './mcts.ts';
import { oneShot } from './one-shot.ts';
import type { Policy } from './policy.ts';

/** Makes each policy anew: some learn from the nodes of the search that they serve. */
export const policies = {
  greedy,
  mcts,
  islands,
  aide,
  'one-shot': oneShot,
} as const satisfies Record<string, (options?: never) => Policy>;

export type PolicyName = keyof typeof policies;

export const policyNames = Object.keys(policies) as PolicyName[];

/**
 * A policy by its name, with its usual options but for those that are stated.
 * @throws InputError with the nearest name
 */
export function policyOf(name: string, options: Policy['options'] = {}): Policy {
  if (!Object.hasOwn(policies, name)) throw new InputError(`policy: ${wrongWord(policyNames, name)}`);
  return policies[name as PolicyName](options);
}
