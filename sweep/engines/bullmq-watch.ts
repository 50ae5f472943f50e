import type { Redis } from 'ioredis';
import { counted } from '../../foundation/counted.ts';
import type { SweepBundle } from '../point.ts';
import { liveWorkers, shortName, type WorkerNotice } from '../redis-sweep.ts';

/** Milliseconds without a worker until a person hears of it, and until he hears of it again. */
const aloneMs = { first: 3000, again: 60_000 };

interface WatchOptions {
  /** The server, for messages. */
  shown: string;
  notice: (text: string) => void;
  onStatus?: (text: string) => void;
}

/** Looks who serves a sweep, and speaks up when nobody does. */
export class WorkerWatch {
  private readonly redis: Redis;
  private readonly bundle: SweepBundle;
  private readonly options: WatchOptions;
  private aloneSinceMs = performance.now();
  private toldAtMs = Number.NEGATIVE_INFINITY;
  private readonly refusals = new Set<string>();

  constructor(redis: Redis, bundle: SweepBundle, options: WatchOptions) {
    this.redis = redis;
    this.bundle = bundle;
    this.options = options;
  }

  async look(): Promise<void> {
    const now = performance.now();
    const workers = await liveWorkers(this.redis, this.bundle.sweep);
    const serving = workers.filter(({ refusesAs }) => refusesAs === undefined);
    this.tellRefusals(workers);
    const threads = serving.reduce((sum, worker) => sum + worker.threads, 0);
    this.options.onStatus?.(
      serving.length === 0
        ? 'no workers'
        : `${counted(serving.length, 'worker')}, ${counted(threads, 'thread')}`,
    );
    if (serving.length > 0) this.aloneSinceMs = now;
    else this.tellAlone(now);
  }

  private tellAlone(now: number): void {
    const alone = now - this.aloneSinceMs;
    if (alone < aloneMs.first || now - this.toldAtMs < aloneMs.again) return;
    this.toldAtMs = now;
    this.options.notice(
      `no worker has served sweep ${shortName(this.bundle.sweep)} for ${Math.round(alone / 1000)} s; ` +
        `start some, here or elsewhere: rankfleet worker --redis ${this.options.shown}`,
    );
  }

  private tellRefusals(workers: readonly WorkerNotice[]): void {
    for (const { worker, refusesAs } of workers) {
      if (refusesAs === undefined || this.refusals.has(worker)) continue;
      this.refusals.add(worker);
      this.options.notice(
        `worker ${worker} refuses sweep ${shortName(this.bundle.sweep)}: it is rankfleet ${refusesAs}, ` +
          `the sweep needs ${this.bundle.product}`,
      );
    }
  }
}
