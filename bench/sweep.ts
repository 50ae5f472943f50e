import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseYaml } from '../foundation/document.ts';
import { designSweep, tasksOf } from '../sweep/design.ts';
import { threadsEngine } from '../sweep/engines/threads.ts';
import { takeFolder } from '../sweep/folder.ts';
import { Journal } from '../sweep/journal.ts';
import { writeResults } from '../sweep/results.ts';

/** A whole sweep: design, threads, journal, sorted CSV; what `rankfleet sweep --format csv` does. */
export interface SweepBenchRow {
  case: string;
  points: number;
  seconds: number;
  /** Resident memory of the process with its threads: highest in the first tenth of the points, and after it. */
  earlyMB: number;
  lateMB: number;
}

const threads = 2;

/**
 * DeepRecSys RM1 on one or more large servers, batches of whole requests of 100 candidates, Poisson arrivals; rate and
 * hosts drawn at random for each point; one replication.
 */
function scenario(points: number, requests: number): string {
  return `model: dlrm-rmc1
load:
  arrivals: { kind: poisson, rate: 1000 QPS }
  candidates: { kind: fixed, value: 100 }
  requests: ${requests}
serving: { batch_size: whole-request }
fleet: { main: { host: sc-large } }
sharding: { strategy: singular }
replications: 1
sweep:
  method: random
  points: ${points}
  fields:
    load.arrivals.rate: { from: 100 QPS, to: 2000 QPS, scale: log }
    fleet.main.replicas: { from: 1, to: 8, integer: true }
`;
}

/** Times a thousand scenarios of ten thousand requests, and watches the memory of a hundred thousand short ones. */
export async function benchSweep(): Promise<SweepBenchRow[]> {
  return [await timed(1000, 10_000), await timed(100_000, 10)];
}

async function timed(points: number, requests: number): Promise<SweepBenchRow> {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-bench-'));
  const document = parseYaml(scenario(points, requests), 'sweep.yaml');
  const design = await designSweep(document, 'bench', 'bench');
  const manifest = takeFolder(folder, design, { own: 'points.ndjson', mayResume: false });
  const journal = new Journal(folder, points);
  journal.open('points.ndjson');
  let earlyMB = 0;
  let lateMB = 0;
  const watch = () => {
    const residentMB = process.memoryUsage.rss() / 1e6;
    if (journal.done <= points / 10) earlyMB = Math.max(earlyMB, residentMB);
    else lateMB = Math.max(lateMB, residentMB);
  };
  const { signal } = new AbortController();
  const tasks = tasksOf(design, () => true);
  for await (const result of threadsEngine({ threads }).run(design.bundle, tasks, { signal })) {
    journal.append(result);
    if (journal.done % (points / 100) === 0) watch();
  }
  await writeResults(folder, 'csv', manifest, journal.results());
  watch();
  journal.close();
  rmSync(folder, { recursive: true });
  const seconds = (performance.now() - start) / 1e3;
  return { case: `${threads} threads, ${requests} requests a point`, points, seconds, earlyMB, lateMB };
}
