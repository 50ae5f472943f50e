import { busyShare, searchCost } from '../deploy/search-cost.ts';
import { scoreOf } from '../evaluation.ts';
import { type Choice, choose } from '../expansion.ts';
import { type GraphNode, SearchGraph } from '../graph.ts';
import { memorySchedule } from '../memory.ts';
import { policyOf } from '../policies/by-name.ts';
import type { ExportedNode, ExportedSearch } from '../storage/export-schema.ts';
import { type SearchSummary, summarise } from '../summary.ts';

type ExportedSession = ExportedSearch['sessions'][number];

/** What a stored search comes to when everything about it is worked out again. */
export interface ReplayedSession {
  session: ExportedSession;
  summary: SearchSummary;
  deviceUtilisation: number | undefined;
  /** Nodes whose stored score is not that of their timings. */
  wrongScores: { node: number; stored: number; derived: number }[];
  /** Nodes that the policy, asked again with what it saw then, would have made from other parents. */
  otherChoices: { node: number; stored: readonly number[]; derived: readonly number[] | undefined }[];
}

/**
 * Derives the results of an exported search anew: scores from the timings, choices from the graph that was seen when
 * they were made, and the summary from the nodes.
 * @param target score that counts as reached
 * @throws InputError where a policy or memory schedule is not known
 */
export function replay(search: ExportedSearch, target: number): ReplayedSession[] {
  return search.sessions.map((session) => {
    const stored = search.nodes.filter(({ session: id }) => id === session.id);
    const nodes = stored.map(graphNodeOf);
    const runs = search.runs.filter(({ session: id }) => id === session.id);
    const claims = search.claims.filter(({ session: id }) => id === session.id);
    return {
      session,
      summary: summarise(nodes.slice(1), target),
      deviceUtilisation: busyShare(searchCost(session.device, runs, stored)),
      wrongScores: stored.flatMap(wrongScore),
      otherChoices: otherChoices(
        session,
        stored,
        nodes,
        claims.map(({ choice }) => choice),
      ),
    };
  });
}

function wrongScore({ id, evaluation }: ExportedNode): ReplayedSession['wrongScores'] {
  if (!evaluation) return [];
  const derived = scoreOf(evaluation.timings, evaluation.failure);
  const isSame = Math.abs(derived - evaluation.score) <= 1e-9 * Math.max(derived, evaluation.score);
  return isSame ? [] : [{ node: id, stored: evaluation.score, derived }];
}

function otherChoices(
  { settings }: ExportedSession,
  stored: readonly ExportedNode[],
  nodes: readonly GraphNode[],
  open: readonly Choice[],
): ReplayedSession['otherChoices'] {
  const policy = policyOf(settings.policy.name, settings.policy.options);
  const memory = memorySchedule(settings.memory);
  const { seed, reuseRate: rate } = settings;
  const graph = new SearchGraph(nodes[0]);
  const rootOnly = ({ parents }: GraphNode) => (parents[0] === nodes[0].id ? [] : parents);
  const begun = stored
    .map((record, index) => ({ node: nodes[index], seenStep: record.seenStep }))
    .slice(1)
    .sort((a, b) => a.node.ordinal - b.node.ordinal);
  return begun.flatMap(({ node, seenStep }, index) => {
    for (const seen of nodes.slice(graph.size + 1, seenStep + 1)) {
      graph.add(seen);
      policy.told?.(seen, graph);
    }
    const inFlight = [
      ...begun
        .slice(0, index)
        .filter((other) => other.node.step > seenStep)
        .map((other) => rootOnly(other.node)),
      ...open.filter(({ ordinal }) => ordinal < node.ordinal).map(({ parents }) => parents),
    ];
    graph.setOpen(node.ordinal, inFlight);
    const derived = choose(graph, { policy, memory, seed, reuse: { rate } });
    const isSame = derived?.memory === node.memory && String(derived.parents) === String(rootOnly(node));
    return isSame ? [] : [{ node: node.id, stored: rootOnly(node), derived: derived?.parents }];
  });
}

/** A stored node as it stands in the graph. */
export function graphNodeOf(node: ExportedNode): GraphNode {
  const { id, step, ordinal, parents, artifact, duplicateOf, generation, island, memory, rationale } = node;
  const { score = 0, failure } = node.evaluation ?? {};
  return {
    id,
    step,
    ordinal,
    parents,
    artifact,
    score,
    failure: failure && { stage: failure.stage, signature: failure.signature, reason: failure.reason },
    duplicateOf,
    generation,
    island,
    memory,
    rationale,
  };
}
