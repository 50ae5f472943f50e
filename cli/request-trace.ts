import { dirname } from 'node:path';
import { checkWritableFile, makeFolder, orWriteError, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { perfettoTrace, type TraceFile } from '../reports/files/perfetto-trace.ts';
import { leftOutInWords, traceInWords } from '../reports/files/trace-in-words.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import type { PlannedArm } from '../sim/summarise.ts';
import { fitTraces } from '../sim/trace/fit-traces.ts';
import { mostCounterValues, mostTracedTasks } from '../sim/trace/trace-arm.ts';
import type { ArmTrace } from '../sim/trace/trace-result.ts';
import { armsNamed } from './arms-named.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { TaskPool } from './task-pool.ts';
import { doTask, type Task } from './tasks.ts';

/** What the command line says of a trace. */
export interface TraceOptions {
  /** File to write. */
  trace?: string;
  /** Measured requests that are traced from the first on, beside the slowest and the median. */
  traceRequests?: number;
  /** Arms to trace; all where none is named. */
  arm: readonly string[];
  workers?: number;
}

/** Requests of each arm that are traced from the first on, unless said otherwise. */
const usualRequests = 10;

/** A trace and what is to be told of it. */
export interface RequestTrace extends TraceFile {
  traces: ArmTrace[];
  /** What is not in it, and why. */
  notes: string[];
}

/** @throws InputError where the file could not be written, or there is none for the other options */
export function checkTraceOptions({ trace, traceRequests }: TraceOptions): void {
  if (trace !== undefined) checkWritableFile(trace, '--trace');
  else if (traceRequests !== undefined) {
    throw new InputError(
      '--trace-requests says how many requests are traced: say where to with --trace FILE',
    );
  }
}

/**
 * Traces requests of the first replication of each arm that fits: the slowest, the median and the first ones.
 * @throws InputError for a name that no arm has
 */
export async function requestTrace(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  { arm, traceRequests: first = usualRequests, workers }: TraceOptions,
): Promise<RequestTrace> {
  const wanted = armsNamed(planned, arm);
  const key = { seed: scenario.settings.seed, replication: 0 };
  const mostValues = Math.floor(mostCounterValues / wanted.length);
  const tasks = wanted.flatMap((entry): Task[] =>
    'plan' in entry ? [{ kind: 'trace', job: { plan: entry.plan, key }, first, mostValues }] : [],
  );
  const traces = fitTraces(await runTasks(tasks, workers), mostTracedTasks);
  const about = { product: `rankfleet ${productVersion()}`, scenario: scenario.name };
  const unfit = wanted.filter((entry) => 'problem' in entry);
  return {
    ...perfettoTrace(traces, about),
    traces,
    notes: [
      ...unfit.map(({ name }) => `arm '${name}' does not fit: it is not in the trace`),
      ...leftOutInWords(traces, { tasks: mostTracedTasks, values: mostCounterValues }),
    ],
  };
}

/** Writes a trace, whole or not at all, and says so on stderr. Without a request there is nothing to write. */
export function writeTrace(file: string, { traces, notes, text, events }: RequestTrace): void {
  const said = [...notes];
  if (traces.length > 0) {
    makeFolder(dirname(file));
    orWriteError(file, () => writeWhole(file, text));
    said.push(traceInWords(file, traces, { text, events }, Buffer.byteLength(text)));
  } else said.push(`${file} is not written: no arm fits`);
  process.stderr.write(`${said.join('\n')}\n`);
}

async function runTasks(tasks: readonly Task[], workers: number | undefined): Promise<ArmTrace[]> {
  const progress = new Progress(tasks.length, 'arms traced');
  const pool = new TaskPool<Task, unknown>({ here: doTask, workers, onDone: () => progress.step() });
  try {
    return (await pool.run(tasks)) as ArmTrace[];
  } finally {
    progress.end();
    await pool.close();
  }
}
