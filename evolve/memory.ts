import { InputError } from '../foundation/problem.ts';
import type { RandomStream } from '../foundation/random.ts';
import { wrongWord } from '../foundation/wording.ts';
import type { GraphNode, SearchGraph } from './graph.ts';
import type { KnownFailure, MemoryKind } from './operator.ts';

/** Which relatives an operator is shown, by their ids. */
export interface Relatives {
  /** Nearest first, without the parents themselves and without the specification. */
  ancestors: number[];
  /** Other children of the same parents, the latest first. */
  siblings: number[];
}

/** Relatives of one kind that are shown at most; an operator with a smaller budget takes the first of them. */
const mostRelatives = 16;

/**
 * The memory operator of a node: its parents' trajectory (`parent`), what else was made of the same parents (`siblings`),
 * both, or a clean slate (`none`). Nodes without an artifact have nothing to show.
 */
export function relativesOf(graph: SearchGraph, parents: readonly number[], memory: MemoryKind): Relatives {
  const showsAncestors = memory === 'parent' || memory === 'both';
  const showsSiblings = memory === 'siblings' || memory === 'both';
  const near = new Set(parents);
  const isShown = (id: number) => !near.has(id) && graph.node(id).artifact !== undefined;
  const siblings = new Set(parents.flatMap((parent) => graph.children(parent).map(({ id }) => id)));
  const latestFirst = [...siblings].sort((a, b) => graph.node(b).step - graph.node(a).step);
  return {
    ancestors: showsAncestors ? graph.lineage(parents).filter(isShown).slice(0, mostRelatives) : [],
    siblings: showsSiblings ? latestFirst.filter(isShown).slice(0, mostRelatives) : [],
  };
}

/** How the memory of a node is chosen, where the policy does not. */
export interface MemorySchedule {
  /** As it stands in the record of the search. */
  readonly name: string;
  choose(graph: SearchGraph, parents: readonly number[], random: RandomStream): MemoryKind;
}

/** Nodes without a better one after which half of the expansions begin with a clean slate. The paper tells none. */
const stagnationNodes = 15;

/**
 * Shows what there is: the way to the parents, their other children, or both. When nothing has become better for a
 * while, every other node (by chance) begins with a clean slate, so that the search does not circle where it is.
 */
export const adaptiveMemory: MemorySchedule = {
  name: 'adaptive',
  choose(graph, parents, random) {
    if (graph.sinceBest >= stagnationNodes && random.uniform() < 0.5) return 'none';
    const { ancestors, siblings } = relativesOf(graph, parents, 'both');
    if (siblings.length === 0) return 'parent';
    return ancestors.length === 0 ? 'siblings' : 'both';
  },
};

/** The same memory for every node. */
export function fixedMemory(memory: MemoryKind): MemorySchedule {
  return { name: memory, choose: () => memory };
}

export const memoryKinds = ['parent', 'siblings', 'both', 'none'] as const satisfies readonly MemoryKind[];

/** The schedule of a name: `adaptive`, or one of the kinds of memory. @throws InputError with the nearest name */
export function memorySchedule(name: string): MemorySchedule {
  if (name === adaptiveMemory.name) return adaptiveMemory;
  const kind = memoryKinds.find((one) => one === name);
  if (kind) return fixedMemory(kind);
  throw new InputError(`memory: ${wrongWord([adaptiveMemory.name, ...memoryKinds], name)}`);
}

const mostFailures = 10;
const mostTried = 3;

/**
 * Negative memory: the failures among nodes by their signature, the most frequent first and the latest first among
 * equals, with what had been tried, the latest first.
 */
export function knownFailures(nodes: readonly GraphNode[]): KnownFailure[] {
  const kinds = new Map<string, { reason: string; count: number; step: number; tried: string[] }>();
  for (const { failure, rationale, step } of nodes) {
    if (!failure) continue;
    const kind = kinds.get(failure.signature) ?? { reason: '', count: 0, step, tried: [] };
    kinds.set(failure.signature, kind);
    kind.reason = failure.reason;
    kind.count++;
    kind.step = step;
    if (!kind.tried.includes(rationale)) kind.tried.unshift(rationale);
    kind.tried.length = Math.min(kind.tried.length, mostTried);
  }
  return [...kinds]
    .sort(([, a], [, b]) => b.count - a.count || b.step - a.step)
    .slice(0, mostFailures)
    .map(([signature, { reason, count, tried }]) => ({ signature, reason, count, tried }));
}
