import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkWritableFolder, makeFolder, writeWhole } from '../foundation/files.ts';
import { simulationReport } from '../reports/simulation-report.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import type { Result } from '../sim/result.ts';
import { jobsOf, outcomesByArm, planScenario } from '../sim/run.ts';
import { placementToJson } from '../sim/sharding/placement-file.ts';
import { type PlannedArm, summarise } from '../sim/summarise.ts';
import type { ScenarioBundle } from '../sweep/scenario-bundle.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { checkTraceOptions, requestTrace, type TraceOptions, writeTrace } from './request-trace.ts';
import { runJobs } from './run-jobs.ts';
import { withRunOptions } from './run-options.ts';
import { bundled, bundleName, readScenarioSource } from './scenario-source.ts';

export interface SimulateOptions extends TraceOptions {
  out?: string;
  json?: boolean;
  seed?: number;
  replications?: number;
}

/** `rankfleet simulate`: data to stdout, progress to stderr; returns the exit code. */
export async function simulate(file: string, options: SimulateOptions): Promise<number> {
  if (options.out !== undefined) checkWritableFolder(options.out, '--out');
  checkTraceOptions(options);
  const source = await readScenarioSource(file);
  const scenario = withRunOptions(source.scenario, options, source.scenario.baseline);
  // Read before the simulation, after which the files may have changed.
  const bundle = options.out === undefined ? undefined : await bundled(source, options);
  const planned = await planScenario(scenario);
  const result = await answer(scenario, planned, options);
  if (options.out !== undefined) writeResult(options.out, { result, planned, bundle });
  if (options.trace !== undefined) {
    writeTrace(options.trace, await requestTrace(scenario, planned, options));
  }
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : simulationReport(result));
  return exitCodeOf(result);
}

/** Simulates the arms of a scenario that were planned. */
export async function answer(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  { workers }: { workers?: number },
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

interface Kept {
  result: Result;
  planned: readonly PlannedArm[];
  /** Absent where the scenario cannot be kept without its files. */
  bundle: ScenarioBundle | undefined;
}

/** Writes into the folder; each file appears whole or not at all. */
function writeResult(folder: string, { result, planned, bundle }: Kept): void {
  const placements = join(folder, 'placements');
  makeFolder(placements);
  const taken = new Set<string>();
  for (const entry of planned) {
    if (!('plan' in entry) || entry.plan.placement.shards.length === 0) continue;
    const json = placementToJson(entry.plan.placement, entry.arm.model);
    writeWhole(join(placements, `${fileName(entry.name, taken)}.json`), `${JSON.stringify(json, null, 2)}\n`);
  }
  if (bundle) writeWhole(join(folder, bundleName), `${JSON.stringify(bundle)}\n`);
  else rmSync(join(folder, bundleName), { force: true });
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

/** Exit code of a result: 3 when something does not fit, when every arm is overloaded, or when an SLA is stated that no arm surely meets. */
export function exitCodeOf({ arms, scenario }: Result): number {
  const isAnswer =
    arms.every(({ verdict }) => verdict.state !== 'DOES NOT FIT') &&
    arms.some(({ verdict }) => verdict.state !== 'SATURATED') &&
    (scenario.sla === undefined || arms.some(({ sla }) => sla?.met === 'yes'));
  return isAnswer ? exitCodes.answered : exitCodes.infeasible;
}
