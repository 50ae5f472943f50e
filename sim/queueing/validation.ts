import { type Interval, interval } from '../statistics/interval.ts';
import { gammaScv, type Station, type StationOutcome, simulateStation } from './station.ts';
import { forkJoinMeanResponseS, md1, mg1, mm1, mmc } from './theory.ts';

export const queueingModels = ['mm1', 'mmc', 'mg1', 'md1', 'forkjoin'] as const;
export type QueueingModel = (typeof queueingModels)[number];

/** Utilisations checked when none is asked for. */
export const defaultUtilisations = [0.3, 0.5, 0.8, 0.9, 0.95];

const replications = 20;

/** The theory of fork-joins wider than two is an approximation; its authors report errors below this. */
const approximationError = 0.05;

/** One line of the check. */
export interface Check {
  model: QueueingModel;
  label: string;
  servers: number;
  utilisation: number;
  quantity: 'mean wait' | 'mean response';
  theoryS: number;
  simulated: Interval;
  /** Level of this row's interval, so that all rows together hold at 95 %. */
  level: number;
  isApproximation: boolean;
  holds: boolean;
  /** Largest relative difference between the integral of jobs in system and the sum of responses. */
  littleError: number;
  measuredUtilisation: number;
}

export interface CheckRequest {
  models: readonly QueueingModel[];
  servers?: number | undefined;
  utilisations: readonly number[];
  seed: number;
}

interface Case {
  model: QueueingModel;
  label: string;
  station: Station;
}

/** Yields each check as soon as it is done: twenty independent replications against the closed form. */
export function* checkQueueing({ models, servers, utilisations, seed }: CheckRequest): Generator<Check> {
  const cases = models.flatMap((model) =>
    utilisations.flatMap((utilisation) => casesOf(model, servers, utilisation)),
  );
  // Each row may miss by chance; the levels are raised so that all rows hold together (Bonferroni).
  const level = 1 - 0.05 / cases.length;
  for (const [index, entry] of cases.entries()) yield check(entry, level, seed + index * 7919);
}

function casesOf(model: QueueingModel, servers: number | undefined, utilisation: number): Case[] {
  const one = { servers: 1, branches: 1, utilisation };
  switch (model) {
    case 'mm1':
      return [{ model, label: 'M/M/1', station: { ...one, service: 'exponential' } }];
    case 'mmc': {
      const count = servers ?? 10;
      return [{ model, label: `M/M/${count}`, station: { ...one, servers: count, service: 'exponential' } }];
    }
    case 'mg1':
      return [{ model, label: `M/G/1, C²=${gammaScv}`, station: { ...one, service: 'gamma' } }];
    case 'md1':
      return [{ model, label: 'M/D/1', station: { ...one, service: 'constant' } }];
    case 'forkjoin':
      return (servers === undefined ? [2, 8] : [servers]).map((branches) => ({
        model,
        label: `fork-join of ${branches}`,
        station: { ...one, branches, service: 'exponential' },
      }));
  }
}

function check({ model, label, station }: Case, level: number, seed: number): Check {
  const size = sampleSize(station);
  const outcomes = Array.from({ length: replications }, (_, replication) =>
    simulateStation(station, size, [seed, replication]),
  );
  const isForkJoin = model === 'forkjoin';
  const theoryS = theoryOf(model, station);
  const simulated = interval(
    outcomes.map((outcome) => (isForkJoin ? outcome.meanResponseS : outcome.meanWaitS)),
    level,
  );
  const isApproximation = isForkJoin && station.branches > 2;
  const margin = isApproximation ? approximationError * theoryS : 0;
  return {
    model,
    label,
    servers: isForkJoin ? station.branches : station.servers,
    utilisation: station.utilisation,
    quantity: isForkJoin ? 'mean response' : 'mean wait',
    theoryS,
    simulated,
    level,
    isApproximation,
    holds: theoryS >= simulated.low! - margin && theoryS <= simulated.high! + margin,
    littleError: Math.max(...outcomes.map(littleError)),
    measuredUtilisation: outcomes.reduce((sum, outcome) => sum + outcome.utilisation, 0) / replications,
  };
}

function littleError({ inSystemS, responsesS }: StationOutcome): number {
  return Math.abs(inSystemS / responsesS - 1);
}

/**
 * Customers of a replication. Near saturation the queue forgets its empty start only after about 1/(1 − ρ)²
 * services, so both the warm-up and the sample grow.
 */
function sampleSize({ servers, branches, utilisation }: Station): { customers: number; warmUp: number } {
  const memory = servers / (1 - utilisation) ** 2;
  const warmUp = Math.ceil(1000 + 40 * memory);
  const most = branches > 2 ? 100_000 : 200_000;
  return { customers: Math.min(Math.ceil(20_000 + 150 * memory), most), warmUp: Math.min(warmUp, 100_000) };
}

function theoryOf(model: QueueingModel, { servers, branches, utilisation }: Station): number {
  switch (model) {
    case 'mm1':
      return mm1(utilisation, 1).meanWaitS;
    case 'mmc':
      return mmc(utilisation * servers, 1, servers).meanWaitS;
    case 'mg1':
      return mg1(utilisation, 1, gammaScv).meanWaitS;
    case 'md1':
      return md1(utilisation, 1).meanWaitS;
    case 'forkjoin':
      return forkJoinMeanResponseS(utilisation, 1, branches);
  }
}
