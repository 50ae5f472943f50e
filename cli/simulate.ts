import { join } from 'node:path';
import { checkWritableFolder } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { answerInWords } from '../reports/answer-in-words.ts';
import { simulationReport } from '../reports/simulation-report.ts';
import { wrap } from '../reports/text-table.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import { planScenario } from '../sim/run.ts';
import type { PlannedArm } from '../sim/summarise.ts';
import type { ScenarioBundle } from '../sweep/scenario-bundle.ts';
import { answer } from './answer-scenario.ts';
import { exitCodeOfResult } from './exit-code-of.ts';
import { checkTraceOptions, requestTrace, writeTrace } from './request-trace.ts';
import { withRunOptions } from './run-options.ts';
import { bundled, readAnySource } from './scenario-source.ts';
import type { SimulateOptions } from './simulate-options.ts';
import { writeResult } from './simulation-files.ts';
import { canDraw, signalCodes, textWidth } from './terminal.ts';

/** `rankfleet simulate`: data to stdout, progress to stderr; returns the exit code. */
export async function simulate(file: string, options: SimulateOptions): Promise<number> {
  if (options.watch && options.json) {
    throw new InputError('--watch draws on the terminal and --json prints: leave one of them out');
  }
  if (options.out !== undefined) checkWritableFolder(options.out, '--out');
  checkTraceOptions(options);
  const any = await readAnySource(file);
  const { scenario: asked } = any;
  if ('kind' in asked) {
    const { simulateDistillation } = await import('./simulate-distillation.ts');
    return simulateDistillation({ ...any, scenario: asked }, options);
  }
  const source = { ...any, scenario: asked };
  const scenario = withRunOptions(source.scenario, options, source.scenario.baseline);
  // Read before the simulation, after which the files may have changed.
  const bundle = options.out === undefined ? undefined : await bundled(source, options);
  const planned = await planScenario(scenario);
  if (options.watch && canDraw()) return watch(scenario, planned, bundle, options);
  const result = await answer(scenario, planned, options);
  if (options.out !== undefined) writeResult(options.out, { result, planned, bundle });
  if (options.trace !== undefined) {
    writeTrace(options.trace, await requestTrace(scenario, planned, options));
  }
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : simulationReport(result));
  return exitCodeOfResult(result);
}

/** The same on the whole terminal; what is left on the usual screen is the answer in words, and where the rest is. */
async function watch(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  bundle: ScenarioBundle | undefined,
  options: SimulateOptions,
): Promise<number> {
  const { out, workers, trace } = options;
  const { watchSimulation } = await import('./watch-simulation.ts');
  const { result, ending } = await watchSimulation(scenario, planned, {
    workers,
    onResult: (whole) => {
      if (out === undefined) return undefined;
      writeResult(out, { result: whole, planned, bundle });
      return `in ${out}`;
    },
  });
  const written = out === undefined ? '' : `\nWritten: ${join(out, 'result.json')}\n`;
  process.stdout.write(`${wrap(answerInWords(result), textWidth())}\n${written}`);
  if (ending.kind === 'signal') return signalCodes[ending.signal];
  if (trace !== undefined) writeTrace(trace, await requestTrace(scenario, planned, options));
  return exitCodeOfResult(result);
}
