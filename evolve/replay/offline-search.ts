import { withoutArtifact } from '../evaluation.ts';
import type { Evaluator } from '../evaluator.ts';
import { choose, generate, placeOf, type SearchRules } from '../expansion.ts';
import { type GraphNode, SearchGraph } from '../graph.ts';
import type { Attempt } from '../operator.ts';
import { hashOf } from '../storage/artifacts.ts';

/** The specification of a search that is kept nowhere. */
const specification: GraphNode = {
  id: 1,
  step: 0,
  ordinal: -1,
  parents: [],
  artifact: undefined,
  score: 0,
  failure: undefined,
  duplicateOf: undefined,
  generation: 0,
  island: 0,
  memory: 'none',
  rationale: 'specification',
};

/**
 * A search in memory, one expansion after the other: the same choices as `runSearch` with one agent, without a folder.
 * Nodes have the ids of their steps, the specification standing first.
 */
export async function searchOffline(
  rules: SearchRules,
  evaluator: Evaluator,
  steps: number,
): Promise<SearchGraph> {
  const graph = new SearchGraph(specification);
  const attempts = new Map<number, Attempt>();
  const { signal } = new AbortController();
  const { task, dataType, policy } = rules;
  for (let ordinal = 0; ordinal < steps; ordinal++) {
    graph.setOpen(ordinal, []);
    const choice = choose(graph, rules);
    if (!choice) throw new Error(`policy ${policy.name} waits although nothing is in flight`);
    const read = (id: number) => need(attempts, id);
    const { artifact, failure, rationale } = await generate(choice, graph, rules, read, noClock);
    const hash = artifact && hashOf(artifact);
    const twin = hash === undefined ? undefined : graph.withArtifact(hash);
    let evaluation = withoutArtifact(failure);
    if (twin) evaluation = read(twin.id).evaluation;
    else if (artifact) evaluation = await evaluator.evaluate(artifact, { task, dataType, signal });
    const step = graph.size + 1;
    const node: GraphNode = {
      ...placeOf(choice, graph),
      id: specification.id + step,
      step,
      artifact: hash,
      score: evaluation.score,
      failure: evaluation.failure,
      duplicateOf: twin?.id,
      rationale,
    };
    if (artifact) attempts.set(node.id, { id: node.id, artifact, evaluation, rationale });
    graph.add(node);
    policy.told?.(node, graph);
  }
  return graph;
}

/** Nobody asks how long anything took. */
const noClock = () => 0;

function need(attempts: ReadonlyMap<number, Attempt>, id: number): Attempt {
  const attempt = attempts.get(id);
  if (!attempt) throw new Error(`node ${id} has no artifact`);
  return attempt;
}
