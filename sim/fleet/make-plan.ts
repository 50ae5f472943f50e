import { significant } from '../../foundation/units.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Percentile } from '../serving/replication.ts';
import { type BuiltAlternative, buildAlternative } from './alternative.ts';
import { meanShareOfPeak, peakRate } from './at-rate.ts';
import { type DaySubject, planDay } from './day/day.ts';
import { frontier } from './frontier.ts';
import { planGrowth } from './growth/growth.ts';
import { planMix } from './mix/mix.ts';
import { type PlanResult, planResultVersion } from './plan-result.ts';
import type { Planner } from './planner.ts';
import { relaxations } from './relaxations.ts';
import { analyseSensitivity } from './sensitivity/sensitivity.ts';

/**
 * Answers a planning question: every arm sized, the best chosen, what it rests on and what would change it.
 * @param product name and version of the program, for the fingerprint
 */
export async function makePlan(planner: Planner, product: string): Promise<PlanResult> {
  const { scenario, spec } = planner;
  const answer = scenario.workloads ? await mixed(planner) : await sized(planner);
  return {
    format: 'rankfleet-plan',
    version: planResultVersion,
    fingerprint: {
      product,
      inputHash: fingerprint([
        spec,
        planner.sla,
        planner.targetPerS ?? 0,
        scenario.workloads ?? scenario.arms,
        scenario.settings.replications,
      ]),
      seed: scenario.settings.seed,
    },
    scenario: describe(planner),
    defaults: scenario.defaults.filter(({ path }) => !isChosen(path, scenario)),
    notes: notesOf(planner),
    ...answer,
  };
}

type Answer = Omit<PlanResult, 'format' | 'version' | 'fingerprint' | 'scenario' | 'defaults' | 'notes'>;

/** Several models that share a stock. */
async function mixed(planner: Planner): Promise<Answer> {
  return { alternatives: [], frontier: [], relaxations: [], mix: await planMix(planner) };
}

/** One model: every arm sized, the best one looked at closely. */
async function sized(planner: Planner): Promise<Answer> {
  const { scenario, spec } = planner;
  const built = await Promise.all(
    scenario.arms.map((arm) =>
      buildAlternative(planner, arm, scenario.placementFiles.get(arm.name)).finally(() => planner.onStep?.()),
    ),
  );
  const best = bestOf(built, spec.objective, planner.sla.percentile);
  const isSized = best !== undefined && planner.targetPerS !== undefined;
  return {
    alternatives: built.map(({ alternative }) => alternative),
    ...(best && { best: best.alternative.name }),
    frontier: isSized ? await frontier(planner, built) : [],
    relaxations: best ? [] : await relaxations(planner, built),
    ...(best && planner.withSensitivity && { sensitivity: await analyseSensitivity(planner, best) }),
    ...(isSized && spec.day && { day: await planDay(planner, subjectOf(best)) }),
    ...(spec.growth && { growth: await planGrowth(planner) }),
  };
}

function subjectOf({ plan, capacity, needed }: BuiltAlternative): DaySubject {
  return { plan: plan!, capacity: capacity!, needed: needed! };
}

/** The target of a plan: what it states, else the load's own rate at its peak. */
export function targetOf({ arms }: ResolvedScenario, { target }: PlanSpec): number | undefined {
  return target ?? peakRate(arms[0]);
}

/** What people may take for a part of the question that is none. */
function notesOf({ scenario, targetPerS }: Planner): string[] {
  if (scenario.workloads || targetPerS === undefined) return [];
  const rates = new Set(scenario.arms.map((arm) => peakRate(arm)));
  if (rates.size <= 1) return [];
  return [
    `arms state loads of different rates; every one is planned for ${significant(targetPerS)} requests/s`,
  ];
}

/** Defaults of a scenario that a plan has no use for: it chooses the hosts, and its loads are open. */
function isChosen(path: string, { arms: [{ load }] }: ResolvedScenario): boolean {
  const isClosed = load.arrivals.kind === 'serial' || load.arrivals.kind === 'closed';
  const ofLoad = path.startsWith('load.arrivals') || path === 'load.warm_up';
  return /^fleet\.\w+\.replicas$/.test(path) || (isClosed && ofLoad);
}

function describe({ scenario, spec, sla, targetPerS }: Planner): PlanResult['scenario'] {
  const { name, settings, arms } = scenario;
  return {
    name,
    question: settings.question,
    ...(!scenario.workloads && { sla }),
    ...(targetPerS !== undefined && { targetPerS, meanPerS: targetPerS * meanShareOfPeak(arms[0]) }),
    headroom: spec.headroom,
    maxUtilisation: spec.max_utilisation,
    spares: spec.spares,
    survive: spec.survive,
    objective: spec.objective,
    confidence: settings.confidence,
  };
}

/**
 * The alternative with least of the objective; without a target, that of the cheapest request. Where several are alike
 * it is the one with least money, then power, then latency: never one that another beats.
 */
function bestOf(
  built: readonly BuiltAlternative[],
  objective: PlanSpec['objective'],
  percentile: Percentile,
): BuiltAlternative | undefined {
  const usable = built.filter(({ alternative: { state } }) => state === 'SIZED' || state === 'REPLICA SET');
  const costsOf = ({ alternative: { money, power, fleet, states, state } }: BuiltAlternative): number[] => {
    if (state === 'REPLICA SET') return [money!.usdPerMillionRequests];
    const costs = { price: money!.usdPerHour, power: power!.watts, hosts: fleet!.hosts };
    return [costs[objective], costs.price, costs.power, states[0].latencyS[percentile].mean];
  };
  return usable.reduce<BuiltAlternative | undefined>(
    (best, one) => (best === undefined || isLess(costsOf(one), costsOf(best)) ? one : best),
    undefined,
  );
}

/** By the first numbers that differ by more than rounding. */
function isLess(one: readonly number[], other: readonly number[]): boolean {
  const first = one.findIndex((value, index) => Math.abs(value - other[index]) > 1e-9 * other[index]);
  return first >= 0 && one[first] < other[first];
}
