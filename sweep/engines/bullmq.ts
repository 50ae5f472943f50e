import { setTimeout } from 'node:timers/promises';
import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import type { Engine, EngineOptions } from '../engine.ts';
import type { SweepBundle } from '../point.ts';
import type { RedisAddress } from '../redis-address.ts';
import { loadDrivers, openRedis } from '../redis-connection.ts';
import { takeLock } from '../redis-lock.ts';
import {
  announceSweep,
  coordinatorKey,
  keepSweep,
  queuePrefix,
  removeSweep,
  shortName,
} from '../redis-sweep.ts';
import { Backlog, type PointQueue } from './bullmq-backlog.ts';
import { WorkerWatch } from './bullmq-watch.ts';

/** Finished points fetched at a time. */
const pagePoints = 100;
/** Milliseconds between looks for finished points while there are none. */
const pauseMs = { shortest: 10, longest: 250 };
/** Milliseconds between looks whether the sweep, and whether each point, is still on the server. */
const lookMs = 1000;
const auditMs = 60_000;

/**
 * Evaluates points by `rankfleet worker` processes on any number of machines, through bullmq's queue in Redis.
 * What is finished stays in Redis until the reader has taken it and asks for more, so that it is still there when the
 * reader is killed. A queue that a killed process left of the same sweep is taken over.
 * @param notice told what a person should know at once: no worker serves, the connection is lost
 */
export function bullmqEngine(address: RedisAddress, notice: (text: string) => void): Engine {
  return {
    async *run(bundle, tasks, options) {
      const redis = await openRedis(address, notice);
      try {
        yield* coordinate({ client: redis.client, shown: address.shown, notice }, bundle, tasks, options);
      } catch (error) {
        const { message } = redis.explain(error);
        throw new Error(`${message}; what is finished is kept, and --resume goes on with the rest`);
      } finally {
        redis.close();
      }
    },
  };
}

interface Server {
  client: Awaited<ReturnType<typeof openRedis>>['client'];
  shown: string;
  notice: (text: string) => void;
}

async function* coordinate(
  { client, shown, notice }: Server,
  bundle: SweepBundle,
  tasks: AsyncIterable<PointTask>,
  { signal, onStatus }: EngineOptions,
): AsyncGenerator<PointResult> {
  const { bullmq } = await loadDrivers();
  const what = `sweep ${shortName(bundle.sweep)} on Redis at ${shown}`;
  const lock = await takeLock(client, coordinatorKey(bundle.sweep), what, notice);
  const queue: PointQueue = new bullmq.Queue(bundle.sweep, {
    connection: client,
    prefix: queuePrefix,
    // Nobody reads bullmq's stream of events.
    streams: { events: { maxLen: 10 } },
  });
  // Its commands reject as well, and those are heard.
  queue.on('error', () => {});
  const backlog = new Backlog(queue, tasks);
  const watch = new WorkerWatch(client, bundle, { shown, notice, ...(onStatus && { onStatus }) });
  try {
    await announceSweep(client, bundle);
    await backlog.fill();
    await backlog.dropStrangers();
    let pause = pauseMs.shortest;
    let lookedAtMs = performance.now();
    let auditedAtMs = performance.now();
    while (!signal.aborted && !backlog.isEmpty) {
      lock.check();
      const finished = await queue.getJobs(['completed', 'failed'], 0, pagePoints - 1, true);
      for (const job of finished) yield* backlog.settle(job);
      await Promise.all(finished.map((job) => job.remove()));
      await backlog.fill();
      const now = performance.now();
      if (now - lookedAtMs > lookMs) {
        lookedAtMs = now;
        await watch.look();
        // A server that was restarted without its data knows nothing of the sweep any more.
        if (!(await keepSweep(client, bundle.sweep)) || now - auditedAtMs > auditMs) {
          auditedAtMs = now;
          await announceSweep(client, bundle);
          await backlog.putAgain();
        }
      }
      pause = finished.length > 0 ? pauseMs.shortest : Math.min(2 * pause, pauseMs.longest);
      if (finished.length < pagePoints) await setTimeout(pause, undefined, { signal }).catch(() => {});
    }
    if (backlog.isEmpty) {
      await removeSweep(client, bundle.sweep);
      await queue.obliterate({ force: true });
    } else {
      // Workers finish what they have in hand; it waits in Redis for the run that goes on with this sweep.
      await queue.drain();
    }
  } finally {
    await backlog.close();
    await lock.release();
    await queue.close().catch(() => {});
  }
}
