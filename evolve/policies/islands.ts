import { medianOfSorted } from '../../foundation/median.ts';
import type { RandomStream } from '../../foundation/random.ts';
import { type GraphNode, mayBeBuiltOn, type SearchGraph } from '../graph.ts';
import { leastTried } from './greedy.ts';
import { drawWeighted, type Policy, usualDrafts } from './policy.ts';

export interface IslandsOptions {
  drafts?: number;
  islands?: number;
  /** Nodes that an island keeps: the best of those that were made on it or came to it. */
  population?: number;
  /** `shinka`: by a weight of score and children; `tournament`: the best of a few drawn by chance. */
  selection?: 'shinka' | 'tournament';
  /** λ of the weight, and how many meet in a tournament. */
  pressure?: number;
  /** Chance that two nodes of the island are crossed. */
  crossover?: number;
  /** Nodes of the search between migrations, and the share of a population that goes to the next island (at least one). */
  migrationInterval?: number;
  migrationRate?: number;
}

/**
 * Evolution on islands. Expansions go to the islands in turn; parents come from the island's population, and two of them
 * are crossed now and then, which makes the graph a DAG. The weight is that of ShinkaEvolve,
 * sigmoid(λ (score − median) / MAD) / (1 + children). Its λ and the rates are published defaults of ShinkaEvolve and
 * OpenEvolve; sizes are ours, for searches of some hundred nodes. What the paper used is not told.
 */
export function islands(options: IslandsOptions = {}): Policy {
  const selection = options.selection ?? 'shinka';
  const settings = {
    drafts: usualDrafts,
    islands: 2,
    population: 20,
    pressure: selection === 'shinka' ? 10 : 3,
    crossover: 0.1,
    migrationInterval: 20,
    migrationRate: 0.1,
    ...options,
    selection,
  };
  const populations: GraphNode[][] = Array.from({ length: settings.islands }, () => []);
  const pick = selection === 'shinka' ? byWeight : byTournament;

  const settle = (island: number, node: GraphNode) => {
    if (populations[island].includes(node)) return;
    populations[island].push(node);
    populations[island].sort(bestFirst);
    populations[island].length = Math.min(populations[island].length, settings.population);
  };
  const migrate = () => {
    const leaving = populations.map((population) =>
      population.slice(0, Math.max(1, Math.round(settings.migrationRate * population.length))),
    );
    for (const [island, nodes] of leaving.entries()) {
      for (const node of nodes) settle((island + 1) % settings.islands, node);
    }
  };
  return {
    name: 'islands',
    options: settings,
    drafts: settings.drafts,
    islands: settings.islands,
    told(node, graph) {
      if (node.step === 1) for (const population of populations) population.length = 0;
      if (!node.failure && mayBeBuiltOn(node)) settle(node.island, node);
      if (settings.islands > 1 && graph.size % settings.migrationInterval === 0) migrate();
    },
    select(graph, random) {
      const island = graph.expansions % settings.islands;
      const population = populations[island];
      if (population.length === 0) return withoutPopulation(graph, island);
      const first = pick(graph, population, settings.pressure, random);
      const others = population.filter((node) => node !== first);
      const isCrossing = random.uniform() < settings.crossover && others.length > 0;
      const parents = isCrossing ? [first, pick(graph, others, settings.pressure, random)] : [first];
      return { parents: parents.map(({ id }) => id), island };
    },
  };
}

/** Mends what failed on the island and was tried least; a draft where there is nothing, and nothing on its way. */
function withoutPopulation(graph: SearchGraph, island: number) {
  const failed = graph.nodes.filter((node) => node.island === island && mayBeBuiltOn(node));
  const chosen = leastTried(graph, failed);
  if (chosen) return { parents: [chosen.id], island };
  return graph.open > 0 ? undefined : { parents: [], island };
}

function byWeight(
  graph: SearchGraph,
  population: readonly GraphNode[],
  pressure: number,
  random: RandomStream,
): GraphNode {
  const scores = population.map(({ score }) => score);
  const middle = median(scores);
  const deviation = Math.max(median(scores.map((score) => Math.abs(score - middle))), 1e-6);
  const weight = ({ id, score }: GraphNode) => {
    const children = graph.children(id).length + graph.pending(id);
    return 1 / (1 + Math.exp((-pressure * (score - middle)) / deviation)) / (1 + children);
  };
  return drawWeighted(population, weight, random);
}

function byTournament(
  _graph: SearchGraph,
  population: readonly GraphNode[],
  pressure: number,
  random: RandomStream,
): GraphNode {
  const drawn = Array.from({ length: pressure }, () => population[random.below(population.length)]);
  return drawn.sort(bestFirst)[0];
}

function bestFirst(a: GraphNode, b: GraphNode): number {
  return b.score - a.score || a.step - b.step;
}

function median(values: readonly number[]): number {
  return medianOfSorted([...values].sort((a, b) => a - b));
}
