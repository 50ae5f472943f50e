import type { GraphNode } from './graph.ts';

/** What a search came to. */
export interface SearchSummary {
  nodes: number;
  /** Artifacts that were evaluated: neither duplicates nor failures of the operator. */
  evaluations: number;
  /** Share of the nodes that failed. */
  buggyRate: number;
  /** Share of the correct nodes that are at least as fast as the reference; nothing without any. */
  meetsReference: number | undefined;
  best: number;
  /** Steps until a score of at least the target was there; nothing where it never was. */
  stepsToTarget: number | undefined;
}

/**
 * Sums up the nodes of a search, in the order of their steps.
 * @param target score that counts as reached, as 1.2 times as fast as the reference
 */
export function summarise(nodes: readonly GraphNode[], target: number): SearchSummary {
  const correct = nodes.filter(({ failure }) => !failure);
  const reached = nodes.find(({ score }) => score >= target);
  return {
    nodes: nodes.length,
    evaluations: nodes.filter(isEvaluated).length,
    buggyRate: nodes.length === 0 ? 0 : 1 - correct.length / nodes.length,
    meetsReference:
      correct.length === 0 ? undefined : correct.filter(({ score }) => score >= 1).length / correct.length,
    best: bestOf(nodes),
    stepsToTarget: reached?.step,
  };
}

/** The best score of the first so many evaluations. */
export function bestAfter(nodes: readonly GraphNode[], evaluations: number): number {
  return bestOf(nodes.filter(isEvaluated).slice(0, evaluations));
}

function isEvaluated({ artifact, duplicateOf }: GraphNode): boolean {
  return artifact !== undefined && duplicateOf === undefined;
}

function bestOf(nodes: readonly GraphNode[]): number {
  return nodes.reduce((best, { score }) => Math.max(best, score), 0);
}
