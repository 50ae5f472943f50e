import { availableParallelism } from 'node:os';
import { counted } from '../foundation/counted.ts';
import { InputError } from '../foundation/problem.ts';
import { formatTime, parseQuantity } from '../foundation/units.ts';
import { type ServiceSummary, servePoints } from '../sweep/engines/bullmq-service.ts';
import { threadsEngine } from '../sweep/engines/threads.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';
import { redisAddress } from './redis-option.ts';

export interface WorkerCommandOptions {
  redis?: string;
  concurrency?: number;
  /** A time, or true where only the option stands. */
  exitWhenIdle?: string | boolean;
  lostAfter: string;
}

/** Seconds that points in hand get once the worker is asked to end. Clusters commonly kill after 30. */
const graceS = 10;

/** Seconds without a point after which a worker ends that is asked to end when it is idle. */
const usualIdleS = 30;

/** `rankfleet worker`: serves sweeps until it is stopped, or idle if it is asked to end then; returns the exit code. */
export async function worker(options: WorkerCommandOptions): Promise<number> {
  const address = redisAddress(options.redis);
  const lostAfterS = seconds('--lost-after', options.lostAfter, 1);
  const idleS = idleTime(options.exitWhenIdle);
  const threads = options.concurrency ?? availableParallelism();
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    // Who asks twice does not want to wait: other workers take over what is in hand.
    if (stopping.signal.aborted) process.exit(exitCodes.failed);
    log(`${signal}: takes no more points`);
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  try {
    const summary = await servePoints(address, {
      makeEngine: () => threadsEngine({ threads }),
      product: productVersion(),
      threads,
      lostAfterS,
      ...(idleS !== undefined && { idleS }),
      graceS,
      signal: stopping.signal,
      notice: log,
    });
    return end(summary, stopping.signal.aborted ? 'stopped' : `idle for ${idleS} s`);
  } catch (error) {
    process.stderr.write(`rankfleet failed: ${(error as Error).message}\n`);
    // What runs on without its server would keep the process alive.
    process.exit(exitCodes.failed);
  }
}

function end({ points, refused }: ServiceSummary, why: string): number {
  log(
    `${why}; ${counted(points, 'point')} done${refused > 0 ? `, sweeps of other versions refused: ${refused}` : ''}`,
  );
  return points === 0 && refused > 0 ? exitCodes.failed : exitCodes.answered;
}

function idleTime(option: string | boolean | undefined): number | undefined {
  if (option === undefined || option === false) return undefined;
  return option === true ? usualIdleS : seconds('--exit-when-idle', option as string, 0);
}

function seconds(option: string, text: string, min: number): number {
  let value: number;
  try {
    value = parseQuantity(text, 'time');
  } catch (error) {
    throw new InputError(`${option}: ${(error as Error).message}`);
  }
  if (value >= min && value <= 86_400) return value;
  throw new InputError(`${option} ${text}: expected ${formatTime(min)} to ${formatTime(86_400)}`);
}

/** A line for each event; workers run where nobody watches. */
function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} worker ${process.pid}: ${text}\n`);
}
