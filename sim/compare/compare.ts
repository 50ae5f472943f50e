import type { ArmResult, Percentile, PerReplication } from '../result.ts';
import { busiestResource, samplesOf } from '../samples.ts';
import { stackDifference } from './breakdown-difference.ts';
import {
  type ComparedArm,
  type ComparedPair,
  type Comparison,
  comparisonVersion,
} from './comparison-result.ts';
import { describeSide } from './describe-side.ts';
import { describedArm } from './described-arm.ts';
import { figureDifferences } from './figure-differences.ts';
import { inputDifferences } from './input-differences.ts';
import type { Matched } from './match-arms.ts';
import type { Side } from './sides.ts';
import { warningsFor } from './warnings.ts';

/** The percentile that the answer is about: that of A's SLA, else of B's, else p99. */
export function judgedPercentile([a, b]: readonly [Side, Side]): Percentile {
  return a.result.scenario.sla?.percentile ?? b.result.scenario.sla?.percentile ?? 'p99';
}

/** The comparison of two sides that have been answered, without what takes more simulations. */
export function compare(sides: readonly [Side, Side], matched: Matched, product: string): Comparison {
  const [a, b] = sides;
  const pairs = matched.pairs.map((pair) => comparePair(sides, pair));
  return {
    format: 'rankfleet-comparison',
    version: comparisonVersion,
    product,
    confidence: a.result.scenario.confidence,
    judged: judgedPercentile(sides),
    a: describeSide(a),
    b: describeSide(b),
    warnings: warningsFor(sides, pairs),
    unmatched: matched.unmatched,
    pairs,
  };
}

function comparePair([a, b]: readonly [Side, Side], names: { a: string; b: string }): ComparedPair {
  const level = a.result.scenario.confidence;
  const [ofA, ofB] = [armOf(a, names.a), armOf(b, names.b)];
  const inputs = inputDifferences(
    describedArm(a.result, names.a, a.source),
    describedArm(b.result, names.b, b.source),
  );
  const heads = { a: describeArm(ofA), b: describeArm(ofB) };
  const meaningless = whyMeaningless(heads);
  const [samplesA, samplesB] = [samplesFor(a, ofA), samplesFor(b, ofB)];
  const paired =
    a.result.fingerprint.seed === b.result.fingerprint.seed &&
    samplesA !== undefined &&
    samplesA.nominal.p50.length === samplesB?.nominal.p50.length;
  if (!ofA.measured || !ofB.measured) {
    return { ...heads, paired, ...(meaningless !== undefined && { meaningless }), inputs, figures: [] };
  }
  const outcomes = [a.simulated?.outcomes.get(names.a), b.simulated?.outcomes.get(names.b)];
  const each =
    paired && outcomes[0] && outcomes[1]
      ? { a: outcomes[0].nominal, b: outcomes[1].nominal, level }
      : undefined;
  return {
    ...heads,
    paired,
    ...(meaningless !== undefined && { meaningless }),
    inputs,
    figures: figureDifferences(
      { arm: ofA, samples: samplesA },
      { arm: ofB, samples: samplesB },
      { level, isPaired: paired, withoutLatency: meaningless !== undefined },
    ),
    ...(meaningless === undefined && {
      breakdown: {
        typical: stackDifference(ofA.measured, ofB.measured, 'typical', each),
        tail: stackDifference(ofA.measured, ofB.measured, 'tail', each),
      },
    }),
  };
}

function armOf({ result }: Side, name: string): ArmResult {
  return result.arms.find((arm) => arm.name === name)!;
}

function describeArm({ name, verdict, measured, sla }: ArmResult): ComparedArm {
  const busiest = measured?.utilisation[busiestResource(measured.utilisation)];
  return {
    name,
    verdict,
    ...(busiest && { busiest: `${busiest.resource} of ${busiest.group}` }),
    ...(sla && { sla }),
  };
}

function whyMeaningless(heads: { a: ComparedArm; b: ComparedArm }): string | undefined {
  const reasons = (['a', 'b'] as const).flatMap((side) => {
    const { name, verdict } = heads[side];
    const isUseless = verdict.state === 'SATURATED' || verdict.state === 'DOES NOT FIT';
    return isUseless
      ? [
          `${side.toUpperCase()} (${name}) ${verdict.state === 'SATURATED' ? 'is SATURATED' : 'DOES NOT FIT'}: ${verdict.reason}`,
        ]
      : [];
  });
  return reasons.length > 0 ? reasons.join('\n') : undefined;
}

/** The figures of each replication: of what was simulated now, or as a result keeps them, if they are whole. */
function samplesFor({ simulated }: Side, arm: ArmResult): PerReplication | undefined {
  const { measured, name, shards, offeredPerS } = arm;
  if (!measured) return undefined;
  const outcomes = simulated?.outcomes.get(name);
  const deployment = simulated?.scenario.arms.find((one) => one.name === name);
  if (outcomes && deployment) {
    const { utilisation } = measured;
    return samplesOf(outcomes, { arm: deployment, shards, utilisation, offered: offeredPerS });
  }
  const kept = measured.perReplication;
  return kept && isWhole(kept, measured.replications) ? kept : undefined;
}

function isWhole({ nominal, perturbed }: PerReplication, replications: number): boolean {
  return [nominal, perturbed ?? {}].every((samples) =>
    Object.values<number[]>(samples).every((column) => column.length === replications),
  );
}
