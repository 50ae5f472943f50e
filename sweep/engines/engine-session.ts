import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import type { Engine } from '../engine.ts';
import type { SweepBundle } from '../point.ts';
import { type Deferred, deferred } from './deferred.ts';

/** An engine that is asked for one point at a time, by many at once, instead of being given a stream of them. */
export class EngineSession {
  private readonly stopping = new AbortController();
  private readonly waiting: PointTask[] = [];
  private woken = deferred();
  private readonly pending = new Map<string, Deferred<PointResult>>();
  /** Why there will be no more results. */
  private over: Error | undefined;
  /** Ends with the engine; rejects when the engine cannot go on. */
  readonly ended: Promise<void>;

  constructor(engine: Engine, bundle: SweepBundle) {
    this.ended = this.run(engine, bundle);
    this.ended.catch(() => {});
  }

  /** @throws Error when the session is stopped, or the engine fails, before the point is done */
  evaluate(task: PointTask): Promise<PointResult> {
    const known = this.pending.get(task.key);
    if (known) return known.promise;
    if (this.over) return Promise.reject(this.over);
    const made = deferred<PointResult>();
    this.pending.set(task.key, made);
    this.waiting.push(task);
    this.woken.resolve();
    return made.promise;
  }

  /** Drops the points in hand, whose askers hear so at once, and stops the engine. */
  async stop(): Promise<void> {
    this.dropAll(new Error('the session has been stopped'));
    this.stopping.abort();
    this.woken.resolve();
    await this.ended.catch(() => {});
  }

  private async run(engine: Engine, bundle: SweepBundle): Promise<void> {
    let reason = new Error('the session has ended');
    try {
      for await (const result of engine.run(bundle, this.tasks(), { signal: this.stopping.signal })) {
        this.pending.get(result.key)?.resolve(result);
        this.pending.delete(result.key);
      }
    } catch (error) {
      reason = error as Error;
      throw error;
    } finally {
      this.dropAll(reason);
    }
  }

  private dropAll(reason: Error): void {
    this.over ??= reason;
    for (const { reject } of this.pending.values()) reject(reason);
    this.pending.clear();
  }

  private async *tasks(): AsyncGenerator<PointTask> {
    while (!this.stopping.signal.aborted) {
      const task = this.waiting.shift();
      if (task) {
        yield task;
        continue;
      }
      this.woken = deferred();
      await this.woken.promise;
    }
  }
}
