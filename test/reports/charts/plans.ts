import type { DayResult } from '../../../sim/fleet/day/day-result.ts';
import type { GrowthResult } from '../../../sim/fleet/growth/growth-result.ts';
import type { MixResult } from '../../../sim/fleet/mix/mix-result.ts';
import type { Alternative, PlanResult } from '../../../sim/fleet/plan-result.ts';
import type { KnobResult, SensitivityResult } from '../../../sim/fleet/sensitivity/sensitivity-result.ts';
import { around, sla } from './results.ts';

/** An alternative of two roles whose latency grows with its load up to a knee at 100 requests/s. */
export function alternativeOf(name: string, changes: Partial<Alternative> = {}): Alternative {
  return {
    name,
    state: 'SIZED',
    reason: '',
    capacity: {
      ratePerS: around(100),
      limitedBy: 'latency',
      unloadedS: 0.01,
      utilisation: [],
      curve: [
        { ratePerS: 1, latencyS: 0.01 },
        { ratePerS: 50, latencyS: 0.02 },
        { ratePerS: 120, latencyS: 0.08 },
      ],
      replications: 3,
    },
    fleet: {
      tiers: [
        { group: 'main', host: 'large', needed: 4, total: 6 },
        { group: 'shard 0', host: 'small', needed: 1, total: 1 },
        { group: 'shard 1', host: 'small', needed: 1, total: 2 },
      ],
      hosts: 9,
      hostsByType: { large: 6, small: 3 },
      regions: 1,
    },
    states: [],
    money: { usdPerHour: 20, usdPerMonth: 14_600, usdPerMillionRequests: 1 },
    power: { watts: 2000, requestsPerJoule: 0.1 },
    evidence: { assumed: 0.5, fitted: 0.5 },
    ...changes,
  };
}

export function planOf(alternatives: Alternative[], changes: Partial<PlanResult> = {}): PlanResult {
  return {
    format: 'rankfleet-plan',
    version: 1,
    fingerprint: { product: 'rankfleet', inputHash: '0', seed: 1 },
    scenario: {
      name: 'test',
      question: 'How many?',
      sla,
      targetPerS: 400,
      meanPerS: 300,
      headroom: 0.2,
      maxUtilisation: 0.9,
      spares: 0,
      survive: 'host',
      objective: 'price',
      confidence: 0.95,
    },
    defaults: [],
    alternatives,
    frontier: [],
    notes: [],
    relaxations: [],
    ...changes,
  };
}

/** A knob that gives throughput as it is turned up and takes as much when turned down. */
export function knobOf(name: string, effect: number, changes: Partial<KnobResult> = {}): KnobResult {
  const side = (mean: number) => ({
    value: '2',
    throughput: { mean, low: mean - 0.01, high: mean + 0.01 },
    latency: { mean: -mean / 2 },
  });
  return {
    id: name,
    name,
    kind: 'hosts',
    value: '1',
    down: side(-effect),
    up: side(effect),
    effect,
    moves: ['throughput'],
    state: 'moves',
    ...changes,
  };
}

export function sensitivityOf(knobs: KnobResult[]): SensitivityResult {
  return {
    alternative: 'one',
    turnedBy: 0.2,
    percentile: 'p99',
    limitS: 0.06,
    fleet: [],
    copies: 1,
    isReplicaSet: false,
    replications: 4,
    confidence: 0.95,
    base: {
      judgedPerS: 400,
      throughputPerS: around(500),
      limitedBy: 'latency',
      latencyS: around(0.05),
      usdPerHour: 20,
      watts: 2000,
    },
    bottleneck: {
      group: 'main',
      resource: 'cores',
      offered: 0.8,
      atCapacity: 0.9,
      component: 'queue',
      componentShare: 0.5,
    },
    knobs,
    relief: [],
    unexplained: [],
  };
}

const today = { rate: 1, candidates: 1, tables: 1, rows: 1, embeddingDim: 1, pooling: 1, denseWidth: 1 };

