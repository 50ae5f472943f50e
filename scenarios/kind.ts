import type { SourceDocument } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';
import { wrongWord } from '../foundation/wording.ts';
import { isMapping } from './merge.ts';

/** What scenarios ask about. */
export const scenarioKinds = ['serving', 'distillation'] as const;

export type ScenarioKind = (typeof scenarioKinds)[number];

/** Commands that answer each kind, in words. */
const commandsOf: Record<ScenarioKind, string> = {
  serving: 'rankfleet simulate, plan, compare, sweep and report',
  distillation: 'rankfleet simulate, plan, compare and report',
};

/** The kind that a scenario states, or serving. @throws InputError, located, for a kind that there is not */
export function kindOfScenario({ value, problemAt }: SourceDocument): ScenarioKind {
  if (!isMapping(value) || value.kind === undefined) return 'serving';
  if (!scenarioKinds.includes(value.kind as ScenarioKind))
    throw new InputError([
      problemAt(['kind'], isExperiment(value.kind) ? experimentHint : wrongWord(scenarioKinds, value.kind)),
    ]);
  return value.kind as ScenarioKind;
}

/** Experiments are files of the same look, which train models for real. */
function isExperiment(kind: unknown): boolean {
  return kind === 'distillation-experiment';
}

const experimentHint = 'this is an experiment, and no scenario: rankfleet distil FILE runs it';

/** @throws InputError for a scenario that asks about something else than serving, with the commands that answer it */
export function checkServes(document: SourceDocument): void {
  const kind = kindOfScenario(document);
  if (kind === 'serving') return;
  throw new InputError([document.problemAt(['kind'], servesOnly(kind))]);
}

/** What is said of a scenario of another kind where only those about serving are taken. */
export function servesOnly(kind: ScenarioKind): string {
  return `this command takes scenarios about serving; one of kind ${kind} is answered by ${commandsOf[kind]}`;
}

/**
 * A scenario without its kind, so that it merges into what it extends field by field.
 * @throws InputError where it states another kind than what it extends
 */
export function withoutKind(document: SourceDocument, base: SourceDocument): Record<string, unknown> {
  const { kind, ...rest } = document.value as Record<string, unknown>;
  const [own, other] = [kindOfScenario(document), kindOfScenario(base)];
  if (kind !== undefined && own !== other)
    throw new InputError([
      document.problemAt(['kind'], `a scenario of kind ${own} cannot extend one of kind ${other}`),
    ]);
  return rest;
}
