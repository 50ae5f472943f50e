import type { Interval } from '../../statistics/interval.ts';
import { Autoscaler, type ScalingRule } from './autoscaler.ts';
import { type LatencyCurve, latencyAt, shareWithin } from './curve.ts';

/** One role of the fleet. */
export interface DayRole {
  group: string;
  /** Hosts that bear the rate for which the fleet was sized. */
  hosts: number;
  /** Use of its busiest resource then. */
  use: number;
  usdPerHour: number;
  idleW: number;
}

/** What a day is run with. */
export interface DaySetting {
  roles: readonly DayRole[];
  curve: LatencyCurve;
  /** Requests per second that the fleet was sized for. */
  sizedPerS: number;
  limitS: number;
  stepS: number;
  /** Requests per second of each step; the first half leads in, the second is the day. */
  ratesPerS: Float64Array;
}

/** Hosts by role that stay, or rules by which they follow. */
export type DayPolicy =
  | { kind: 'static'; hosts: readonly number[] }
  | { kind: 'autoscaled'; rules: readonly ScalingRule[] };

/** The second half of a run. */
export interface DayRun {
  hostHours: number;
  usd: number;
  energyJ: number;
  /** Seconds in which the percentile is above its limit. */
  violationS: number;
  /** Share of the requests answered later than the limit. */
  missedShare: number;
  worstLatencyS: Interval;
  meanUse: number;
  fewestHosts: number;
  mostHosts: number;
  meanHosts: number;
  series: DaySeries;
}

/** By step. */
export interface DaySeries {
  ratePerS: number[];
  serving: number[];
  paid: number[];
  use: number[];
  latencyS: Interval[];
}

/**
 * Runs two days in fluid steps: requests come at the load's rate, each role's use decides on its hosts, and what exceeds
 * what the hosts can bear waits. Within a step latency is that of a steady load (the simulated curve) at the use of the
 * busiest role, and the wait of a backlog comes on top.
 */
export function runDay(setting: DaySetting, policy: DayPolicy): DayRun {
  const { ratesPerS, stepS } = setting;
  const fleet = new DayFleet(setting, policy);
  const first = ratesPerS.length / 2;
  const totals = new DayTotals(setting);
  for (let step = 0; step < ratesPerS.length; step++) {
    const state = fleet.step(step * stepS, ratesPerS[step]);
    if (step >= first) totals.add(state);
  }
  return totals.result();
}

/** What goes on in a step. */
interface StepState {
  ratePerS: number;
  serving: number;
  paid: number;
  usdPerHour: number;
  idleW: number;
  use: number;
  servedPerS: number;
  /** Load as the curve counts it, and the wait of the backlog on top (s). */
  load: number;
  waitS: number;
}

class DayFleet {
  private readonly setting: DaySetting;
  private readonly scalers: Autoscaler[] | undefined;
  private readonly fixed: readonly number[];
  /** Hosts that one request per second keeps fully used, by role. */
  private readonly workPerRate: number[];
  private readonly busiestUse: number;
  private uses: number[] | undefined;
  private backlog = 0;

  constructor(setting: DaySetting, policy: DayPolicy) {
    const { roles, sizedPerS, ratesPerS } = setting;
    this.setting = setting;
    this.workPerRate = roles.map(({ hosts, use }) => (hosts * use) / sizedPerS);
    this.busiestUse = Math.max(...roles.map(({ use }) => use));
    this.fixed = policy.kind === 'static' ? policy.hosts : [];
    this.scalers =
      policy.kind === 'static'
        ? undefined
        : policy.rules.map((rule, role) => {
            const wanted = (this.workPerRate[role] * ratesPerS[0]) / rule.targetUse;
            return new Autoscaler(rule, Math.ceil(wanted - 1e-9));
          });
  }

  step(timeS: number, ratePerS: number): StepState {
    const { roles, stepS } = this.setting;
    this.scalers?.forEach((scaler, role) => {
      if (this.uses) scaler.look(timeS, this.uses[role]);
    });
    const serving = roles.map(
      (_, role) => this.scalers?.[role].meanServing(timeS, stepS) ?? this.fixed[role],
    );
    const paid = roles.map((_, role) => this.scalers?.[role].paid ?? this.fixed[role]);
    const capacity = Math.min(
      ...serving.map((hosts, role) => hosts / Math.max(this.workPerRate[role], 1e-12)),
    );
    const offered = ratePerS + this.backlog / stepS;
    const servedPerS = Math.min(offered, capacity);
    const left = Math.max(0, (offered - servedPerS) * stepS);
    // Requests of this step wait for those in front: on average as long as the mean backlog takes.
    const waitS = (this.backlog + left) / 2 / capacity;
    this.backlog = left < 1e-9 * offered * stepS ? 0 : left;
    this.uses = serving.map((hosts, role) => Math.min(1, (this.workPerRate[role] * servedPerS) / hosts));
    const use = Math.max(...this.uses);
    const sum = (value: (role: number) => number) => roles.reduce((total, _, role) => total + value(role), 0);
    return {
      ratePerS,
      serving: sum((role) => serving[role]),
      paid: sum((role) => paid[role]),
      usdPerHour: sum((role) => paid[role] * roles[role].usdPerHour),
      idleW: sum((role) => paid[role] * roles[role].idleW),
      use,
      servedPerS,
      load: use / this.busiestUse,
      waitS,
    };
  }
}

class DayTotals {
  private readonly setting: DaySetting;
  private readonly series: DaySeries = { ratePerS: [], serving: [], paid: [], use: [], latencyS: [] };
  private usd = 0;
  private energyJ = 0;
  private violationS = 0;
  private requests = 0;
  private missed = 0;
  private worst: Interval = { mean: 0 };

  constructor(setting: DaySetting) {
    this.setting = setting;
  }

  add({ ratePerS, serving, paid, usdPerHour, idleW, use, servedPerS, load, waitS }: StepState): void {
    const { curve, limitS, stepS, sizedPerS } = this.setting;
    const steady = latencyAt(curve, load);
    const latencyS: Interval = {
      mean: steady.mean + waitS,
      ...(steady.high !== undefined && { low: steady.low! + waitS, high: steady.high + waitS }),
    };
    this.series.ratePerS.push(ratePerS);
    this.series.serving.push(serving);
    this.series.paid.push(paid);
    this.series.use.push(use);
    this.series.latencyS.push(latencyS);
    this.usd += (usdPerHour * stepS) / 3600;
    this.energyJ += (idleW + (curve.dynamicW * servedPerS) / sizedPerS) * stepS;
    if (latencyS.mean > limitS) this.violationS += stepS;
    if (latencyS.mean > this.worst.mean) this.worst = latencyS;
    this.requests += ratePerS * stepS;
    const within = waitS >= limitS ? 0 : shareWithin(curve, load, limitS - waitS);
    this.missed += ratePerS * stepS * (1 - within);
  }

  result(): DayRun {
    const { series } = this;
    const count = series.paid.length;
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    return {
      hostHours: (sum(series.paid) * this.setting.stepS) / 3600,
      usd: this.usd,
      energyJ: this.energyJ,
      violationS: this.violationS,
      missedShare: this.requests > 0 ? this.missed / this.requests : 0,
      worstLatencyS: this.worst,
      meanUse: sum(series.use) / count,
      fewestHosts: series.paid.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
      mostHosts: series.paid.reduce((most, value) => Math.max(most, value), 0),
      meanHosts: sum(series.paid) / count,
      series,
    };
  }
}
