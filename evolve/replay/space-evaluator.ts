import type { Artifact } from '../artifact.ts';
import { failureOf } from '../error-signature.ts';
import { type Evaluation, scoreOf } from '../evaluation.ts';
import type { Evaluator } from '../evaluator.ts';
import { keyOf, type Parameters, type SpaceEntry, type TimedSpace } from './space.ts';

/** An artifact that is nothing but its parameters, as JSON. */
export function parametersOf({ text }: Artifact): Parameters | undefined {
  try {
    const parameters = JSON.parse(text);
    return typeof parameters === 'object' && parameters !== null ? parameters : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Looks artifacts up in a timed space instead of running them, so that searches can be compared without a device and to
 * the last digit. What a space does not tell (errors, shares of peaks) is 0.
 * @param read how an artifact states its parameters; none where it is no member of the space
 */
export function spaceEvaluator(
  space: TimedSpace,
  read: (artifact: Artifact) => Parameters | undefined = parametersOf,
): Evaluator {
  return {
    async evaluate(artifact) {
      const parameters = read(artifact);
      const key = parameters && keyOf(space, parameters);
      const isMember = key !== undefined && Object.hasOwn(space.cache, key);
      return isMember ? evaluationOf(space, space.cache[key]) : outside(space);
    },
  };
}

/** The evaluation that an entry of the space stands for. */
export function evaluationOf(space: TimedSpace, entry: SpaceEntry): Evaluation {
  const { compile_s: compile = 0, verify_s: verify = 0 } = entry;
  const time = 'benchmark_s' in entry ? (entry.benchmark_s ?? 0) : 0;
  const failure = 'failure' in entry ? failureOf(entry.failure.stage, entry.failure.reason) : undefined;
  const times = 'times_s' in entry ? entry.times_s : [];
  const timings = times.map((candidateS, index) => timing(space, index, candidateS));
  return {
    score: scoreOf(timings, failure),
    reference: space.reference.name,
    timings,
    ...(failure && { failure }),
    spentS: { compile, verify, time },
    deviceHeldS: verify + time,
  };
}

function timing({ shapes, reference }: TimedSpace, index: number, candidateS: number) {
  const referenceS = reference.times_s[index];
  const mean = referenceS / candidateS;
  return {
    shape: shapes[index],
    candidateS,
    referenceS,
    speedup: { mean, low: mean, high: mean },
    error: 0,
    tolerance: 0,
    speedOfLight: 0,
    achievedBytesPerS: 0,
    achievedFlopPerS: 0,
  };
}

/** Combinations that nobody could make, or that break a restriction of the kernel. */
function outside(space: TimedSpace): Evaluation {
  return evaluationOf(space, {
    failure: { stage: 'source', reason: 'these parameters are no member of the timed space' },
  });
}
