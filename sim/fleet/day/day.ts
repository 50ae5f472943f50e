import { hoursPerMonth } from '../../../foundation/units.ts';
import type { AutoscalingSpec, DaySpec } from '../../../scenarios/plan-day-schema.ts';
import type { ArmPlan } from '../../serving/plan.ts';
import type { Capacity } from '../capacity.ts';
import type { Planner } from '../planner.ts';
import { requiredRates } from '../redundancy.ts';
import type { Hosts } from '../slice.ts';
import { tierOf } from '../tier-of.ts';
import type { ScalingRule } from './autoscaler.ts';
import { latencyCurve, shareWithin } from './curve.ts';
import type { DayResult } from './day-result.ts';
import { type DayLoad, dayLoad } from './load.ts';
import { type DayPolicy, type DayRole, type DayRun, type DaySetting, runDay } from './run.ts';

/** A sized alternative: hosts of one region that bear the peak, headroom included. */
export interface DaySubject {
  plan: ArmPlan;
  capacity: Capacity;
  needed: Hosts;
}

/** Target utilisations that are tried beside the one asked for. */
const triedTargets = Array.from({ length: 14 }, (_, index) => (30 + 5 * index) / 100);

/** Provisioning delays are tried up to this, or to twice the one asked for. */
const longestTriedS = 3600;

/** Points of a series at most. */
const seriesPoints = 288;

/**
 * A day on the hosts of an alternative: autoscaling against static provisioning for the peak, for the mean, and for the
 * peak of a surge. Latency over load is simulated, the day runs in fluid steps.
 */
export async function planDay(planner: Planner, subject: DaySubject): Promise<DayResult> {
  const spec = planner.spec.day!;
  const { normalPerS, regions } = requiredRates(planner.targetPerS!, planner.spec);
  const { arm } = subject.plan;
  const load = dayLoad(spec, arm.load, planner.targetPerS!);
  const sized = {
    ...subject,
    hosts: subject.needed,
    ratePerS: normalPerS,
    unloadedS: subject.capacity.unloadedS,
  };
  const curve = await latencyCurve(planner, sized);
  const roles = [...subject.needed].map(([group, hosts]): DayRole => {
    const { host } = tierOf(arm, group);
    const use = curve.useOfGroup.get(group) ?? 0;
    return { group, hosts, use, usdPerHour: host.pricePerHourUsd.value, idleW: host.powerIdleW.value };
  });
  const stepS = spec.autoscaling.interval;
  const setting = (surges: boolean): DaySetting => ({
    roles,
    curve,
    sizedPerS: normalPerS,
    limitS: planner.sla.limitS,
    stepS,
    ratesPerS: twoDays(load, stepS, regions, surges),
  });
  const policies = policiesOf(spec, roles, load);
  const ordinary = setting(false);
  const hardest = spec.surge ? setting(true) : ordinary;
  const run = (on: DaySetting) => policies.map(({ name, policy }) => ({ name, run: runDay(on, policy) }));
  const ordinaryRuns = run(ordinary);
  const hardestRuns = spec.surge ? run(hardest) : ordinaryRuns;
  const { autoscaling } = spec;
  const tried = (change: Partial<AutoscalingSpec>) =>
    runDay(hardest, autoscaled({ ...autoscaling, ...change }, roles, load));
  const targets = [...new Set([...triedTargets, autoscaling.target_utilisation])]
    .sort((a, b) => a - b)
    .map((targetUse) => ({ targetUse, ...summaryOf(tried({ target_utilisation: targetUse }), regions) }));
  const delays = triedDelays(autoscaling).map((provisioningS) => ({
    provisioningS,
    violationS: tried({ provisioning_delay: provisioningS }).violationS,
  }));
  const longest = longestHolding(delays);
  return {
    alternative: arm.name,
    percentile: planner.sla.percentile,
    limitS: planner.sla.limitS,
    periodS: spec.period,
    peakPerS: load.peakPerS,
    meanPerS: load.meanPerS,
    ...(spec.surge && {
      surge: {
        startS: spec.surge.start,
        durationS: spec.surge.duration,
        factor: spec.surge.factor,
        peakPerS: load.surgePeakPerS,
      },
    }),
    autoscaling: {
      targetUse: autoscaling.target_utilisation,
      provisioningS: autoscaling.provisioning_delay,
      scaleDownS: autoscaling.scale_down_delay,
      intervalS: autoscaling.interval,
    },
    curve: curve.points.map(({ load: share, use, latencyS }) => ({
      ratePerS: share * normalPerS * regions,
      use,
      latencyS,
      within: shareWithin(curve, share, planner.sla.limitS),
    })),
    days: [
      { day: 'ordinary' as const, policies: ordinaryRuns.map((one) => describePolicy(one, regions)) },
      ...(spec.surge
        ? [{ day: 'surge' as const, policies: hardestRuns.map((one) => describePolicy(one, regions)) }]
        : []),
    ],
    usdPerMonth: ordinaryRuns.map(({ name, run: { usd } }) => ({
      policy: name,
      usd: usd * regions * ((hoursPerMonth * 3600) / spec.period),
    })),
    series: {
      day: spec.surge ? 'surge' : 'ordinary',
      ...seriesOf(hardestRuns[0].run, spec.period, regions),
    },
    targets,
    bestTarget: bestTarget(targets, autoscaling.target_utilisation),
    delays,
    ...(longest !== undefined && { longestDelayS: longest }),
  };
}

