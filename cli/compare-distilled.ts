import { join } from 'node:path';
import { makeFolder, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { distillationComparisonReport } from '../reports/distillation/comparison/comparison-report.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import { matchArms } from '../sim/compare/match-arms.ts';
import { compareDistillation, type DistilledSide } from '../sim/training/comparison/compare-distillation.ts';
import type { DistillationResult } from '../sim/training/distillation-result.ts';
import { answerOfDistillation } from './answer-distillation.ts';
import type { CompareOptions } from './compare-options.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';

/** A or B as it was named, where it is about distillation. */
export type GivenDistilled = { source: string } & (
  | { kind: 'distillation-scenario'; scenario: ResolvedDistillation }
  | { kind: 'distillation-result'; result: DistillationResult }
);

/** `rankfleet compare` of two scenarios or results about distillation; returns the exit code. */
export async function compareDistilled(
  given: readonly [GivenDistilled, GivenDistilled],
  options: CompareOptions,
): Promise<number> {
  const [a, b] = withSharedSettings(given, options);
  const matched = matchArms(armNames(a), armNames(b), options);
  const sides: [DistilledSide, DistilledSide] = [
    await answered(a, options.workers),
    await answered(b, options.workers),
  ];
  const comparison = compareDistillation(sides, matched, `rankfleet ${productVersion()}`);
  const json = `${JSON.stringify(comparison, null, 2)}\n`;
  if (options.out !== undefined) {
    makeFolder(options.out);
    writeWhole(join(options.out, 'comparison.json'), json);
  }
  process.stdout.write(options.json ? json : distillationComparisonReport(comparison));
  return exitCodes.answered;
}

function armNames(side: GivenDistilled): string[] {
  const arms = side.kind === 'distillation-scenario' ? side.scenario.arms : side.result.arms;
  return arms.map(({ name }) => name);
}

/**
 * Every arm of a side, since the scaling law is taken at the largest union of them all. A scenario named twice is
 * answered twice, and gives the same both times.
 */
async function answered(side: GivenDistilled, workers: number | undefined): Promise<DistilledSide> {
  const { source } = side;
  if (side.kind === 'distillation-result') return { source, kind: 'result', result: side.result };
  return { source, kind: 'scenario', result: await answerOfDistillation(side.scenario, { workers }) };
}

interface Settings {
  seed: number;
  replications: number;
  confidence: number;
}

/**
 * Both sides with one seed, one number of replications and one confidence, so that they see the same traffic: those
 * asked for, else those of a result, which has them already, else those of A.
 * @throws InputError where results cannot do what was asked, and where their confidence differs
 */
function withSharedSettings(
  [a, b]: readonly [GivenDistilled, GivenDistilled],
  { seed, replications }: Pick<CompareOptions, 'seed' | 'replications'>,
): [GivenDistilled, GivenDistilled] {
  const isStored = (side: GivenDistilled) => side.kind === 'distillation-result';
  if (isStored(a) && isStored(b)) {
    if (seed !== undefined || replications !== undefined) {
      throw new InputError(
        '--seed and --replications: both sides are results, which have been simulated already; name a scenario',
      );
    }
    const [ofA, ofB] = [a, b].map((side) => settingsOf(side).confidence);
    if (ofA !== ofB) {
      throw new InputError(
        `A has intervals of ${ofA * 100} % and B of ${ofB * 100} %: simulate one of them again with the confidence of the other`,
      );
    }
    return [a, b];
  }
  const lead = settingsOf(!isStored(a) && isStored(b) ? b : a);
  const shared = {
    seed: seed ?? lead.seed,
    replications: replications ?? lead.replications,
    confidence: lead.confidence,
  };
  const adapted = (side: GivenDistilled): GivenDistilled =>
    side.kind === 'distillation-result'
      ? side
      : { ...side, scenario: { ...side.scenario, settings: { ...side.scenario.settings, ...shared } } };
  return [adapted(a), adapted(b)];
}

function settingsOf(side: GivenDistilled): Settings {
  if (side.kind === 'distillation-result') {
    const { scenario, fingerprint } = side.result;
    return {
      seed: fingerprint.seed,
      replications: scenario.replications,
      confidence: scenario.confidence,
    };
  }
  const { seed, replications, confidence } = side.scenario.settings;
  return { seed, replications, confidence };
}
