import { performance } from 'node:perf_hooks';
import { type SearchEvent, type SearchOutcome, type SearchSetup, sessionOf } from './search-setup.ts';
import { SearchWorker } from './search-worker.ts';
import { patiently } from './storage/patience.ts';
import type { SearchStore } from './storage/store.ts';
import { workerName } from './storage/worker-name.ts';

export interface SearchOptions {
  /** Begins another session although there is one with the same settings, which would be gone on with. */
  isNew?: boolean;
  /** Stops at once; what is in flight is left to the next run. */
  signal?: AbortSignal;
  onEvent?: (event: SearchEvent) => void;
  /** A name that no other process has. */
  worker?: string;
  /** Seconds without a sign of life after which another process takes over what this one has in flight. */
  leaseS?: number;
  /** Seconds between two looks at what other processes have done, while there is nothing to do. */
  pollS?: number;
  /** Clock for durations, in seconds. */
  clock?: () => number;
}

/**
 * Searches until a limit is reached: drafts, then select → diagnose → retrieve → transform → evaluate → keep, by as many
 * agents as are stated, and by other processes that call this on the same folder. A session with the same settings is
 * gone on with. Whenever and however it stops, all finished evaluations are kept, and the next run takes up the rest.
 * @throws Error of the operator, an evaluator or the disk, once everything at hand has been kept
 */
export async function runSearch(
  store: SearchStore,
  setup: SearchSetup,
  options: SearchOptions = {},
): Promise<SearchOutcome> {
  const { limits, agents, evaluators } = setup;
  if (Object.values(limits).every((limit) => limit === undefined)) throw new Error('a search needs a limit');
  if (agents < 1 || evaluators.length < 1) throw new Error('a search needs an agent and an evaluator');
  const { isNew = false, ...stated } = options;
  const session = await patiently(() => store.enterSession(sessionOf(setup), { isNew }));
  const settings = {
    worker: workerName(),
    leaseS: 120,
    pollS: 0.25,
    clock: () => performance.now() / 1000,
    onEvent: () => {},
    ...stated,
  };
  const worker = await patiently(() => new SearchWorker(store, session, setup, settings));
  return await worker.work();
}
