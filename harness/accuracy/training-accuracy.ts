import { InputError } from '../../foundation/problem.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import {
  distillationWords,
  type MeasuredStep,
  modelWords,
  simulatedPart,
  stepShapeWords,
} from '../../hardware-profiles/training-steps.ts';
import type { MeasuredSteps } from '../../hardware-profiles/training-steps-files.ts';
import {
  type StepPath,
  stepPaths,
  type TimedPart,
  timedParts,
} from '../../hardware-profiles/training-steps-schema.ts';
import type { StepPair } from '../training/fit-execution.ts';
import { simulatedStep, trainingHost } from '../training/simulated-step.ts';
import { type ErrorStatistics, errorStatistics } from './error-statistics.ts';
import { type ExecutionAccuracy, executionAccuracy } from './execution-accuracy.ts';

/** A training step, simulated, with what each path of it was measured to take. */
export interface ComparedStep {
  model: string;
  dataType: string;
  examples: number;
  devices: number;
  distillation: string;
  simulatedS: number;
  /** Standard deviation of the simulated time's error in log time, as the cost model states it. */
  logError: number;
  measured: Partial<Record<StepPath, { medianS: number; error: number }>>;
}

/** Errors of the steps of one path. */
export interface PathAccuracy {
  path: StepPath;
  /** Only steps that were measured to take as long at least; 0: all. */
  fromS: number;
  errors: ErrorStatistics;
  /** Shares of the steps whose error is within one and within 1.96 stated standard deviations: 0.68 and 0.95 would be right. */
  withinOneDeviation: number;
  within95: number;
}

/** One part of the steps of a path. */
export interface PartAccuracy {
  part: TimedPart;
  /** Its share of all measured and of all simulated time. */
  measuredShare: number;
  simulatedShare: number;
  errors: ErrorStatistics;
}

/** Time that a way of learning from a teacher adds to the same step without one. */
export interface AddedTime {
  model: string;
  dataType: string;
  examples: number;
  devices: number;
  distillation: string;
  simulatedS: number;
  /** As a share of the simulated step without a teacher. */
  simulatedShare: number;
  measured: Partial<Record<StepPath, { addedS: number; share: number }>>;
}

export interface TrainingAccuracy {
  date: string;
  software: string[];
  steps: ComparedStep[];
  paths: PathAccuracy[];
  /** Of which path the parts are. */
  partsOf: StepPath;
  parts: PartAccuracy[];
  /** The graph path by `execution: pytorch`; absent where too little was measured to fit it. */
  execution?: ExecutionAccuracy[];
  added: AddedTime[];
  /** What has no time, and why. */
  without: { shape: string; reason: string }[];
}

/** Steps of a vertical model on one accelerator end sooner than this, those of a foundation model later. */
const longStepS = 5e-3;

/**
 * Compares measured training steps with the simulator's, by the device's own measured operators.
 * @returns undefined where the device is none that trains in simulations, or nothing was measured
 * @throws InputError for steps of a model that has changed since
 */
export function trainingAccuracy(
  device: Device,
  { steps, manifest, folder }: MeasuredSteps,
): TrainingAccuracy | undefined {
  const pairs = steps.flatMap((step): StepPair[] => {
    const host = trainingHost(device, step.devices);
    if (!host) return [];
    const simulated = simulatedStep(step, host);
    if (simulated.parameters !== step.parameters) {
      throw new InputError(
        `${folder}: ${stepShapeWords(step)}: was measured with ${step.parameters} dense parameters, ` +
          `the model has ${simulated.parameters} now: measure it again`,
      );
    }
    return [{ step, simulated }];
  });
  if (pairs.length === 0) return undefined;
  const paths = stepPaths.filter((path) => pairs.some(({ step }) => step.path === path));
  const partsOf = paths.includes('graph') ? 'graph' : paths[0];
  const fitted = executionAccuracy(ofPath(pairs, 'graph'), [0, longStepS]);
  const { runs } = manifest;
  return {
    date: pairs
      .map(({ step }) => step.date)
      .sort()
      .at(-1)!,
    software: [...new Set(pairs.map(({ step }) => step.software))],
    steps: comparedSteps(pairs),
    paths: paths.flatMap((path) => [0, longStepS].flatMap((fromS) => pathAccuracy(path, fromS, pairs))),
    partsOf,
    parts: partAccuracy(ofPath(pairs, partsOf).filter(({ step }) => Object.keys(step.parts).length > 0)),
    ...(fitted.length > 0 && { execution: fitted }),
    added: addedTimes(pairs),
    without: runs.flatMap(({ skipped, failed }) => [...skipped, ...failed]),
  };
}

