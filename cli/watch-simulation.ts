import type { Snapshot } from '../reports/terminal/feed.ts';
import type { Ending } from '../reports/terminal/open-terminal.tsx';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import type { Result } from '../sim/result.ts';
import { type Job, jobsOf, outcomesByArm } from '../sim/run.ts';
import type { ReplicationOutcome } from '../sim/serving/replication.ts';
import { type PlannedArm, summarise } from '../sim/summarise.ts';
import { byReplication, summariseSoFar } from '../sim/summarise-so-far.ts';
import { LiveFeed, secondsLeft } from './live-feed.ts';
import { productVersion } from './product.ts';
import { runJobs } from './run-jobs.ts';
import { drawOnTerminal, endBySignal, exportersOf } from './terminal.ts';

interface WatchOptions {
  workers?: number | undefined;
  /** Told the result as soon as it is whole, while the person looks at it; says where it is kept. */
  onResult(result: Result): string | undefined;
}

/**
 * Simulates while a person looks on. The result is that of a simulation that nobody watches, byte for byte.
 * @returns the result, and how the person left it; a person who stops the simulation ends the process
 */
export async function watchSimulation(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  { workers, onResult }: WatchOptions,
): Promise<{ result: Result; ending: Ending }> {
  const jobs = byReplication(jobsOf(scenario, planned));
  const seen = new Seen(scenario, planned, jobs);
  const closing = new AbortController();
  const work = runJobs(jobs, {
    ...(workers !== undefined && { workers }),
    keepsThisThreadFree: true,
    onDone: (outcome, index) => seen.add(outcome, index),
  }).then((outcomes) => {
    const result = summarise(scenario, planned, outcomesByArm(planned, jobs, outcomes), product());
    seen.finish(result, onResult(result));
    return result;
  });
  const look = drawOnTerminal(seen.feed, closing.signal);
  try {
    const ended = await Promise.race([work.then(() => undefined), look]);
    if (ended) {
      const { done } = seen;
      process.stderr.write(
        `stopped: ${done} of ${jobs.length} replications were simulated, nothing is written\n`,
      );
      return await endBySignal(ended.kind === 'signal' ? ended.signal : 'SIGINT');
    }
    return { result: await work, ending: await look };
  } finally {
    closing.abort();
    await look;
    seen.feed.close();
  }
}

function product(): string {
  return `rankfleet ${productVersion()}`;
}

/** What is simulated so far, as it is shown. */
class Seen {
  readonly feed: LiveFeed;
  done = 0;
  private readonly outcomes: (ReplicationOutcome | undefined)[];
  private readonly startedMs = performance.now();
  private readonly scenario: ResolvedScenario;
  private readonly planned: readonly PlannedArm[];
  private readonly jobs: readonly Job[];

  constructor(scenario: ResolvedScenario, planned: readonly PlannedArm[], jobs: readonly Job[]) {
    this.scenario = scenario;
    this.planned = planned;
    this.jobs = jobs;
    this.outcomes = jobs.map(() => undefined);
    this.feed = new LiveFeed(() => this.snapshot());
  }

  add(outcome: ReplicationOutcome, index: number): void {
    this.outcomes[index] = outcome;
    this.done++;
    this.feed.changed();
  }

  finish(result: Result, note: string | undefined): void {
    const subject = { kind: 'result', source: this.scenario.name, result } as const;
    const run = { ...this.run(), state: 'finished' as const, note };
    this.feed.finish({ subject, run, exporters: exportersOf(subject) });
  }

  private snapshot(): Snapshot {
    const { scenario, planned, jobs, outcomes } = this;
    const result = summariseSoFar(scenario, planned, jobs, outcomes, product());
    return {
      subject: { kind: 'result', source: scenario.name, result },
      run: this.run(),
      // What is half done is not for files.
      exporters: [],
    };
  }

  private run(): NonNullable<Snapshot['run']> {
    const total = this.jobs.length;
    return {
      state: 'running',
      done: this.done,
      total,
      what: 'replications',
      stopQuestion: 'Stop the simulation? Nothing is written then.',
      leftS: secondsLeft(this.startedMs, this.done, total),
    };
  }
}
