import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** Milliseconds after which a lock that nobody renews is free, and between its renewals. */
const heldMs = 3000;
const renewMs = 500;

const renewScript = `
  local holder = redis.call('GET', KEYS[1])
  if not holder then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1 end
  if holder ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1`;

const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

export interface RedisLock {
  /** @throws Error once another process has taken over. */
  check(): void;
  release(): Promise<void>;
}

/**
 * Takes a lock, and keeps it until it is released or this process dies. One that a process killed a moment ago held
 * is waited for.
 * @param what what it stands for, in messages
 * @throws Error when a process that lives holds it
 */
export async function takeLock(
  redis: Redis,
  key: string,
  what: string,
  notice: (text: string) => void,
): Promise<RedisLock> {
  const own = JSON.stringify({ holder: `${hostname()}, process ${process.pid}`, token: randomUUID() });
  const started = performance.now();
  let isTold = false;
  while ((await redis.set(key, own, 'PX', heldMs, 'NX')) !== 'OK') {
    const holder = await redis.get(key);
    if (holder === null) continue;
    const who = JSON.parse(holder).holder as string;
    if (performance.now() - started > heldMs + 2 * renewMs)
      throw new Error(`${what} is under way already, run by ${who}`);
    if (!isTold)
      notice(`${what} was run by ${who} a moment ago; waiting for a few seconds to see if it still is`);
    isTold = true;
    await setTimeout(100);
  }
  let isLost = false;
  const timer = setInterval(() => {
    // A failure here is one of the connection, which those who use it hear of.
    redis.eval(renewScript, 1, key, own, heldMs).then(
      (kept) => {
        isLost ||= kept === 0;
      },
      () => {},
    );
  }, renewMs);
  return {
    check: () => {
      if (isLost) throw new Error(`${what} has been taken over by another process; this one stops`);
    },
    release: async () => {
      clearInterval(timer);
      if (redis.status === 'ready') await redis.eval(releaseScript, 1, key, own).catch(() => {});
    },
  };
}
