import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { counted } from '../../foundation/counted.ts';
import type { Engine } from '../engine.ts';
import type { RedisAddress } from '../redis-address.ts';
import { loadDrivers, type OpenRedis, openRedis } from '../redis-connection.ts';
import {
  announcedSweeps,
  fetchBundle,
  forgetWorker,
  queuePrefix,
  removeRemains,
  removeSweep,
  type SweepNotice,
  shortName,
  signalWorker,
  type WorkerNotice,
} from '../redis-sweep.ts';
import { SweepServer } from './bullmq-server.ts';

const lookMs = 1000;

/** Milliseconds between lines that say how far a worker is. */
const tellMs = 10_000;

export interface ServiceOptions {
  /** Evaluates the points; one for each sweep. */
  makeEngine: () => Engine;
  /** Version of this product: sweeps of another one are refused. */
  product: string;
  /** Points in hand at a time, of each sweep. */
  threads: number;
  /** Seconds without a sign of life after which a worker's points are given to others. */
  lostAfterS: number;
  /** Seconds without a point after which the service ends; without a number, it waits for ever. */
  idleS?: number;
  /** Seconds that points in hand may take to finish once the service is stopped. */
  graceS: number;
  /** Ends the service. */
  signal: AbortSignal;
  notice: (text: string) => void;
}

export interface ServiceSummary {
  points: number;
  /** Sweeps of other versions of the product. */
  refused: number;
}

/**
 * Serves all sweeps that are announced on a Redis server, until it is stopped or idle.
 * @throws Error when the server cannot be reached or is lost, or points cannot be evaluated here at all
 */
export async function servePoints(address: RedisAddress, options: ServiceOptions): Promise<ServiceSummary> {
  const redis = await openRedis(address, options.notice);
  const service = new Service(redis, options);
  options.notice(
    `ready for sweeps on Redis at ${address.shown}: rankfleet ${options.product}, ${options.threads} at a time`,
  );
  try {
    return await Promise.race([service.run(), redis.lost]);
  } catch (error) {
    throw redis.explain(error);
  } finally {
    redis.close();
  }
}

class Service {
  private readonly redis: OpenRedis;
  private readonly options: ServiceOptions;
  private readonly name = `${hostname()}:${process.pid}`;
  private readonly servers = new Map<string, SweepServer>();
  private readonly refused = new Set<string>();
  private points = 0;
  private toldPoints = 0;
  private toldAtMs = performance.now();
  private busyAtMs = performance.now();
  private failure: Error | undefined;

  constructor(redis: OpenRedis, options: ServiceOptions) {
    this.redis = redis;
    this.options = options;
  }

  async run(): Promise<ServiceSummary> {
    const { signal, notice, graceS } = this.options;
    while (!signal.aborted && !this.isIdle() && !this.failure) {
      await this.look();
      this.tellPoints();
      await setTimeout(lookMs, undefined, { signal }).catch(() => {});
    }
    const inHand = this.inHand();
    if (signal.aborted && inHand > 0)
      notice(`stopping: points in hand have ${graceS} s to finish, then they go back to the queue`);
    await Promise.all([...this.servers.keys()].map((sweep) => this.leave(sweep, this.failure ? 0 : graceS)));
    if (this.failure) throw this.failure;
    return { points: this.points, refused: this.refused.size };
  }

  /** Starts to serve what is new, and leaves what is gone. */
  private async look(): Promise<void> {
    const { client } = this.redis;
    const announced = await announcedSweeps(client);
    for (const [sweep, notice] of announced) {
      if (notice.product !== this.options.product) await this.refuse(sweep, notice);
      else if (this.servers.has(sweep)) await signalWorker(client, sweep, this.sign());
      else await this.join(sweep, notice);
    }
    for (const sweep of this.servers.keys()) {
      if (announced.has(sweep)) continue;
      this.options.notice(`sweep ${shortName(sweep)} is finished`);
      // Whatever is in hand of it nobody waits for.
      await this.leave(sweep, 0);
      await removeRemains(client, sweep);
    }
  }

  private sign(): WorkerNotice {
    return { worker: this.name, threads: this.options.threads };
  }

  private async join(sweep: string, { name }: SweepNotice): Promise<void> {
    const { client } = this.redis;
    const { makeEngine, threads, lostAfterS, notice } = this.options;
    const bundle = await fetchBundle(client, sweep);
    if (!bundle) return this.clearAway(sweep);
    const onPoint = () => {
      this.points++;
      this.busyAtMs = performance.now();
    };
    const server = await SweepServer.start(client, bundle, {
      engine: makeEngine(),
      threads,
      lostAfterS,
      onPoint,
      notice,
    });
    this.servers.set(sweep, server);
    server.failed.catch((error) => {
      this.failure ??= error;
    });
    await signalWorker(client, sweep, this.sign());
    notice(`serving sweep ${shortName(sweep)} of ${name}`);
  }

  private async refuse(sweep: string, { product }: SweepNotice): Promise<void> {
    const notice = { ...this.sign(), refusesAs: this.options.product };
    await signalWorker(this.redis.client, sweep, notice);
    if (this.refused.has(sweep)) return;
    this.refused.add(sweep);
    this.options.notice(
      `refuses sweep ${shortName(sweep)}: it needs rankfleet ${product}, this is ${this.options.product}; ` +
        'its points are left to workers of that version',
    );
  }

  private async leave(sweep: string, graceS: number): Promise<void> {
    const server = this.servers.get(sweep);
    this.servers.delete(sweep);
    await server?.close(graceS);
    await forgetWorker(this.redis.client, sweep, this.sign());
  }

  /** A sweep whose bundle has expired: nobody has asked for it for days. */
  private async clearAway(sweep: string): Promise<void> {
    const { Queue } = (await loadDrivers()).bullmq;
    const queue = new Queue(sweep, { connection: this.redis.client, prefix: queuePrefix });
    await queue.obliterate({ force: true });
    await queue.close();
    await removeSweep(this.redis.client, sweep);
    this.options.notice(`cleared away sweep ${shortName(sweep)}, which nobody has asked for lately`);
  }

  private inHand(): number {
    return [...this.servers.values()].reduce((sum, { active }) => sum + active, 0);
  }

  private isIdle(): boolean {
    const { idleS } = this.options;
    if (this.inHand() > 0) this.busyAtMs = performance.now();
    return idleS !== undefined && performance.now() - this.busyAtMs > idleS * 1000;
  }

  private tellPoints(): void {
    const now = performance.now();
    if (now - this.toldAtMs < tellMs || this.points === this.toldPoints) return;
    const perS = ((this.points - this.toldPoints) * 1000) / (now - this.toldAtMs);
    this.options.notice(
      `${counted(this.points, 'point')} done, ${perS < 10 ? perS.toPrecision(2) : perS.toFixed(0)} per second`,
    );
    this.toldAtMs = now;
    this.toldPoints = this.points;
  }
}