function ofPath(pairs: readonly StepPair[], path: StepPath): StepPair[] {
  return pairs.filter(({ step }) => step.path === path);
}

function logErrorOf({ step, simulated }: StepPair): number {
  return Math.log(simulated.seconds / step.medianS);
}

/** Pairs of the same shape, in the order of the first. */
function byShape(pairs: readonly StepPair[]): StepPair[][] {
  const groups = new Map<string, StepPair[]>();
  for (const pair of pairs) {
    const words = stepShapeWords(pair.step);
    groups.set(words, [...(groups.get(words) ?? []), pair]);
  }
  return [...groups.values()];
}

function namesOf(step: MeasuredStep) {
  const { dataType, examples, devices } = step;
  return { model: modelWords(step), dataType, examples, devices, distillation: distillationWords(step) };
}

function comparedSteps(pairs: readonly StepPair[]): ComparedStep[] {
  return byShape(pairs).map((group) => ({
    ...namesOf(group[0].step),
    simulatedS: group[0].simulated.seconds,
    logError: group[0].simulated.logError,
    measured: Object.fromEntries(
      group.map((pair) => [
        pair.step.path,
        { medianS: pair.step.medianS, error: Math.expm1(logErrorOf(pair)) },
      ]),
    ),
  }));
}

function pathAccuracy(path: StepPath, fromS: number, all: readonly StepPair[]): PathAccuracy[] {
  const pairs = ofPath(all, path).filter(({ step }) => step.medianS >= fromS);
  if (pairs.length === 0) return [];
  const within = (deviations: number) =>
    pairs.filter((pair) => Math.abs(logErrorOf(pair)) <= deviations * pair.simulated.logError).length /
    pairs.length;
  return [
    {
      path,
      fromS,
      errors: errorStatistics(pairs.map((pair) => ({ error: logErrorOf(pair) }))),
      withinOneDeviation: within(1),
      within95: within(1.96),
    },
  ];
}

function partAccuracy(pairs: readonly StepPair[]): PartAccuracy[] {
  const total = (secondsOf: (pair: StepPair, part: TimedPart) => number) =>
    pairs.reduce((sum, pair) => timedParts.reduce((inner, part) => inner + secondsOf(pair, part), sum), 0);
  const measuredS = ({ step }: StepPair, part: TimedPart) => simulatedPart(step, part);
  const simulatedS = ({ simulated }: StepPair, part: TimedPart) => simulated.parts[part] ?? 0;
  const [allMeasured, allSimulated] = [total(measuredS), total(simulatedS)];
  const share = (secondsOf: typeof measuredS, part: TimedPart, all: number) =>
    pairs.reduce((sum, pair) => sum + secondsOf(pair, part), 0) / all;
  return timedParts.flatMap((part) => {
    const having = pairs.filter((pair) => measuredS(pair, part) > 0);
    if (having.length === 0) return [];
    return {
      part,
      measuredShare: share(measuredS, part, allMeasured),
      simulatedShare: share(simulatedS, part, allSimulated),
      errors: errorStatistics(
        having.map((pair) => ({ error: Math.log(simulatedS(pair, part) / measuredS(pair, part)) })),
      ),
    };
  });
}

function addedTimes(pairs: readonly StepPair[]): AddedTime[] {
  const groups = byShape(pairs);
  return groups.flatMap((group) => {
    const [{ step, simulated }] = group;
    if (step.distillation.kind === 'none') return [];
    const plain = stepShapeWords({ ...step, distillation: { kind: 'none' } });
    const base = groups.find(([other]) => stepShapeWords(other.step) === plain);
    if (!base) return [];
    const addedS = simulated.seconds - base[0].simulated.seconds;
    const measured = group.flatMap(({ step: own }) => {
      const without = base.find((pair) => pair.step.path === own.path)?.step.medianS;
      if (without === undefined) return [];
      const added = own.medianS - without;
      return [[own.path, { addedS: added, share: added / without }] as const];
    });
    return {
      ...namesOf(step),
      simulatedS: addedS,
      simulatedShare: addedS / base[0].simulated.seconds,
      measured: Object.fromEntries(measured),
    };
  });
}
