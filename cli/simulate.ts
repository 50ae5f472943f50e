import { join } from 'node:path';
import { checkWritableFolder, makeFolder, writeWhole } from '../foundation/files.ts';
import { simulationReport } from '../reports/simulation-report.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import { loadScenario } from '../scenarios/files.ts';
import type { Result } from '../sim/result.ts';
import { jobsOf, outcomesByArm, planScenario } from '../sim/run.ts';
import { placementToJson } from '../sim/sharding/placement-file.ts';
import { type PlannedArm, summarise } from '../sim/summarise.ts';
import { exitCodeOfResult } from './exit-code-of.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { runJobs } from './run-jobs.ts';
import { withRunOptions } from './run-options.ts';

export interface SimulateOptions {
  out?: string;
  json?: boolean;
  seed?: number;
  replications?: number;
  arm: string[];
  workers?: number;
}

/** `rankfleet simulate`: data to stdout, progress to stderr; returns the exit code. */
export async function simulate(file: string, options: SimulateOptions): Promise<number> {
  if (options.out !== undefined) checkWritableFolder(options.out, '--out');
  const loaded = await loadScenario(file);
  const scenario = withRunOptions(loaded, options, loaded.baseline);
  const planned = await planScenario(scenario);
  const result = await answer(scenario, planned, options);
  if (options.out !== undefined) writeResult(options.out, result, planned);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : simulationReport(result));
  return exitCodeOfResult(result);
}

async function answer(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  { workers }: SimulateOptions,
): Promise<Result> {
  const jobs = jobsOf(scenario, planned);
  const progress = new Progress(jobs.length);
  const outcomes = await runJobs(jobs, {
    ...(workers !== undefined && { workers }),
    onDone: () => progress.step(),
  }).finally(() => progress.end());
  return summarise(
    scenario,
    planned,
    outcomesByArm(planned, jobs, outcomes),
    `rankfleet ${productVersion()}`,
  );
}

/** Writes into the folder; each file appears whole or not at all. */
function writeResult(folder: string, result: Result, planned: readonly PlannedArm[]): void {
  const placements = join(folder, 'placements');
  makeFolder(placements);
  const taken = new Set<string>();
  for (const entry of planned) {
    if (!('plan' in entry) || entry.plan.placement.shards.length === 0) continue;
    const json = placementToJson(entry.plan.placement, entry.arm.model);
    writeWhole(join(placements, `${fileName(entry.name, taken)}.json`), `${JSON.stringify(json, null, 2)}\n`);
  }
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
}

/** An arm's name as a file name that none of those taken equals, in any case; it is taken then. */
function fileName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'arm';
  let unique = plain;
  for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
  taken.add(unique.toLowerCase());
  return unique;
}