/** Demand that grows by 100 requests/s a quarter on hosts that bear 250; an order of 2 in Q1 comes in Q3. */
export function growthOf(quarters: number, changes: Partial<GrowthResult> = {}): GrowthResult {
  const each = Array.from({ length: quarters }, (_, index) => index + 1);
  return {
    state: 'PLANNED',
    reason: '',
    percentile: 'p99',
    commitment: 'horizon',
    demand: each.map((quarter) => ({ quarter, ratePerS: 100 * quarter, factors: today, tableBytes: 1e11 })),
    hostTypes: [{ host: 'large', owned: 4, usdPerHour: 2, leadQuarters: 2, firstOrder: 1 }],
    alternatives: [],
    presentFleet: {
      capacityPerS: each.map(() => 250),
      ...(quarters >= 3 && { runsOut: { quarter: 3, reason: 'serves at most 250 of 300 QPS' } }),
    },
    plan: each.map((quarter) => ({
      quarter,
      hosts: { large: quarter < 3 ? 4 : 6 },
      atWork: { large: quarter < 3 ? 2 : 6 },
      shares: [],
      usdPerHour: 8,
      usd: 1000 * quarter,
      watts: 1000,
      unservedPerS: 0,
    })),
    orders: quarters >= 3 ? [{ ordered: 1, delivered: 3, host: 'large', count: 2, usdToEnd: 5000 }] : [],
    returns: [],
    money: { totalUsd: 1e4, boundUsd: 1e4, gap: 0 },
    strategies: [],
    proofs: [],
    relaxations: [],
    notes: [],
    ...changes,
  };
}

/** A day in spans of an hour whose load rises from midnight to noon. */
export function dayOf(spans = 24): DayResult {
  const hours = Array.from({ length: spans }, (_, index) => index);
  const load = hours.map((hour) => 100 + 50 * (12 - Math.abs(12 - hour)));
  return {
    alternative: 'one',
    percentile: 'p99',
    limitS: 0.06,
    periodS: 3600 * spans,
    peakPerS: 700,
    meanPerS: 400,
    autoscaling: { targetUse: 0.6, provisioningS: 300, scaleDownS: 600, intervalS: 60 },
    curve: [],
    days: [],
    usdPerMonth: [],
    series: {
      day: 'ordinary',
      timeS: hours.map((hour) => 3600 * hour),
      ratePerS: load,
      serving: load.map((rate) => Math.ceil(rate / 100)),
      paid: load.map((rate) => Math.ceil(rate / 100) + 1),
      use: hours.map(() => 0.55),
      latencyS: load.map((rate) => rate / 20_000),
      lowS: load.map((rate) => rate / 22_000),
      highS: load.map((rate) => rate / 18_000),
    },
    targets: [],
    bestTarget: { targetUse: 0.6, holds: true },
    delays: [],
  };
}

/** Two workloads on two types: ads on large hosts, feed on both; three of the four large ones are taken. */
export function mixOf(): MixResult {
  const totals = { usdPerHour: 10, watts: 1000, hosts: 6 };
  const share = (workload: string, large: number, small: number): MixResult['shares'][number] => ({
    workload,
    alternative: 'CPU',
    host: 'large',
    ratePerS: 100,
    share: 1,
    tiers: [
      { groups: ['main'], host: 'large', hosts: large },
      { groups: ['shard 0'], host: 'small', hosts: small },
    ],
    totals: { ...totals, hosts: large + small },
    oversize: 0,
    states: [],
  });
  return {
    state: 'SOLVED',
    objective: 'price',
    headroom: 0.2,
    spares: 0,
    survive: 'nothing',
    workloads: ['ads', 'feed'].map((name) => ({ name, model: 'm', targetPerS: 100, sla })),
    pairs: [],
    shares: [share('ads', 2, 0), share('feed', 1, 3)],
    stock: [
      { host: 'large', stock: 4, used: 3, worth: 1.5 },
      { host: 'small', used: 3 },
    ],
    comparisons: [],
    relaxations: [],
  };
}
