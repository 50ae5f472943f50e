import type { Artifact } from '../artifact.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Choice, Generated } from '../expansion.ts';
import { type GraphNode, SearchGraph } from '../graph.ts';
import type { EndReason } from '../limits.ts';
import {
  type Claim,
  insertClaim,
  isEvaluatedElsewhere,
  keepGenerated,
  type Lease,
  markEvaluating,
  openClaims,
  releaseClaims,
  removeClaim,
  renewLeases,
  takeExpired,
  workersOf,
} from './claims.ts';
import { insertNode, type NodeRecord, readNodes, selectNodes } from './nodes.ts';
import { insertRun, type RunTimes, updateRun } from './runs.ts';
import { markEnded } from './sessions.ts';
import type { SearchStore } from './store.ts';
import { isGone } from './worker-name.ts';

/** What a worker is to do next. `wait`: for what others, or its own expansions in flight, bring. */
export type Next = { kind: 'expand'; claim: Claim } | { kind: 'wait' } | { kind: 'ended'; reason: EndReason };

/** What is known about an artifact before it is evaluated. `elsewhere`: it is being evaluated right now. */
export type EvaluationTurn =
  | { kind: 'own' }
  | { kind: 'known'; node: number; evaluation: Evaluation }
  | { kind: 'elsewhere' };

export interface WorkerOptions {
  /** A name that no other process has. */
  worker: string;
  agents: number;
  devices: number;
  /** Seconds without a sign of life after which others take over what a worker has in flight. */
  leaseS: number;
  /** Is told of each node in order, those that are there already first. */
  onNode: (node: GraphNode, graph: SearchGraph) => void;
}

/**
 * One process's hold on a session that it may share with others. Each call is one transaction; what a call found no
 * longer to be its own is dropped, for whoever took it over brings it.
 */
export class SharedSession {
  readonly graph: SearchGraph;
  private readonly store: SearchStore;
  private readonly session: number;
  private readonly options: WorkerOptions;
  private readonly run: number;

  constructor(store: SearchStore, session: number, options: WorkerOptions) {
    this.store = store;
    this.session = session;
    this.options = options;
    const { worker, agents, devices } = options;
    const { root } = store.session(session);
    this.graph = new SearchGraph(selectNodes(store.database, 'n.id = ?', root)[0]);
    this.run = store.database.transaction(() => {
      for (const other of workersOf(store.database, session)) {
        if (isGone(other)) releaseClaims(store.database, session, other);
      }
      const times = { wallS: 0, generationS: 0, heldS: 0 };
      const begunAt = store.now();
      return insertRun(store.database, { session, worker, agents, devices, begunAt, ...times });
    });
    store.database.snapshot(() => this.refresh());
  }

  /**
   * Takes over an expansion that nobody works on any more, or begins one.
   * @param decide is asked with the graph as it is; a text ends the session for that reason, nothing waits
   */
  next(decide: (graph: SearchGraph) => Choice | EndReason | undefined): Next {
    const { database } = this.store;
    return database.transaction((): Next => {
      this.refresh();
      const session = this.store.session(this.session);
      if (session.ended !== undefined) return { kind: 'ended', reason: session.ended };
      const decision = decide(this.graph);
      if (typeof decision === 'string') {
        markEnded(database, this.session, decision);
        return { kind: 'ended', reason: decision };
      }
      const left = takeExpired(database, this.session, this.store.now(), this.lease());
      if (left) return { kind: 'expand', claim: left };
      if (!decision) return { kind: 'wait' };
      return { kind: 'expand', claim: insertClaim(database, this.session, decision, this.lease()) };
    });
  }

  /** A session that had ended goes on, as limits may have been raised. */
  reopen(): void {
    this.store.database.transaction(() => markEnded(this.store.database, this.session, undefined));
  }

  /** Keeps what an operator made: the artifact first, then the row that names it. */
  keep(claim: Claim, { artifact, ...generated }: Generated): Claim | undefined {
    const hash = artifact && this.store.artifacts.put(artifact);
    const kept: Claim = { ...claim, artifact: hash, generated };
    const { database } = this.store;
    const isOwn = database.transaction(() =>
      keepGenerated(database, this.session, kept, this.options.worker),
    );
    return isOwn ? kept : undefined;
  }

  /** The artifact that a claim has come to. */
  artifactOf({ artifact }: Claim): Artifact | undefined {
    const { language } = this.store.session(this.session).settings;
    return artifact === undefined ? undefined : this.store.artifacts.get(artifact, language);
  }

  /** Says whose turn it is to evaluate an artifact: each is evaluated once. */
  evaluationTurn(claim: Claim): EvaluationTurn {
    const { database } = this.store;
    return database.transaction((): EvaluationTurn => {
      const known = database.first(
        `SELECT id, evaluation FROM nodes WHERE session = ? AND artifact = ? ORDER BY step LIMIT 1`,
        this.session,
        claim.artifact ?? null,
      );
      if (known) {
        return { kind: 'known', node: Number(known.id), evaluation: JSON.parse(String(known.evaluation)) };
      }
      if (isEvaluatedElsewhere(database, this.session, claim, this.store.now())) return { kind: 'elsewhere' };
      markEvaluating(database, this.session, claim.choice.ordinal);
      return { kind: 'own' };
    });
  }

  /** Adds the node that an expansion came to. @returns nothing where another worker has taken the expansion over */
  complete(record: NodeRecord): GraphNode | undefined {
    const { database } = this.store;
    const node = database.transaction(() =>
      removeClaim(database, this.session, record.ordinal, this.options.worker)
        ? insertNode(database, this.session, record)
        : undefined,
    );
    if (node) database.snapshot(() => this.refresh());
    return node;
  }

  /** A sign of life, with the times so far. */
  beat(times: RunTimes): void {
    const { database } = this.store;
    database.transaction(() => {
      renewLeases(database, this.session, this.lease());
      updateRun(database, this.run, times);
    });
  }

  /** Lets go of everything in flight and states the last times. */
  leave(times: RunTimes): void {
    const { database } = this.store;
    database.transaction(() => {
      releaseClaims(database, this.session, this.options.worker);
      updateRun(database, this.run, times);
    });
  }

  /**
   * Takes into the graph what all workers have added, and what they have in flight. To be called in a transaction:
   * between two looks another worker may begin something at a node that the first one did not see.
   */
  private refresh(): void {
    const { database } = this.store;
    for (const node of readNodes(database, this.session, this.graph.size + 1)) {
      this.graph.add(node);
      this.options.onNode(node, this.graph);
    }
    const { expansions } = this.store.session(this.session);
    const open = openClaims(database, this.session).map(({ choice }) => choice.parents);
    this.graph.setOpen(expansions, open);
  }

  private lease(): Lease {
    const { worker, leaseS } = this.options;
    return { worker, untilS: this.store.now() + leaseS };
  }
}
