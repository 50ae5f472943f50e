import { withoutPoints } from '../hardware-profiles/measurements.ts';
import type { ArmDeployment, PreprocessingServing, ResolvedScenario } from '../scenarios/deployment.ts';
import { figuresByEvidence, timeByEvidence } from './evidence.ts';
import { fingerprint } from './fingerprint.ts';
import { fleetOf } from './fleet/fleet-of.ts';
import { coverageOf } from './operators/coverage-of.ts';
import { operatorsOfArms } from './operators/operators-of-arms.ts';
import { type ArmResult, type Measured, type Result, resultVersion, type ShardResult } from './result.ts';
import { rooflinesOf } from './rooflines/rooflines.ts';
import { type ArmOutcomes, cpuSeconds, perReplication, shardCpuSeconds } from './samples.ts';
import { acceleratorOf } from './serving/accelerator-result.ts';
import { type Component, components } from './serving/components.ts';
import { replicasOf } from './serving/host-groups.ts';
import type { ArmPlan } from './serving/plan.ts';
import { preprocessingOf } from './serving/preprocessing-result.ts';
import {
  curveProbabilities,
  type Percentile,
  percentiles,
  type ReplicationOutcome,
} from './serving/replication.ts';
import { placementStatistics } from './sharding/statistics.ts';
import type { Interval } from './statistics/interval.ts';
import { estimate, type Replicated, relativeChange } from './statistics/paired.ts';
import { storedTablesOf } from './stored-tables.ts';
import { verdictOf } from './verdict.ts';
import { offeredRate } from './workload/arrivals.ts';

export type { ArmOutcomes } from './samples.ts';

/** An arm after planning: placed, or the reason that it does not fit. */
export type PlannedArm =
  | { name: string; arm: ArmDeployment; plan: ArmPlan }
  | { name: string; arm: ArmDeployment; problem: string };

const names = Object.keys(percentiles) as Percentile[];

/**
 * Turns replications into the result: intervals over replications, differences paired with the baseline,
 * verdicts.
 * @param product name and version of the program, for the fingerprint
 */
export function summarise(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  outcomes: readonly ArmOutcomes[],
  product: string,
): Result {
  const { settings } = scenario;
  const base = planned.findIndex(({ name }) => name === scenario.baseline);
  const baseline = base >= 0 && outcomes[base].nominal.length > 0 ? outcomes[base] : undefined;
  const arms = planned.map((entry, index) =>
    summariseArm(scenario, entry, outcomes[index], index === base ? undefined : baseline),
  );
  const asked = { ...scenario, arms: planned.map(({ arm }) => arm) };
  const description = describeScenario(asked);
  return {
    format: 'rankfleet-result',
    version: resultVersion,
    fingerprint: {
      product,
      inputHash: hashOf(description, asked),
      seed: settings.seed,
    },
    scenario: description,
    defaults: scenario.defaults,
    arms,
    ...rooflinePart(planned),
  };
}

/** The operators of the arms that were placed, and the rooflines of what runs them. */
function rooflinePart(planned: readonly PlannedArm[]): Pick<Result, 'operators' | 'rooflines'> {
  const placed = planned.filter((entry) => 'plan' in entry);
  const operators = operatorsOfArms(
    placed.map(({ name, arm, plan }) => ({ arm: name, coverage: coverageOf(arm, plan) })),
  );
  return {
    operators: operators.map(({ operator, state: _, calls: __, ...rest }) => ({ name: operator, ...rest })),
    rooflines: rooflinesOf(
      placed.map(({ arm }) => arm),
      operators,
    ),
  };
}

/** Hash of all that decides the result of a scenario, but the version of the program and the seed. */
export function inputHashOf(scenario: ResolvedScenario): string {
  return hashOf(describeScenario(scenario), scenario);
}

function hashOf(description: Result['scenario'], { arms }: ResolvedScenario): string {
  return fingerprint([description, arms.map(({ trace }) => trace)]);
}

