import type { Evaluator } from './evaluator.ts';
import type { Choice, Generated, SearchRules } from './expansion.ts';
import type { GraphNode } from './graph.ts';
import type { Limits, StopReason } from './limits.ts';
import type { NewSession } from './storage/sessions.ts';

export interface SearchSetup extends SearchRules {
  /** One for each device. */
  evaluators: readonly Evaluator[];
  /** Expansions at a time; more than devices keep these busy while others are generated. */
  agents: number;
  limits: Limits;
}

/** What a search tells while it runs. */
export type SearchEvent =
  | { kind: 'begun'; session: number; nodes: number }
  | { kind: 'selected'; choice: Choice }
  | { kind: 'generated'; choice: Choice; generated: Omit<Generated, 'artifact'> }
  /** Also told of nodes that other processes made, as far as this one hears of them. */
  | { kind: 'evaluated'; node: GraphNode; best: GraphNode | undefined }
  | { kind: 'stopped'; reason: StopReason };

export interface SearchOutcome {
  session: number;
  reason: StopReason;
  nodes: number;
  best: GraphNode | undefined;
}

/** What a session of these rules is, for the record; a search is taken up again by the same. */
export function sessionOf(rules: SearchRules): NewSession {
  const { task, device, language, dataType, policy, operator, memory, seed, reuse } = rules;
  return {
    task,
    device,
    settings: {
      language,
      dataType,
      policy: { name: policy.name, options: policy.options },
      operator: operator.name,
      memory: memory.name,
      seed,
      reuseRate: reuse?.rate ?? 0,
    },
  };
}
