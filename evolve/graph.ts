import type { FailureStage } from './evaluation.ts';
import type { MemoryKind } from './operator.ts';

/** A node of a search as policies see it: what it came from and what it was worth. */
export interface GraphNode {
  id: number;
  /** Logical step: how many nodes the search had before it; 0 for the specification. */
  step: number;
  /** Of the expansion that made it; expansions end in another order than they begin. */
  ordinal: number;
  /** The specification alone for a draft, two nodes for a crossover. */
  parents: readonly number[];
  /** Hash of its artifact; none for the specification, and where the operator failed. */
  artifact: string | undefined;
  score: number;
  failure: { stage: FailureStage; signature: string; reason: string } | undefined;
  /** The first node with the same artifact, whose evaluation this one shares. */
  duplicateOf: number | undefined;
  /** Longest way from the specification. */
  generation: number;
  island: number;
  memory: MemoryKind;
  rationale: string;
}

/** What is known of a node and all that descends from it; every node below is counted once, whatever ways lead to it. */
export interface Statistics {
  visits: number;
  /** Sum of `rewardOf` their scores. */
  reward: number;
  best: number;
  /** Whether it is a leaf that may be built on. */
  isFrontier: boolean;
}

interface Vertex extends Statistics {
  node: GraphNode;
  children: number[];
  pending: number;
}

/**
 * What an evaluation is worth to statistics: score / (1 + score), from 0 (failed) over ½ (as fast as the reference)
 * towards 1. Bounded as UCT wants it, and unlike a share of the best score it stays what it was. The paper tells none.
 */
export function rewardOf(score: number): number {
  return score / (1 + score);
}

/** Whether something may be built on a node: it has an artifact, and is not one that another node stands for. */
export function mayBeBuiltOn({ artifact, duplicateOf }: GraphNode): boolean {
  return artifact !== undefined && duplicateOf === undefined;
}

/**
 * The graph of one search: a function of its nodes in the order of their steps, so that every process that shares the
 * search, and every later reader, arrives at the same. Expansions in flight count as visits that bring nothing yet.
 */
export class SearchGraph {
  readonly root: GraphNode;
  /** Expansions that were ever begun. */
  expansions = 0;
  /** Of these, in flight. */
  open = 0;
  /** By step, beginning with the specification. */
  private readonly order: GraphNode[] = [];
  private readonly vertices = new Map<number, Vertex>();
  private readonly firstOf = new Map<string, number>();
  private bestNode: GraphNode | undefined;

  constructor(root: GraphNode) {
    this.root = root;
    this.enter(root);
  }

  /** All nodes but the specification, in the order of their steps. */
  get nodes(): readonly GraphNode[] {
    return this.order.slice(1);
  }

  get size(): number {
    return this.order.length - 1;
  }

  /** The correct node with the highest score, the earliest of equals. */
  get best(): GraphNode | undefined {
    return this.bestNode;
  }

  /** Nodes since the best score last rose. */
  get sinceBest(): number {
    return this.size - (this.bestNode?.step ?? 0);
  }

  /** Nodes that came after a step. */
  after(step: number): readonly GraphNode[] {
    return this.order.slice(step + 1);
  }

  node(id: number): GraphNode {
    return this.vertex(id).node;
  }

  has(id: number): boolean {
    return this.vertices.has(id);
  }

  children(id: number): readonly GraphNode[] {
    return this.vertex(id).children.map((child) => this.node(child));
  }

  statistics(id: number): Statistics {
    const { visits, reward, best, isFrontier } = this.vertex(id);
    return { visits, reward, best, isFrontier };
  }

  /** Expansions in flight at a node or below it. */
  pending(id: number): number {
    return this.vertex(id).pending;
  }

  /** The first node with an artifact of that hash. */
  withArtifact(hash: string): GraphNode | undefined {
    const id = this.firstOf.get(hash);
    return id === undefined ? undefined : this.node(id);
  }

  /** Nodes and all their ancestors, each once, nearest first. */
  lineage(ids: readonly number[]): number[] {
    const seen = new Set(ids);
    // A set goes on with what is added to it while it is walked.
    for (const id of seen) for (const parent of this.node(id).parents) seen.add(parent);
    return [...seen];
  }

  /** Takes in the next node. @throws Error where it is not the next one, or came from nodes that are not there */
  add(node: GraphNode): void {
    if (node.step !== this.order.length || node.parents.length === 0) {
      throw new Error(
        `node ${node.id} of step ${node.step} does not follow on step ${this.order.length - 1}`,
      );
    }
    const reward = rewardOf(node.score);
    for (const id of this.lineage(node.parents)) {
      const ancestor = this.vertex(id);
      ancestor.visits++;
      ancestor.reward += reward;
      ancestor.best = Math.max(ancestor.best, node.score);
    }
    for (const id of node.parents) {
      const parent = this.vertex(id);
      parent.children.push(node.id);
      parent.isFrontier = false;
    }
    this.enter(node);
  }

  /**
   * States what is in flight.
   * @param expansions that were ever begun
   * @param parents of each that is in flight; none for a draft
   */
  setOpen(expansions: number, parents: readonly (readonly number[])[]): void {
    this.expansions = expansions;
    this.open = parents.length;
    for (const vertex of this.vertices.values()) vertex.pending = 0;
    for (const ids of parents) {
      for (const id of this.lineage(ids.length > 0 ? ids : [this.root.id])) this.vertex(id).pending++;
    }
  }

  private enter(node: GraphNode): void {
    const isRoot = this.order.length === 0;
    this.order.push(node);
    this.vertices.set(node.id, {
      node,
      children: [],
      pending: 0,
      visits: 1,
      reward: rewardOf(node.score),
      best: node.score,
      isFrontier: !isRoot && mayBeBuiltOn(node),
    });
    const { artifact, failure, score } = node;
    if (artifact !== undefined && !this.firstOf.has(artifact)) this.firstOf.set(artifact, node.id);
    if (!isRoot && !failure && score > (this.bestNode?.score ?? 0)) this.bestNode = node;
  }

  private vertex(id: number): Vertex {
    const vertex = this.vertices.get(id);
    if (!vertex) throw new Error(`the search has no node ${id}`);
    return vertex;
  }
}
