import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../foundation/problem.ts';
import type { Subject } from '../reports/subject.ts';
import type { ResolvedScenario } from '../scenarios/deployment.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { scenarioNames } from '../scenarios/files.ts';
import type { Result } from '../sim/result.ts';
import { planScenario } from '../sim/run.ts';
import { inputHashOf } from '../sim/summarise.ts';
import { manifestName } from '../sweep/folder.ts';
import { answerOfDistillation } from './answer-distillation.ts';
import { readAnswer } from './answer-files.ts';
import { answer } from './answer-scenario.ts';
import { exitCodeOfDistillation, exitCodeOfResult } from './exit-code-of.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';
import { readSubject } from './read-subject.ts';
import { type RunOptions, withRunOptions } from './run-options.ts';
import { bundleName, readAnySource, readScenarioSource } from './scenario-source.ts';

/** What a person asks a report about: an answer that is there, or a question that is answered first. */
export type ReportSource =
  | { kind: 'stored'; subject: Subject }
  | ({ kind: 'scenario'; named: string } & Traceable)
  | { kind: 'distillation-scenario'; named: string; scenario: ResolvedDistillation };

/** A scenario, and the arms that were asked for by name, if any were. */
export interface Traceable {
  scenario: ResolvedScenario;
  arm: readonly string[];
}

export interface SourceOptions extends RunOptions {
  workers?: number;
}

/**
 * Reads what was named. A name of the library is that scenario, whatever folder is called so.
 * @throws InputError for what is neither answer nor scenario, and for options that an answer cannot follow
 */
export async function openSource(named: string, options: SourceOptions): Promise<ReportSource> {
  const subject = storedSubject(named);
  if (!subject) {
    const { scenario, arm } = await readAnySource(named);
    if ('kind' in scenario) {
      const asked = withRunOptions(scenario, options, scenario.baseline);
      return { kind: 'distillation-scenario', named, scenario: asked };
    }
    return {
      kind: 'scenario',
      named,
      scenario: withRunOptions(scenario, options, scenario.baseline),
      arm: options.arm.length > 0 ? options.arm : arm,
    };
  }
  const given = [
    ...(options.arm.length > 0 ? ['--arm'] : []),
    ...(['seed', 'replications', 'workers'] as const).flatMap((option) =>
      options[option] === undefined ? [] : [`--${option}`],
    ),
  ];
  if (given.length > 0) {
    throw new InputError(
      `${given.join(' and ')}: ${named} is an answer already; name a scenario to simulate`,
    );
  }
  return { kind: 'stored', subject };
}

function storedSubject(named: string): Subject | undefined {
  const stats = existsSync(named) ? statSync(named) : undefined;
  if (!stats || (stats.isDirectory() && scenarioNames().includes(named))) return undefined;
  if (stats.isDirectory() || basename(named) === manifestName) return readSubject(named);
  const found = readAnswer(named);
  return found && { ...found, source: named };
}

/** The answer, simulated where it is not there, and the exit code that goes with it. */
export async function answerOf(
  source: ReportSource,
  { workers }: SourceOptions,
): Promise<{ subject: Subject; exitCode: number }> {
  if (source.kind === 'stored') return { subject: source.subject, exitCode: exitCodes.answered };
  if (source.kind === 'distillation-scenario') {
    const distillation = await answerOfDistillation(source.scenario, { workers });
    const subject = { kind: 'distillation', distillation, source: source.named } as const;
    return { subject, exitCode: exitCodeOfDistillation(distillation) };
  }
  const { scenario, named } = source;
  const result = await answer(scenario, await planScenario(scenario), {
    ...(workers !== undefined && { workers }),
  });
  return { subject: { kind: 'result', result, source: named }, exitCode: exitCodeOfResult(result) };
}

/**
 * The scenario behind what was named, so that it can be simulated again.
 * @param option that needs it, as `--trace`
 * @throws InputError where none was kept, or where it no longer is what the result was made of
 */
export async function scenarioOf(source: ReportSource, option: string): Promise<Traceable> {
  if (source.kind === 'scenario') return source;
  if (source.kind === 'distillation-scenario') throw withoutRequests(source.named, option);
  const { subject } = source;
  if (subject.kind === 'distillation') throw withoutRequests(subject.source, option);
  if (subject.kind !== 'result') {
    throw new InputError(`${option} needs a result or a scenario; ${subject.source} holds a ${subject.kind}`);
  }
  const { result, source: named } = subject;
  const file = join(statSync(named).isDirectory() ? named : dirname(named), bundleName);
  if (!existsSync(file)) {
    throw new InputError(
      `${option} simulates again, and there is no ${file}: rankfleet simulate SCENARIO --out DIR keeps one beside its result, and rankfleet report SCENARIO ${option} FILE needs none`,
    );
  }
  const kept = await readScenarioSource(file);
  checkSame(kept.scenario, result, file);
  return kept;
}

function withoutRequests(named: string, option: string): InputError {
  return new InputError(
    `${option} records requests: ${named} is about distillation, which has none, but examples that are labelled and trained on`,
  );
}

function checkSame(scenario: ResolvedScenario, { fingerprint }: Result, file: string): void {
  const { product, inputHash, seed } = fingerprint;
  const own = `rankfleet ${productVersion()}`;
  const other = product === own ? '' : ` (the result is of ${product}, and this is ${own})`;
  if (inputHashOf(scenario) !== inputHash || scenario.settings.seed !== seed) {
    throw new InputError(
      `${file} is not, or no longer, what the result was made of: its inputs differ from ${inputHash}, seed ${seed}${other}; simulate the scenario again`,
    );
  }
  if (other !== '') {
    process.stderr.write(
      `the result is of ${product}; ${own} simulates again, and may give other figures than the result\n`,
    );
  }
}
