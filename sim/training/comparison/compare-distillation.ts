import { describeSide } from '../../compare/describe-side.ts';
import type { Matched } from '../../compare/match-arms.ts';
import type { DistillationArmResult, DistillationResult } from '../distillation-result.ts';
import { askedDifferently } from './asked-differently.ts';
import { comparedFigures } from './compared-figures.ts';
import {
  type DistillationComparison,
  type DistilledPair,
  distillationComparisonVersion,
} from './distillation-comparison-result.ts';

/** A or B with its answer, as it was named. */
export interface DistilledSide {
  source: string;
  kind: 'scenario' | 'result';
  result: DistillationResult;
}

/** Two answers about distillation side by side. */
export function compareDistillation(
  sides: readonly [DistilledSide, DistilledSide],
  matched: Matched,
  product: string,
): DistillationComparison {
  const [a, b] = sides;
  const pairs = matched.pairs.map((names) => pairOf(a.result, b.result, names));
  return {
    format: 'rankfleet-distillation-comparison',
    version: distillationComparisonVersion,
    product,
    confidence: a.result.scenario.confidence,
    a: describeSide(a),
    b: describeSide(b),
    warnings: warningsFor(sides, pairs),
    unmatched: matched.unmatched,
    pairs,
  };
}

function pairOf(
  a: DistillationResult,
  b: DistillationResult,
  names: { a: string; b: string },
): DistilledPair {
  const [ofA, ofB] = [armOf(a, names.a), armOf(b, names.b)];
  const meaningless = whyMeaningless(ofA, ofB);
  const paired = arePaired(a, b, ofA, ofB);
  const figures =
    ofA.answer && ofB.answer
      ? comparedFigures(ofA.answer, ofB.answer, {
          level: a.scenario.confidence,
          isPaired: paired,
          isSteady: meaningless === undefined,
        })
      : [];
  return {
    a: describedArm(ofA),
    b: describedArm(ofB),
    paired,
    ...(meaningless !== undefined && { meaningless }),
    inputs: askedDifferently(a, b, names),
    figures,
  };
}

function armOf({ arms }: DistillationResult, name: string): DistillationArmResult {
  return arms.find((arm) => arm.name === name)!;
}

function describedArm({ name, verdict, answer }: DistillationArmResult): DistilledPair['a'] {
  const gain = answer?.systems.find(({ system }) => system === 'shared-teacher')?.meanGain;
  return { name, verdict, ...(gain && { gain }) };
}

/** Replication i of both saw the same traffic: of one seed, as many, over the same time. */
function arePaired(
  a: DistillationResult,
  b: DistillationResult,
  ofA: DistillationArmResult,
  ofB: DistillationArmResult,
): boolean {
  const lengths = [ofA, ofB].map(({ answer }) => answer?.perReplication?.gain.length);
  const times = [a, b].map(({ scenario }) => JSON.stringify(scenario.horizon));
  return (
    a.fingerprint.seed === b.fingerprint.seed &&
    lengths[0] !== undefined &&
    lengths[0] > 0 &&
    lengths[0] === lengths[1] &&
    times[0] === times[1]
  );
}

function whyMeaningless(a: DistillationArmResult, b: DistillationArmResult): string | undefined {
  const reasons = [['A', a] as const, ['B', b] as const].flatMap(([side, { name, verdict }]) =>
    verdict.state === 'SATURATED' || verdict.state === 'DOES NOT FIT'
      ? [
          `${side} (${name}) ${verdict.state === 'SATURATED' ? 'is SATURATED' : 'DOES NOT FIT'}: ${verdict.reasons.join('; ')}`,
        ]
      : [],
  );
  return reasons.length > 0 ? reasons.join('\n') : undefined;
}

/** What to know before believing a difference, most important first. */
function warningsFor(
  [a, b]: readonly [DistilledSide, DistilledSide],
  pairs: readonly DistilledPair[],
): string[] {
  const isAnswered = pairs.some(({ figures }) => figures.length > 0);
  return [
    ...(isAnswered && pairs.some(({ paired, figures }) => !paired && figures.length > 0)
      ? [
          'Intervals of differences are combined as if A and B were independent (in quadrature), since seeds, replications or the simulated time differ: wider than paired ones',
        ]
      : []),
    ...(constantsOf(a.result) === constantsOf(b.result)
      ? []
      : ['The constants of the quality model differ between A and B: gains differ by them, too']),
    ...(a.result.scenario.referenceExamplesPerDay === b.result.scenario.referenceExamplesPerDay
      ? []
      : [
          'The scaling law is taken at another number of unique examples in A than in B, the largest union of the arms of each: gains of teachers differ by that, too; arms of one scenario share it',
        ]),
    ...(a.result.fingerprint.product === b.result.fingerprint.product
      ? []
      : [
          `A was simulated by ${a.result.fingerprint.product}, B by ${b.result.fingerprint.product}: the simulator may differ, too`,
        ]),
  ];
}

function constantsOf({ assumptions }: DistillationResult): string {
  const own = assumptions.filter(({ group }) => group === 'quality');
  return JSON.stringify(own.map(({ name, value, low, high }) => [name, value, low, high]));
}
