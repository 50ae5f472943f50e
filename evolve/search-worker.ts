import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { DevicePool } from './device-pool.ts';
import { type Evaluation, withoutArtifact } from './evaluation.ts';
import { choose, generate, placeOf } from './expansion.ts';
import type { GraphNode, SearchGraph } from './graph.ts';
import { endReason, isFull, type StopReason } from './limits.ts';
import { nothingNew } from './operator.ts';
import type { SearchEvent, SearchOutcome, SearchSetup } from './search-setup.ts';
import type { Claim } from './storage/claims.ts';
import { StorageError } from './storage/database.ts';
import type { NodeRecord } from './storage/nodes.ts';
import { patiently } from './storage/patience.ts';
import type { RunTimes } from './storage/runs.ts';
import { SharedSession } from './storage/shared-session.ts';
import type { SearchStore } from './storage/store.ts';

interface WorkerOptions {
  signal?: AbortSignal;
  onEvent: (event: SearchEvent) => void;
  worker: string;
  leaseS: number;
  pollS: number;
  clock: () => number;
}

/** What an evaluation brought, and how long a device was held for it. */
interface Evaluated {
  evaluation: Evaluation;
  heldS: number;
  duplicateOf?: number;
}

/** One process at work on a session: some agents, a pool of devices, and signs of life. */
export class SearchWorker {
  private readonly store: SearchStore;
  private readonly session: number;
  private readonly setup: SearchSetup;
  private readonly options: WorkerOptions;
  private readonly shared: SharedSession;
  private readonly devices: DevicePool;
  private readonly startS: number;
  private generationS = 0;
  /** Fires when nothing more is to be begun or waited for. */
  private readonly halt = new AbortController();
  private reason: StopReason | undefined;
  private readonly errors: unknown[] = [];
  /** Nodes that the graph has taken in and nobody has heard of: they are told outside transactions. */
  private readonly untold: SearchEvent[] = [];
  /** Whether an operator has said so in this run: variants may have been added since an earlier one. */
  private isExhausted = false;
  /** Agents with nothing to do before something happens. */
  private readonly idle = new Set<() => void>();

  constructor(store: SearchStore, session: number, setup: SearchSetup, options: WorkerOptions) {
    this.store = store;
    this.session = session;
    this.setup = setup;
    this.options = options;
    const { agents, evaluators, policy } = setup;
    const { worker, leaseS, clock } = options;
    this.startS = clock();
    this.devices = new DevicePool(evaluators, clock);
    // Every agent listens to it, however many there are.
    setMaxListeners(0, this.halt.signal);
    const onNode = (node: GraphNode, graph: SearchGraph) => {
      policy.told?.(node, graph);
      this.untold.push({ kind: 'evaluated', node, best: graph.best });
    };
    this.shared = new SharedSession(store, session, {
      worker,
      leaseS,
      agents,
      devices: evaluators.length,
      onNode,
    });
    // What earlier runs have made is no news.
    this.untold.length = 0;
  }

  async work(): Promise<SearchOutcome> {
    const { limits, agents } = this.setup;
    const { signal, leaseS, onEvent } = this.options;
    onEvent({ kind: 'begun', session: this.session, nodes: this.shared.graph.size });
    const abort = () => this.stop('aborted');
    const timers = [setInterval(() => this.beat(), (leaseS / 4) * 1000)];
    if (limits.wallClockS !== undefined) {
      timers.push(setTimeout(() => this.stop('time'), Math.min(limits.wallClockS * 1000, longestTimerMs)));
    }
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
    try {
      await patiently(() => this.shared.reopen());
      await Promise.all(Array.from({ length: agents }, () => this.agent()));
    } finally {
      for (const timer of timers) clearInterval(timer);
      signal?.removeEventListener('abort', abort);
      await this.leave();
    }
    if (this.errors.length > 0) throw this.errors[0];
    const reason = this.reason ?? 'aborted';
    onEvent({ kind: 'stopped', reason });
    const { size: nodes, best } = this.shared.graph;
    return { session: this.session, reason, nodes, best };
  }

  /** Begins one expansion after the other; whatever breaks down in one stops all. */
  private async agent(): Promise<void> {
    try {
      for (;;) {
        if (this.halt.signal.aborted) return;
        const next = await patiently(() => this.shared.next((graph) => this.decide(graph)));
        this.tell();
        if (next.kind === 'ended') {
          this.reason ??= next.reason;
          this.wake();
          return;
        }
        if (next.kind === 'wait') await this.pause();
        else await this.unlessHalted(this.expand(next.claim));
        // Expansions that wait for nothing would leave timers and signals no chance.
        await turn();
      }
    } catch (error) {
      if (!(error instanceof Halted)) this.fail(error);
    }
  }

