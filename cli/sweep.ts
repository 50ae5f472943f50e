import { counted } from '../foundation/counted.ts';
import { checkWritableFolder } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { sweepInWords, sweepReport } from '../reports/sweep-report.ts';
import type { Ending } from '../reports/terminal/open-terminal.tsx';
import { wrap } from '../reports/text-table.ts';
import { scenarioDocument } from '../scenarios/files.ts';
import { checkServes } from '../scenarios/kind.ts';
import { type Summary, summarise } from '../sim/summary-of-sweep-result.ts';
import type { PointResult } from '../sim/sweep-result.ts';
import { type Design, designSweep, tasksOf } from '../sweep/design.ts';
import type { Engine } from '../sweep/engine.ts';
import { type Format, type Manifest, readManifest, takeFolder } from '../sweep/folder.ts';
import { Journal, journalName, type Shard } from '../sweep/journal.ts';
import { usualFormat, writeResults } from '../sweep/results.ts';
import { exitCodeOfSweep } from './exit-code-of.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';
import { queryHint } from './query-hint.ts';
import { headOf } from './read-subject.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { type SweepListener, SweepProgress } from './sweep-progress.ts';
import { canDraw, signalCodes, textWidth } from './terminal.ts';
import type { WatchedSweep } from './watch-sweep.ts';

export interface SweepOptions {
  out?: string;
  workers?: number;
  resume?: boolean;
  format?: Format;
  shard?: Shard;
  merge?: boolean;
  points?: number;
  seed?: number;
  replications?: number;
  /** False where --no-early-stop stands. */
  earlyStop: boolean;
  json?: boolean;
  engine: 'local' | 'bullmq';
  redis?: string;
  watch?: boolean;
}

/** What `--json` prints of a finished sweep. */
interface SweepAnswer {
  folder: string;
  /** File of the results. */
  results: string;
  format: Format;
  manifest: Manifest;
  summary: Summary;
}

/** `rankfleet sweep`: results to a folder, a summary to stdout, progress to stderr; returns the exit code. */
export async function sweep(file: string, options: SweepOptions): Promise<number> {
  checkWatch(options);
  const engine = await engineOf(options);
  const { document, name } = scenarioDocument(file);
  checkServes(document);
  const design = await designSweep(document, name, productVersion(), {
    ...(options.points !== undefined && { points: options.points }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.replications !== undefined && { replications: options.replications }),
    ...(!options.earlyStop && { earlyStop: false }),
  });
  const folder = options.out ?? `${design.bundle.name}-sweep`;
  checkWritableFolder(folder, '--out');
  if (options.merge && !readManifest(folder)) {
    throw new InputError(`--merge: ${folder} holds no sweep; --out says where its shards are`);
  }
  const own = journalName(options.shard);
  const mayResume = options.resume === true || options.merge === true;
  const manifest = takeFolder(folder, design, { own, mayResume });
  const watched = options.watch && canDraw() ? await watchedSweep(manifest) : undefined;
  try {
    if (!options.merge) {
      const code = await withJournal(folder, design, (journal) => {
        journal.open(own);
        return work(design, journal, engine, options, { file, folder, watched });
      });
      if (code !== undefined) return code;
    }
    // Read anew: other shards may have finished meanwhile.
    return await withJournal(folder, design, (journal) =>
      finish(design, manifest, journal, options, { folder, watched }),
    );
  } finally {
    await watched?.end();
  }
}

async function watchedSweep(manifest: Manifest): Promise<WatchedSweep> {
  const { WatchedSweep: Watched } = await import('./watch-sweep.ts');
  return new Watched(headOf(manifest));
}

function checkWatch({ watch, json, merge }: SweepOptions): void {
  if (watch && json) {
    throw new InputError('--watch draws on the terminal and --json prints: leave one of them out');
  }
  if (watch && merge) {
    throw new InputError(
      '--merge simulates nothing that --watch could show: rankfleet view shows its answer',
    );
  }
}

async function withJournal<Value>(
  folder: string,
  { points, task }: Design,
  use: (journal: Journal) => Promise<Value>,
): Promise<Value> {
  const journal = new Journal(folder, points, (index) => task(index).key);
  try {
    return await use(journal);
  } finally {
    journal.close();
  }
}

/** Evaluates what is left of this process's share; gives an exit code where that is the end. */
async function work(
  design: Design,
  journal: Journal,
  makeEngine: (notice: (text: string) => void) => Engine,
  { shard }: SweepOptions,
  { file, folder, watched }: { file: string; folder: string; watched: WatchedSweep | undefined },
): Promise<number | undefined> {
  const isOurs = (index: number) => shard === undefined || index % shard.of === shard.index;
  let total = 0;
  let before = 0;
  for (let index = 0; index < design.points; index++) {
    if (!isOurs(index)) continue;
    total++;
    if (journal.has(index)) before++;
  }
  if (before === total) return undefined;
  if (journal.passedOver > 0) {
    const lines = counted(journal.passedOver, 'line');
    process.stderr.write(`${lines} of the journals in ${folder} passed over: damaged, or of another sweep\n`);
  }
  const progress: SweepListener = watched ?? new SweepProgress(total, before);
  const stopping = watched
    ? stopWhenLeft(watched.start(journal.results(), { total, before }))
    : stopOnSignal(() => progress.setStatus('stopping'));
  let done = before;
  try {
    const tasks = tasksOf(design, (index) => isOurs(index) && !journal.has(index));
    const engine = makeEngine((text) => progress.notice(text));
    for await (const result of engine.run(design.bundle, tasks, {
      signal: stopping.signal,
      onStatus: (text) => progress.setStatus(text),
    })) {
      if (journal.has(result.index)) continue;
      keep(journal, result, `${done} of ${total} points are kept`);
      done++;
      progress.step(result);
    }
  } finally {
    // Whoever watches may look on.
    if (!watched) await progress.end();
    stopping.release();
  }
  if (done === total) return undefined;
  await watched?.end();
  const why = stopping.signal.aborted ? stopping.why() : undefined;
  const again = `the same command with --resume goes on with them, and rankfleet query ${folder} reads what is there`;
  process.stderr.write(
    `${why?.word ?? 'stopped'}: ${done} of ${total} points of ${file} are kept in ${folder}; ${again}\n`,
  );
  return why?.code ?? exitCodes.failed;
}

