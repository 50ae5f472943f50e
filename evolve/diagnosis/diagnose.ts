import type { Diagnosis } from '../diagnosis.ts';
import type { Ceilings } from '../evaluation/ceilings.ts';
import type { EvaluationFailure } from '../evaluation.ts';
import type { Attempt } from '../operator.ts';
import { factsOf, type Subject } from './facts.ts';
import { rules } from './rules.ts';

/**
 * What holds an attempt back. Of all bottlenecks that show, the one that must go first is the primary one; the others are
 * deferred until it is gone. A function of the attempt alone: no clock, no device.
 */
export function diagnose(
  attempt: Pick<Attempt, 'artifact' | 'evaluation'>,
  subject: Subject,
  ceilings: Ceilings,
): Diagnosis {
  const { failure, timings } = attempt.evaluation;
  if (failure) return ofFailure(failure);
  if (timings.length === 0) throw new Error('an evaluation without a failure has timings');
  const facts = factsOf(attempt, subject, ceilings);
  const found = rules.flatMap(([bottleneck, rule]) => {
    const finding = rule(facts);
    return finding === undefined ? [] : [{ bottleneck, finding }];
  });
  const { bandwidthShare, arithmeticShare, speedOfLight, intensity, ridge } = facts;
  return {
    primary: found[0].bottleneck,
    deferred: found.slice(1).map(({ bottleneck }) => bottleneck),
    speedOfLight,
    bandwidthShare,
    arithmeticShare,
    intensity,
    ridge,
    findings: found.map(({ bottleneck, finding }) => `${bottleneck}: ${finding}`),
  };
}

function ofFailure(failure: EvaluationFailure): Diagnosis {
  return {
    primary: 'failed',
    deferred: [],
    failure,
    speedOfLight: 0,
    bandwidthShare: 0,
    arithmeticShare: 0,
    intensity: 0,
    ridge: 0,
    findings: [`failed at ${failure.stage}: ${failure.reason}`],
  };
}
