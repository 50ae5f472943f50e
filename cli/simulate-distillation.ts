import { InputError } from '../foundation/problem.ts';
import { distillationReport } from '../reports/distillation/distillation-report.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { answerOfDistillation } from './answer-distillation.ts';
import { exitCodeOfDistillation } from './exit-code-of.ts';
import { withRunOptions } from './run-options.ts';
import { bundled, type ScenarioSource } from './scenario-source.ts';
import type { SimulateOptions } from './simulate-options.ts';
import { writeDistillation } from './simulation-files.ts';

/** `rankfleet simulate` on a scenario of kind distillation; returns the exit code. */
export async function simulateDistillation(
  source: ScenarioSource<ResolvedDistillation>,
  options: SimulateOptions,
): Promise<number> {
  checkOptions(options);
  const scenario = withRunOptions(source.scenario, options, source.scenario.baseline);
  // Read before the simulation, after which the files may have changed.
  const bundle = options.out === undefined ? undefined : await bundled(source, options);
  const result = await answerOfDistillation(scenario, options);
  if (options.out !== undefined) writeDistillation(options.out, result, bundle);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : distillationReport(result));
  return exitCodeOfDistillation(result);
}

/** What only requests have. */
function checkOptions({ watch, trace, traceRequests }: SimulateOptions): void {
  const given = [
    ...(watch ? ['--watch looks on at requests'] : []),
    ...(trace !== undefined || traceRequests !== undefined ? ['--trace records requests'] : []),
  ];
  if (given.length === 0) return;
  throw new InputError(
    `${given.join(', and ')}: a scenario of kind distillation has none, but examples that are labelled and trained on`,
  );
}