  private decide(graph: SearchGraph) {
    const { limits } = this.setup;
    if (this.isExhausted) return 'exhausted' as const;
    return endReason(graph, limits) ?? (isFull(graph, limits) ? undefined : choose(graph, this.setup));
  }

  /** From a claim to its node. Where another worker has taken it over meanwhile, that one goes on with it. */
  private async expand(claim: Claim): Promise<void> {
    this.options.onEvent({ kind: 'selected', choice: claim.choice });
    const generated = claim.generated ? claim : await this.generate(claim);
    if (!generated) {
      this.wake();
      return;
    }
    const evaluated = await this.evaluate(generated);
    this.throwIfHalted();
    await patiently(() => this.shared.complete(this.record(generated, evaluated)));
    if (evaluated.evaluation.failure?.signature === nothingNew) this.isExhausted = true;
    this.tell();
    this.wake();
  }

  private async generate(claim: Claim): Promise<Claim | undefined> {
    const { choice } = claim;
    const { clock, onEvent } = this.options;
    const read = (id: number) => this.store.attempt(id);
    const made = await generate(choice, this.shared.graph, this.setup, read, clock);
    this.throwIfHalted();
    this.generationS += made.seconds;
    if (made.failure?.signature === nothingNew && this.wasExhausted()) {
      // Said once, it is no news; the expansion is left to a run that has more variants.
      this.isExhausted = true;
      return undefined;
    }
    const kept = await patiently(() => this.shared.keep(claim, made));
    if (kept) onEvent({ kind: 'generated', choice, generated: made });
    return kept;
  }

  private wasExhausted(): boolean {
    return this.shared.graph.nodes.some(({ failure }) => failure?.signature === nothingNew);
  }

  private async evaluate(claim: Claim): Promise<Evaluated> {
    const artifact = this.shared.artifactOf(claim);
    if (!artifact) return { evaluation: withoutArtifact(claim.generated?.failure), heldS: 0 };
    for (;;) {
      const turn = await patiently(() => this.shared.evaluationTurn(claim));
      if (turn.kind === 'known') {
        const evaluation = { ...turn.evaluation, spentS: {}, deviceHeldS: 0 };
        return { evaluation, heldS: 0, duplicateOf: turn.node };
      }
      if (turn.kind === 'own') {
        const { task, dataType } = this.setup;
        return await this.devices.evaluate(artifact, { task, dataType, signal: this.halt.signal });
      }
      await this.pause();
      this.throwIfHalted();
    }
  }

  private record(
    { choice, artifact, generated }: Claim,
    { evaluation, heldS, duplicateOf }: Evaluated,
  ): NodeRecord {
    if (!generated) throw new Error(`expansion ${choice.ordinal} was not generated`);
    return {
      ...placeOf(choice, this.shared.graph),
      seenStep: choice.seenStep,
      artifact,
      score: evaluation.score,
      failure: evaluation.failure,
      duplicateOf,
      rationale: generated.rationale,
      evaluation,
      ...(generated.transcript && { transcript: generated.transcript }),
      injections: generated.injections,
      generationS: generated.seconds,
      heldS,
      madeAt: this.store.now(),
    };
  }

  private tell(): void {
    for (const event of this.untold.splice(0)) this.options.onEvent(event);
  }

  private times(): RunTimes {
    return {
      wallS: this.options.clock() - this.startS,
      generationS: this.generationS,
      heldS: this.devices.heldS,
    };
  }

  private beat(): void {
    try {
      this.shared.beat(this.times());
    } catch (error) {
      // The lease outlives several beats: the next one may come through.
      if (!(error instanceof StorageError && error.isBusy)) this.fail(error);
    }
  }

  private async leave(): Promise<void> {
    try {
      await patiently(() => this.shared.leave(this.times()));
    } catch (error) {
      this.errors.push(error);
    }
  }

  private fail(error: unknown): void {
    this.errors.push(error);
    this.stop('aborted');
  }

  private stop(reason: StopReason): void {
    this.reason ??= reason;
    this.halt.abort();
    this.wake();
  }

  /** Waits until something has happened here, or may have in another process. */
  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.idle.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, this.options.pollS * 1000);
      this.idle.add(wake);
    });
  }

  private wake(): void {
    for (const wake of this.idle) wake();
  }

  private throwIfHalted(): void {
    if (this.halt.signal.aborted) throw new Halted();
  }

  /** Does not wait for an operator or a device that heeds no signal. */
  private unlessHalted(work: Promise<void>): Promise<void> {
    const { signal } = this.halt;
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(new Halted());
      const halted = () => reject(new Halted());
      signal.addEventListener('abort', halted);
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', halted));
    });
  }
}

/** Timers that are set for longer go off at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Thrown where work is left to the next run. */
class Halted extends Error {}
