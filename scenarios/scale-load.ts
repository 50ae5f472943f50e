import type { ArmDeployment, Trace } from './deployment.ts';
import type { CandidatesSpec } from './load-schema.ts';

/** Most candidates of a request, as in a scenario. */
const most = 1_000_000;

/**
 * A law of candidates grown by a factor, its cut at `max` with it: whole numbers stay whole, at least 1. Numbers that are
 * small round to themselves.
 */
export function scaleCandidates(spec: CandidatesSpec, factor: number): CandidatesSpec {
  if (factor === 1) return spec;
  const count = (value: number) => Math.min(most, Math.max(1, Math.round(value * factor)));
  const scale = (value: number) => Math.min(most, Math.max(1, value * factor));
  switch (spec.kind) {
    case 'fixed':
      return { ...spec, value: count(spec.value) };
    case 'lognormal':
      return { ...spec, median: scale(spec.median), max: count(spec.max) };
    case 'normal':
      return {
        ...spec,
        mean: scale(spec.mean),
        standard_deviation: Math.min(most, spec.standard_deviation * factor),
        max: count(spec.max),
      };
    case 'pareto':
      return { ...spec, min: count(spec.min), max: count(spec.max) };
    case 'uniform':
      return { ...spec, min: count(spec.min), max: count(spec.max) };
    case 'choices':
      return { ...spec, values: spec.values.map(count) };
  }
}

/** The arm with as many times the candidates a request, recorded ones included; lookups of candidates follow. */
export function withScaledCandidates(arm: ArmDeployment, factor: number): ArmDeployment {
  if (factor === 1) return arm;
  const { load, trace } = arm;
  return {
    ...arm,
    load: { ...load, candidates: scaleCandidates(load.candidates, factor) },
    ...(trace && { trace: scaledTrace(trace, factor) }),
  };
}

/** Recorded lookups are those of users and candidates together, so they stay as recorded. */
function scaledTrace(trace: Trace, factor: number): Trace {
  return {
    ...trace,
    candidates: trace.candidates.map((count) => Math.min(most, Math.max(1, Math.round(count * factor)))),
  };
}