/** Mean rates of the steps of an ordinary day and of the day itself, for one region. */
function twoDays(load: DayLoad, stepS: number, regions: number, surges: boolean): Float64Array {
  const steps = Math.max(1, Math.round(load.periodS / stepS));
  const rates = new Float64Array(2 * steps);
  for (let step = 0; step < steps; step++) {
    const middle = (step + 0.5) * stepS;
    rates[step] = load.ordinaryAt(middle) / regions;
    rates[steps + step] = (surges ? load.surgingAt(middle) : load.ordinaryAt(middle)) / regions;
  }
  return rates;
}

/** What is compared; the first is the autoscaled fleet. */
function policiesOf(
  spec: DaySpec,
  roles: readonly DayRole[],
  load: DayLoad,
): { name: string; policy: DayPolicy }[] {
  const fixed = (share: number): DayPolicy => ({
    kind: 'static',
    hosts: roles.map((role) => hostsAt(role, share)),
  });
  return [
    { name: 'autoscaled', policy: autoscaled(spec.autoscaling, roles, load) },
    { name: spec.surge ? 'static, ordinary peak' : 'static, peak', policy: fixed(1) },
    { name: 'static, mean', policy: fixed(load.meanPerS / load.peakPerS) },
    ...(spec.surge
      ? [{ name: 'static, surge peak', policy: fixed(load.surgePeakPerS / load.peakPerS) }]
      : []),
  ];
}

function autoscaled(spec: AutoscalingSpec, roles: readonly DayRole[], load: DayLoad): DayPolicy {
  const rules = roles.map(
    (role): ScalingRule => ({
      targetUse: spec.target_utilisation,
      tolerance: spec.tolerance,
      provisioningS: spec.provisioning_delay,
      scaleDownS: spec.scale_down_delay,
      least: hostsAt(role, spec.min_share),
      most: hostsAt(role, spec.max_share * (load.surgePeakPerS / load.peakPerS)),
    }),
  );
  return { kind: 'autoscaled', rules };
}

/** Hosts of a role for a share of the peak; at least one. */
function hostsAt({ hosts }: DayRole, share: number): number {
  return Math.max(1, Math.ceil(hosts * share - 1e-9));
}

function summaryOf({ hostHours, usd, violationS }: DayRun, regions: number) {
  return { hostHours: hostHours * regions, usd: usd * regions, violationS };
}

function describePolicy(
  { name, run }: { name: string; run: DayRun },
  regions: number,
): DayResult['days'][number]['policies'][number] {
  return {
    policy: name,
    hosts: {
      fewest: run.fewestHosts * regions,
      mean: run.meanHosts * regions,
      most: run.mostHosts * regions,
    },
    hostHours: run.hostHours * regions,
    usd: run.usd * regions,
    energyJ: run.energyJ * regions,
    meanUse: run.meanUse,
    violationS: run.violationS,
    missedShare: run.missedShare,
    worstLatencyS: run.worstLatencyS,
  };
}

function triedDelays({ interval, provisioning_delay }: AutoscalingSpec): number[] {
  const last = Math.max(longestTriedS, 2 * provisioning_delay);
  const count = Math.min(60, Math.ceil(last / interval));
  const step = Math.max(1, Math.round(last / count / interval)) * interval;
  const grid = Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
  return [...new Set([...grid, provisioning_delay])].sort((a, b) => a - b);
}

function longestHolding(delays: DayResult['delays']): number | undefined {
  const failing = delays.findIndex(({ violationS }) => violationS > 0);
  return failing < 0 ? delays.at(-1)!.provisioningS : delays[failing - 1]?.provisioningS;
}

/** Least time in violation, then least money; of targets that are alike the one that was asked for. */
function bestTarget(targets: DayResult['targets'], askedFor: number): DayResult['bestTarget'] {
  const best = targets.reduce((least, one) => {
    if (one.violationS !== least.violationS) return one.violationS < least.violationS ? one : least;
    if (one.usd === least.usd) return one.targetUse === askedFor ? one : least;
    return one.usd < least.usd ? one : least;
  });
  return { targetUse: best.targetUse, holds: best.violationS === 0 };
}

function seriesOf({ series }: DayRun, periodS: number, regions: number): Omit<DayResult['series'], 'day'> {
  const steps = series.ratePerS.length;
  const width = Math.ceil(steps / seriesPoints);
  const starts = Array.from({ length: Math.ceil(steps / width) }, (_, index) => index * width);
  const most = (values: readonly number[], times = 1) =>
    starts.map((start) => Math.max(...values.slice(start, start + width)) * times);
  const mean = series.latencyS.map((latency) => latency.mean);
  return {
    timeS: starts.map((start) => (start / steps) * periodS),
    ratePerS: most(series.ratePerS, regions),
    serving: most(series.serving, regions),
    paid: most(series.paid, regions),
    use: most(series.use),
    latencyS: most(mean),
    lowS: most(series.latencyS.map(({ low }, index) => low ?? mean[index])),
    highS: most(series.latencyS.map(({ high }, index) => high ?? mean[index])),
  };
}
