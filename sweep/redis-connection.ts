import type { Redis } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';

/** Seconds to wait for the server at the start; it answers in milliseconds where it runs. */
const connectS = 5;

/** Seconds without the server after which a process that was connected gives up. */
const patienceS = 20;

/** The optional packages, loaded only where a sweep runs on Redis. */
export async function loadDrivers() {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'sweeps over Redis need the packages bullmq and ioredis, which are optional and not installed here; ' +
        'install them with: npm install bullmq ioredis',
    );
  }
}

export interface OpenRedis {
  client: Redis;
  /** Rejects when the connection is lost for good; never resolves. */
  lost: Promise<never>;
  /** What an error of a command means: after the connection was lost, that; else itself. */
  explain(error: unknown): Error;
  close(): void;
}

/**
 * Connects to a server. A connection lost later is tried again for some seconds; commands wait meanwhile.
 * @param notice told of connections lost and found again
 * @throws Error when the server cannot be reached or does not let us in
 */
export async function openRedis(address: RedisAddress, notice: (text: string) => void): Promise<OpenRedis> {
  const { ioredis } = await loadDrivers();
  let lastError: Error | undefined;
  let wasReady = false;
  let lostAtMs: number | undefined;
  const client = new ioredis.Redis(address.url, {
    lazyConnect: true,
    connectTimeout: connectS * 1000,
    commandTimeout: (patienceS + 2) * 1000,
    // Asked for by bullmq: commands wait for the connection instead of counting attempts.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => {
      const waitedMs = lostAtMs === undefined ? 0 : performance.now() - lostAtMs;
      return wasReady && waitedMs < patienceS * 1000 ? Math.min(100 * attempt, 1000) : null;
    },
  });
  client.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    await client.connect();
    await client.ping();
    // A server that refuses the database only says so, and goes on with another one.
    if (lastError) throw lastError;
  } catch (error) {
    client.disconnect();
    throw new Error(refusal(address, lastError ?? (error as Error)));
  }
  wasReady = true;
  let isClosed = false;
  let giveUp: (error: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  lost.catch(() => {});
  const lossOf = (error?: Error) =>
    new Error(
      `lost the connection to Redis at ${address.shown}${error ? ` (${error.message})` : ''} ` +
        `and did not get it back within ${patienceS} s`,
    );
  client.on('close', () => {
    if (isClosed || lostAtMs !== undefined) return;
    lostAtMs = performance.now();
    notice(`lost the connection to Redis at ${address.shown}; trying again for ${patienceS} s`);
  });
  client.on('ready', () => {
    lostAtMs = undefined;
    lastError = undefined;
    notice(`connected to Redis at ${address.shown} again`);
  });
  client.on('end', () => {
    if (!isClosed) giveUp(lossOf(lastError));
  });
  return {
    client,
    lost,
    explain: (error) => {
      const { message } = error as Error;
      if (client.status !== 'ready' && !isClosed) return lossOf(lastError);
      if (message === 'Command timed out')
        return new Error(`Redis at ${address.shown} did not answer for ${patienceS} s`);
      return error as Error;
    },
    close: () => {
      isClosed = true;
      client.disconnect();
    },
  };
}

function refusal({ shown }: RedisAddress, { message }: Error): string {
  if (/WRONGPASS|invalid password/i.test(message))
    return `Redis at ${shown} refuses the password: ${message}`;
  if (/NOAUTH|authenticat/i.test(message))
    return `Redis at ${shown} asks for a password; put it into the URL: redis://:PASSWORD@host:port`;
  if (/DB index/i.test(message)) return `Redis at ${shown} has no such database: ${message}`;
  return `Redis at ${shown} cannot be reached: ${message}`;
}
