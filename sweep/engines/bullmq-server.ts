import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import type { Engine } from '../engine.ts';
import type { SweepBundle } from '../point.ts';
import { loadDrivers } from '../redis-connection.ts';
import { countRiskyStart, forgiveStart, queuePrefix } from '../redis-sweep.ts';
import type { PointJob, PointRows, QueuedPoint } from './bullmq-backlog.ts';
import { EngineSession } from './engine-session.ts';
import { failedPoint } from './failed-point.ts';
import { Solitude } from './solitude.ts';

/** Times that a point may end its worker while it is the only one there, until it is given up. */
const mostCrashes = 5;

export interface ServeOptions {
  engine: Engine;
  /** Points in hand at a time. */
  threads: number;
  /** Seconds without a sign of life after which a worker's points are given to others. */
  lostAfterS: number;
  onPoint: (result: PointResult) => void;
  notice: (text: string) => void;
}

/** Takes points of one sweep off its queue, evaluates them, and puts their rows there. */
export class SweepServer {
  readonly bundle: SweepBundle;
  /** Points in hand. */
  active = 0;
  private readonly redis: Redis;
  private readonly options: ServeOptions;
  private readonly session: EngineSession;
  private readonly solitude = new Solitude();
  private readonly told = new Set<string>();
  private readonly worker: Worker<QueuedPoint, PointRows>;
  private readonly BackToQueue: new () => Error;

  static async start(redis: Redis, bundle: SweepBundle, options: ServeOptions): Promise<SweepServer> {
    return new SweepServer((await loadDrivers()).bullmq, redis, bundle, options);
  }

  private constructor(
    { Worker, WaitingError }: typeof import('bullmq'),
    redis: Redis,
    bundle: SweepBundle,
    options: ServeOptions,
  ) {
    this.redis = redis;
    this.bundle = bundle;
    this.options = options;
    this.session = new EngineSession(options.engine, bundle);
    this.BackToQueue = WaitingError;
    this.worker = new Worker<QueuedPoint, PointRows>(bundle.sweep, (job, token) => this.process(job, token), {
      connection: redis,
      prefix: queuePrefix,
      concurrency: options.threads,
      lockDuration: options.lostAfterS * 1000,
      stalledInterval: options.lostAfterS * 500,
      // Seconds that the end of a sweep may wait for a worker that blocks on its empty queue.
      drainDelay: 1,
      runRetryDelay: 1000,
      // Starts that may crash are counted here, one by one: bullmq would blame all points that a worker had in hand.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.worker.on('stalled', (id) =>
      options.notice(`took ${id.slice(0, 'point-'.length + 8)} back from a worker that gave no sign of life`),
    );
    this.worker.on('error', (error) => this.tell(error));
  }

  /** Rejects when points cannot be evaluated here at all. */
  get failed(): Promise<void> {
    return this.session.ended;
  }

  /** Says once what goes wrong, less what the owner of the connection hears of. */
  private tell({ message }: Error): void {
    const text = message.replace(/point-\w+/g, 'a point');
    if (/ECONN|EPIPE|Connection is closed|Command timed out/.test(text) || this.told.has(text)) return;
    this.told.add(text);
    this.options.notice(`bullmq says: ${text}`);
  }

  private async process(job: PointJob, token: string | undefined): Promise<PointRows> {
    this.active++;
    try {
      const { task } = job.data;
      const result = await (job.stalledCounter > 0
        ? this.solitude.runAlone(() => this.evaluateRisky(task))
        : this.solitude.runTogether(() => this.session.evaluate(task)));
      this.options.onPoint(result);
      return result.rows;
    } catch {
      // Only a session that ends lets go of a point; another worker has it then.
      await job.moveToWait(token);
      throw new this.BackToQueue();
    } finally {
      this.active--;
    }
  }

  /** A point that a worker had in hand when it died. Whether it is the reason shows when it is evaluated alone. */
  private async evaluateRisky(task: PointTask): Promise<PointResult> {
    const starts = await countRiskyStart(this.redis, this.bundle.sweep, task.key);
    if (starts > mostCrashes) return failedPoint(task, `ended its worker ${mostCrashes} times in a row`);
    try {
      return await this.session.evaluate(task);
    } finally {
      await forgiveStart(this.redis, this.bundle.sweep, task.key);
    }
  }

  /** Takes no more points, finishes those in hand within `graceS` seconds, and puts the others back. */
  async close(graceS: number): Promise<void> {
    const grace = setTimeout(() => this.session.stop(), graceS * 1000);
    try {
      await this.worker.close();
    } finally {
      clearTimeout(grace);
      await this.session.stop();
    }
  }
}