/** What an arm's replications say. @param baseline what its differences are paired with, if anything */
export function summariseArm(
  { settings }: Pick<ResolvedScenario, 'settings'>,
  entry: PlannedArm,
  outcomes: ArmOutcomes,
  baseline: ArmOutcomes | undefined,
): ArmResult {
  const { name, arm } = entry;
  const figures = figuresByEvidence(arm);
  const tables = storedTablesOf(arm);
  if ('problem' in entry) {
    return {
      name,
      evidence: { figures },
      ...(tables && { tables }),
      verdict: { state: 'DOES NOT FIT', reason: entry.problem },
      shards: [],
      fleet: fleetOf(arm, [], [], undefined),
    };
  }
  const { plan } = entry;
  const measured = measure(outcomes, baseline, settings.confidence);
  const offered = offeredRate(arm.load, arm.trace);
  const shards = shardsOf(plan, outcomes, settings.confidence);
  const samples = perReplication(outcomes, { arm, shards, utilisation: measured.utilisation, offered });
  const coverage = coverageOf(arm, plan);
  const { sla } = settings;
  const verdict = verdictOf(measured, sla?.percentile);
  return {
    name,
    evidence: {
      figures,
      typicalTime: timeByEvidence(arm, coverage, measured.breakdownS.typical),
      tailTime: timeByEvidence(arm, coverage, measured.breakdownS.tail),
    },
    verdict,
    ...(sla && {
      sla: {
        percentile: sla.percentile,
        limitS: sla.latency,
        met: verdict.state === 'SATURATED' ? 'no' : meets(measured, sla),
      },
    }),
    measured: { ...measured, ...(samples && { perReplication: samples }) },
    ...(offered !== undefined && { offeredPerS: offered }),
    shards,
    ...(tables && { tables }),
    ...(arm.preprocessing && { preprocessing: preprocessingOf(arm) }),
    ...(arm.accelerated && { accelerator: acceleratorOf(plan) }),
    ...(plan.placement.quality && { placement: plan.placement.quality }),
    // Where requests pile up they are not served at the rate that is offered: a price by that rate says nothing.
    fleet: fleetOf(arm, shards, measured.utilisation, verdict.state === 'SATURATED' ? undefined : offered),
  };
}

/** A value of each replication. */
function replicated(
  { nominal, perturbed }: ArmOutcomes,
  value: (outcome: ReplicationOutcome) => number,
): Replicated {
  return { nominal: nominal.map(value), perturbed: perturbed.map(value) };
}

function measure(arm: ArmOutcomes, baseline: ArmOutcomes | undefined, level: number): Measured {
  const outcomes = arm.nominal;
  const each = (value: (outcome: ReplicationOutcome) => number) => estimate(replicated(arm, value), level);
  const change = (base: ArmOutcomes, value: (outcome: ReplicationOutcome) => number) =>
    relativeChange(replicated(arm, value), replicated(base, value), level);
  const byPercentile = (of: (name: Percentile) => Interval) =>
    Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Percentile, Interval>;
  return {
    requests: sum(outcomes.map(({ requests }) => requests)),
    replications: outcomes.length,
    events: sum(outcomes.map(({ events }) => events)),
    latencyS: {
      mean: each(({ mean }) => mean),
      max: Math.max(...outcomes.map(({ max }) => max)),
      ...byPercentile((name) => each((outcome) => outcome.percentiles[name])),
    },
    ...(baseline && {
      overBaseline: {
        ...byPercentile((name) => change(baseline, (outcome) => outcome.percentiles[name])),
        compute: change(baseline, (outcome) => cpuSeconds(outcome) + outcome.acceleratorS),
      },
    }),
    breakdownS: {
      typical: meanByComponent(outcomes.map(({ typical }) => typical)),
      tail: meanByComponent(outcomes.map(({ tail }) => tail)),
    },
    computeS: {
      cpu: each(cpuSeconds),
      mainCpu: each((outcome) => cpuSeconds(outcome) - shardCpuSeconds(outcome)),
      ...(outcomes.some(({ tierCpuS }) => tierCpuS > 0) && { tierCpu: each(({ tierCpuS }) => tierCpuS) }),
      shardCpu: each(shardCpuSeconds),
      accelerator: each(({ acceleratorS }) => acceleratorS),
      byComponent: meanByComponent(outcomes.map(({ cpuS }) => cpuS)),
    },
    rpcsPerRequest: each(({ rpcs }) => rpcs),
    networkBytesPerRequest: each(({ networkBytes }) => networkBytes),
    utilisation: outcomes[0].resources.map(({ group, resource }, index) => ({
      group,
      resource,
      mean: each(({ resources }) => resources[index].utilisation),
      busiest: Math.max(...outcomes.map(({ resources }) => resources[index].busiest)),
      ...(outcomes[0].resources[index].offered !== undefined && {
        offered: each(({ resources }) => resources[index].offered ?? 0),
      }),
    })),
    throughputPerS: each(({ throughputPerS }) => throughputPerS),
    curve: {
      probability: [...curveProbabilities],
      latencyS: curveProbabilities.map(
        (_, i) => sum(outcomes.map(({ curve }) => curve[i])) / outcomes.length,
      ),
    },
  };
}