/** @throws Error that also says what is not lost */
function keep(journal: Journal, result: PointResult, kept: string): void {
  try {
    journal.append(result);
  } catch (error) {
    throw new Error(`${(error as Error).message}; ${kept}, and --resume goes on with the rest`);
  }
}

interface Stopping {
  signal: AbortSignal;
  /** Why it was stopped, and the code that says so. */
  why(): { word: string; code: number };
  release(): void;
}

/** Asks the engine to stop when the person who watches leaves before the end. */
function stopWhenLeft(left: Promise<Ending>): Stopping {
  const controller = new AbortController();
  let why = { word: 'stopped', code: signalCodes.SIGINT as number };
  left.then(
    (ending) => {
      if (ending.kind === 'signal') why = { word: ending.signal, code: signalCodes[ending.signal] };
      controller.abort();
    },
    () => controller.abort(),
  );
  return { signal: controller.signal, why: () => why, release: () => {} };
}

/** Joins what all processes did, if it is complete, and says what it shows. */
async function finish(
  design: Design,
  manifest: Manifest,
  journal: Journal,
  { format, json, shard, merge }: SweepOptions,
  { folder, watched }: { folder: string; watched: WatchedSweep | undefined },
): Promise<number> {
  const missing = design.points - journal.done;
  if (missing > 0) {
    await watched?.finish(journal.results());
    const text = `${journal.done} of ${design.points} points are in ${folder}; ${missing} are missing`;
    if (merge) {
      process.stderr.write(`${text}: run the shards that lack them again, with --resume\n`);
      return exitCodes.failed;
    }
    const how = `the shard that finishes last joins them, or --merge does`;
    process.stdout.write(
      json
        ? `${JSON.stringify({ folder, points: design.points, done: journal.done, shard }, null, 2)}\n`
        : `Shard ${shard?.index} of ${shard?.of} is complete. ${text}; ${how}.\n`,
    );
    return exitCodes.answered;
  }
  const wanted = format ?? (await usualFormat());
  const results = await writeResults(folder, wanted, manifest, journal.results()).catch((error: Error) => {
    throw new Error(`${error.message}; all points are kept in ${folder}, and --resume writes the results`);
  });
  const isLoadSwept = design.bundle.fields.some((field) => field.startsWith('load.'));
  const answer: SweepAnswer = {
    folder,
    results,
    format: wanted,
    manifest,
    summary: summarise(journal.results(), {
      judged: design.judged,
      hasSla: design.hasSla,
      money: isLoadSwept ? 'usdPerMillionRequests' : 'usdPerHour',
    }),
  };
  if (watched) return leftWatching(answer, await watched.finish(journal.results()));
  process.stdout.write(
    json
      ? `${JSON.stringify(answer, null, 2)}
`
      : sweepReport(manifest, answer.summary, [whereOf(answer)]),
  );
  return exitCodeOfSweep(answer.summary);
}

/** What is left on the usual screen of who looked at all of it. */
function leftWatching(answer: SweepAnswer, ending: Ending): number {
  const words = wrap(sweepInWords(answer.manifest, answer.summary), textWidth());
  process.stdout.write(`${words}\n\n${whereOf(answer)}\n`);
  return ending.kind === 'signal' ? signalCodes[ending.signal] : exitCodeOfSweep(answer.summary);
}

function whereOf({ folder, results, summary }: SweepAnswer): string {
  return `Results: ${results}\n${queryHint(folder, summary)}`;
}

async function engineOf({ engine, redis, workers, merge, shard }: SweepOptions) {
  if (merge && shard) throw new InputError('--merge joins all shards: leave --shard out');
  if (engine === 'local') {
    if (redis !== undefined) throw new InputError('--redis needs --engine bullmq');
    const { threadsEngine } = await import('../sweep/engines/threads.ts');
    return () => threadsEngine({ ...(workers !== undefined && { threads: workers }) });
  }
  if (workers !== undefined) {
    throw new InputError(
      '--workers are threads of --engine local; rankfleet worker --concurrency says how many it has',
    );
  }
  const { redisAddress } = await import('./redis-option.ts');
  const { bullmqEngine } = await import('../sweep/engines/bullmq.ts');
  const address = redisAddress(redis);
  return (notice: (text: string) => void) => bullmqEngine(address, notice);
}
