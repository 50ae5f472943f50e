import { type MeasuredStep, simulatedPart } from '../../hardware-profiles/training-steps.ts';
import type { ComputePart, ExecutionFit, PartFit } from '../../sim/training/step/execution-fit.ts';
import { computeParts } from '../../sim/training/step/timeline.ts';
import type { SimulatedStep } from './simulated-step.ts';

/** A step that was measured, and as it is simulated. */
export interface StepPair {
  step: MeasuredStep;
  simulated: SimulatedStep;
}

/** The share of normal errors within one standard deviation. */
const withinOneSigma = 0.6827;

/**
 * What each part of measured steps takes, of what it takes in simulations: factor × seconds + fixed seconds, by the least
 * sum of absolute errors in log time, which single strange steps do not bend. Parts are timed by themselves, and together
 * take longer than the whole step: each is scaled so that they add up to it. Factors have three digits.
 * @param pairs of one device and one path; those without timed parts, as of several devices, are left out
 */
export function fitExecution(device: string, pairs: readonly StepPair[]): ExecutionFit {
  const errors = unseenErrors(pairs)
    .map(({ error }) => Math.abs(error))
    .sort((a, b) => a - b);
  const atSigma = errors[Math.min(errors.length - 1, Math.floor(withinOneSigma * errors.length))] ?? 0;
  return { device, parts: fitParts(pairs), logError: rounded(atSigma) };
}

/** Log of predicted over measured time of each step, by a fit to the steps of all other models. */
export function unseenErrors(pairs: readonly StepPair[]): { pair: StepPair; error: number }[] {
  const models = [...new Set(pairs.map(({ step }) => step.model))];
  const fits = new Map(
    models.map((model) => [model, fitParts(pairs.filter(({ step }) => step.model !== model))]),
  );
  return pairs.map((pair) => ({
    pair,
    error: Math.log(executedSeconds(pair.simulated, fits.get(pair.step.model)!) / pair.step.medianS),
  }));
}

function executedSeconds({ parts, seconds }: SimulatedStep, fits: ExecutionFit['parts']): number {
  return computeParts.reduce((sum, part) => {
    const simulated = parts[part] ?? 0;
    return simulated > 0 ? sum + (fits[part].factor - 1) * simulated + fits[part].fixedS : sum;
  }, seconds);
}

function fitParts(pairs: readonly StepPair[]): ExecutionFit['parts'] {
  const fits = computeParts.map((part) => [part, fitPart(timesOf(part, pairs))] as const);
  return Object.fromEntries(fits) as ExecutionFit['parts'];
}

interface Times {
  simulatedS: number;
  measuredS: number;
}

function timesOf(part: ComputePart, pairs: readonly StepPair[]): Times[] {
  return pairs.flatMap(({ step, simulated }) => {
    const simulatedS = simulated.parts[part] ?? 0;
    const together = computeParts.reduce((sum, each) => sum + simulatedPart(step, each), 0);
    const measuredS = (simulatedPart(step, part) * step.medianS) / together;
    return simulatedS > 0 && measuredS > 0 ? { simulatedS, measuredS } : [];
  });
}

/** The best of all lines through two points, and of those through one and no time at all; as simulated without any. */
function fitPart(times: readonly Times[]): PartFit {
  let best: PartFit = { factor: 1, fixedS: 0 };
  let least = Number.POSITIVE_INFINITY;
  const attempt = (factor: number, fixedS: number) => {
    if (!(factor > 0 && fixedS >= 0)) return;
    let sum = 0;
    for (const { simulatedS, measuredS } of times) {
      sum += Math.abs(Math.log((factor * simulatedS + fixedS) / measuredS));
      if (sum >= least) return;
    }
    least = sum;
    best = { factor, fixedS };
  };
  times.forEach((a, index) => {
    attempt(a.measuredS / a.simulatedS, 0);
    for (const b of times.slice(0, index)) {
      const factor = (a.measuredS - b.measuredS) / (a.simulatedS - b.simulatedS);
      attempt(factor, a.measuredS - factor * a.simulatedS);
    }
  });
  return { factor: rounded(best.factor), fixedS: rounded(best.fixedS) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
