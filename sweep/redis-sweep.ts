import type { Redis } from 'ioredis';
import type { SweepBundle } from './point.ts';

/** bullmq puts the name of a queue, which is the key of its sweep, and then what is in it behind this. */
export const queuePrefix = 'rankfleet:queue';

/** Hash of all sweeps that wait for workers: the sweep's key, and a `SweepNotice` as JSON. */
const sweepsKey = 'rankfleet:sweeps';

/** Seconds that a sweep which nobody coordinates any more stays. */
const keptS = 7 * 24 * 3600;

/** Seconds after its last sign that a worker counts as gone. */
const workerGoneS = 6;

/** What a worker must know of a sweep before it takes points of it. */
export interface SweepNotice {
  name: string;
  /** Version that asks; only the same may answer. */
  product: string;
}

/** What a worker says of itself. */
export interface WorkerNotice {
  /** Host and process. */
  worker: string;
  threads: number;
  /** Version of a worker that refuses the sweep for it. */
  refusesAs?: string;
}

const keyOf = (sweep: string, what: 'bundle' | 'workers' | 'coordinator' | 'crashes') =>
  `rankfleet:sweep:${sweep}:${what}`;

/** Short form of a sweep's key, for people. */
export const shortName = (sweep: string) => sweep.slice(0, 8);

/** Puts a sweep where workers find it; again is no harm. */
export async function announceSweep(redis: Redis, bundle: SweepBundle): Promise<void> {
  const { sweep, name, product } = bundle;
  await redis.set(keyOf(sweep, 'bundle'), JSON.stringify(bundle), 'EX', keptS);
  await redis.hset(sweepsKey, sweep, JSON.stringify({ name, product } satisfies SweepNotice));
}

/** Whether a sweep is still there; it stays for as long again from now. */
export async function keepSweep(redis: Redis, sweep: string): Promise<boolean> {
  return (await redis.expire(keyOf(sweep, 'bundle'), keptS)) === 1;
}

export async function announcedSweeps(redis: Redis): Promise<Map<string, SweepNotice>> {
  const all = await redis.hgetall(sweepsKey);
  return new Map(Object.entries(all).map(([sweep, json]) => [sweep, JSON.parse(json) as SweepNotice]));
}

/** The bundle of a sweep, or nothing where it is gone. */
export async function fetchBundle(redis: Redis, sweep: string): Promise<SweepBundle | undefined> {
  const json = await redis.get(keyOf(sweep, 'bundle'));
  return json === null ? undefined : JSON.parse(json);
}

/** Takes a sweep away; its queue is bullmq's to clear. */
export async function removeSweep(redis: Redis, sweep: string): Promise<void> {
  await redis.hdel(sweepsKey, sweep);
  await redis.del(keyOf(sweep, 'bundle'), keyOf(sweep, 'workers'), keyOf(sweep, 'crashes'));
}

/** Takes away what a worker writes again when it looks for lost points of a sweep that was just taken away. */
export async function removeRemains(redis: Redis, sweep: string): Promise<void> {
  await redis.del(`${queuePrefix}:${sweep}:meta`, `${queuePrefix}:${sweep}:stalled-check`);
}

/** A worker's sign of life. Times are the server's, so that clocks need not agree. */
export async function signalWorker(redis: Redis, sweep: string, notice: WorkerNotice): Promise<void> {
  const key = keyOf(sweep, 'workers');
  const [seconds] = await redis.time();
  await redis.zadd(key, String(seconds), JSON.stringify(notice));
  await redis.expire(key, keptS);
}

export async function forgetWorker(redis: Redis, sweep: string, notice: WorkerNotice): Promise<void> {
  await redis.zrem(keyOf(sweep, 'workers'), JSON.stringify(notice));
}

/** Workers that gave a sign of life lately, those that refuse included. */
export async function liveWorkers(redis: Redis, sweep: string): Promise<WorkerNotice[]> {
  const key = keyOf(sweep, 'workers');
  const [seconds] = await redis.time();
  await redis.zremrangebyscore(key, '-inf', `(${Number(seconds) - workerGoneS}`);
  return (await redis.zrange(key, '0', '-1')).map((json) => JSON.parse(json));
}

/** Counts that a worker starts a point that may have crashed one before; returns how often that was now. */
export async function countRiskyStart(redis: Redis, sweep: string, point: string): Promise<number> {
  const key = keyOf(sweep, 'crashes');
  const starts = await redis.hincrby(key, point, 1);
  await redis.expire(key, keptS);
  return starts;
}

/** Takes back a start that ended without a crash. */
export async function forgiveStart(redis: Redis, sweep: string, point: string): Promise<void> {
  await redis.hincrby(keyOf(sweep, 'crashes'), point, -1);
}

export const coordinatorKey = (sweep: string) => keyOf(sweep, 'coordinator');