function meanByComponent(rows: number[][]): Record<Component, number> {
  return Object.fromEntries(
    components.map((name, index) => [name, sum(rows.map((row) => row[index])) / rows.length]),
  ) as Record<Component, number>;
}

function shardsOf({ arm, placement }: ArmPlan, outcomes: ArmOutcomes, level: number): ShardResult[] {
  const { nominal } = outcomes;
  const { shards: held } = placementStatistics(placement, arm.model);
  return held.map(({ sizeBytes, pieces, lookupsPerCandidate, lookupsPerUser }, shard) => {
    return {
      sizeBytes,
      tables: pieces,
      lookupsPerCandidate: lookupsPerCandidate * arm.poolingScale,
      lookupsPerUser: lookupsPerUser * arm.poolingScale,
      replicas: replicasOf(arm, shard),
      busyS: estimate(
        replicated(outcomes, ({ shards }) => shards[shard].busyS),
        level,
      ),
      bounding: sum(nominal.map(({ shards }) => shards[shard].bounding)) / nominal.length,
    };
  });
}

function meets(measured: Measured, { percentile, latency }: { percentile: Percentile; latency: number }) {
  const { mean, low = mean, high = mean } = measured.latencyS[percentile];
  return high <= latency ? 'yes' : low > latency ? 'no' : 'uncertain';
}

/** The scenario as it was simulated: shared parts once, by name. */
function describeScenario(scenario: ResolvedScenario): Result['scenario'] {
  const { settings, arms } = scenario;
  const byName = <Part extends { name: string }>(
    parts: Part[],
    shown: (part: Part) => object = (part) => part,
  ) => Object.fromEntries(parts.map((part) => [part.name, shown(part)]));
  return {
    name: scenario.name,
    question: settings.question,
    baseline: scenario.baseline,
    replications: settings.replications,
    confidence: settings.confidence,
    ...(settings.sla && { sla: { percentile: settings.sla.percentile, limitS: settings.sla.latency } }),
    models: byName(arms.map(({ model }) => model)),
    hosts: byName(
      arms.flatMap(({ main, sparse, preprocessing }) => [
        main.host,
        sparse.host,
        ...(preprocessing?.tier ? [preprocessing.tier.host] : []),
      ]),
      withoutPoints,
    ),
    networks: byName(arms.map(({ network }) => network)),
    arms: arms.map(({ trace, model, storage: _, main, sparse, preprocessing, network, ...rest }) => ({
      ...rest,
      ...(preprocessing && { preprocessing: describePreprocessing(preprocessing) }),
      model: model.name,
      main: { ...main, host: main.host.name },
      sparse: { ...sparse, host: sparse.host.name },
      network: network.name,
      ...(trace && { trace: { file: trace.file, requests: trace.timesS.length, hash: fingerprint(trace) } }),
    })),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function describePreprocessing({ tier, ...rest }: PreprocessingServing): object {
  return tier ? { ...rest, tier: { ...tier, host: tier.host.name } } : rest;
}
