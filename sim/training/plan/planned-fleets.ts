import type { Host } from '../../../hardware-profiles/profile.ts';
import type { LabellingSpec, TrainingFleetSpec } from '../../../scenarios/distillation/deployment.ts';
import type { LabelBatch } from '../step/label-batch.ts';
import { packRuns } from './pack-runs.ts';
import type { PlannedFleet } from './planned-fleet-result.ts';
import type { SizedRun } from './size-runs.ts';
import type { SizedTraining } from './size-training.ts';

/** What hosts cost beside their number. */
export interface HostTerms {
  spares: number;
  /** Power of the site over that of its hosts. */
  siteOverPower: number;
  /** What if all hosts cost so many times as much. */
  priceFactor: number;
}

interface Rates {
  peakPerS: number;
  meanPerS: number;
}

/** The hosts that train the teacher. */
export function teacherFleet(
  { host, network }: TrainingFleetSpec,
  { hosts, rates, limitedBy }: Extract<SizedTraining, { state: 'SIZED' }>,
  demand: Rates,
  terms: HostTerms,
): PlannedFleet {
  const step = rates.step(hosts);
  const isOneLessEnough = hosts > 1 && rates.fits(hosts - 1);
  return {
    role: 'teacher training',
    verticals: [],
    host: host.name,
    network: network.name,
    copies: 1,
    limitedBy,
    examplesPerDevice: step.examplesPerDevice,
    capacityPerS: step.examplesPerS,
    memory: { usedBytes: step.memory.totalBytes, capacityBytes: step.memory.capacityBytes },
    ...(hosts > 1 && {
      oneLess: isOneLessEnough
        ? { fits: true, capacityPerS: rates.step(hosts - 1).examplesPerS }
        : { fits: false },
    }),
    ...hostsOf(host, hosts, usesOf(demand, step.examplesPerS), terms),
    ...demand,
  };
}

/** The hosts of all label servers. */
export function labelFleet(
  { host, network }: LabellingSpec,
  { servers, hostsEach, batch }: { servers: number; hostsEach: number; batch: LabelBatch },
  demand: Rates,
  terms: HostTerms,
): PlannedFleet {
  const capacityPerS = servers * batch.examplesPerS;
  const ofHosts = { ...terms, spares: terms.spares * hostsEach };
  return {
    role: 'labelling',
    verticals: [],
    host: host.name,
    network: network.name,
    copies: 1,
    servers: { needed: servers, spares: terms.spares, hostsEach },
    limitedBy: servers === 1 ? 'memory' : 'deadline',
    examplesPerDevice: batch.examplesPerBatch / (hostsEach * devicesOf(host)),
    capacityPerS,
    ...hostsOf(host, servers * hostsEach, usesOf(demand, capacityPerS), ofHosts),
    ...demand,
  };
}

/** The hosts that train vertical models: those that runs share, and those of runs with hosts of their own. */
export function verticalFleets(runs: readonly SizedRun[], terms: HostTerms): PlannedFleet[] {
  const shared = runs.filter(({ devices }) => devices !== undefined);
  const hosts = [...new Set(shared.map(({ vertical }) => vertical.fleet.host))];
  return [
    ...hosts.map((host) =>
      sharedFleet(
        host,
        shared.filter(({ vertical }) => vertical.fleet.host === host),
        terms,
      ),
    ),
    ...runs.filter(({ devices }) => devices === undefined).map((run) => ownFleet(run, terms)),
  ];
}

function sharedFleet(host: Host, runs: readonly SizedRun[], terms: HostTerms): PlannedFleet {
  const loads = runs.map(({ vertical, devices }) => ({
    vertical: vertical.name,
    copies: copiesOf(vertical),
    devices: devices!,
  }));
  const needed = packRuns(loads, devicesOf(host)).length;
  const sum = (of: (run: SizedRun) => number) =>
    runs.reduce((total, run) => total + copiesOf(run.vertical) * of(run), 0);
  // Of the accelerators of all hosts, those that no run has included.
  const used = (rate: 'peakPerS' | 'meanPerS') =>
    sum((run) => (run.devices! * run[rate]) / run.step.examplesPerS) / (needed * devicesOf(host));
  return {
    role: 'vertical training',
    verticals: runs.map(({ vertical }) => vertical.name),
    host: host.name,
    network: runs[0].vertical.fleet.network.name,
    copies: 1,
    limitedBy: runs.every(({ limitedBy }) => limitedBy === 'memory') ? 'memory' : 'throughput',
    peakPerS: sum(({ peakPerS }) => peakPerS),
    meanPerS: sum(({ meanPerS }) => meanPerS),
    ...hostsOf(host, needed, { peakUse: used('peakPerS'), use: used('meanPerS') }, terms),
  };
}

function ownFleet(
  { vertical, hosts, step, peakPerS, meanPerS, limitedBy }: SizedRun,
  terms: HostTerms,
): PlannedFleet {
  const copies = copiesOf(vertical);
  const demand = { peakPerS: copies * peakPerS, meanPerS: copies * meanPerS };
  const capacityPerS = copies * step.examplesPerS;
  const { host, network } = vertical.fleet;
  return {
    role: 'vertical training',
    verticals: [vertical.name],
    host: host.name,
    network: network.name,
    copies,
    limitedBy,
    examplesPerDevice: step.examplesPerDevice,
    capacityPerS,
    memory: { usedBytes: step.memory.totalBytes, capacityBytes: step.memory.capacityBytes },
    ...hostsOf(host, copies * hosts, usesOf(demand, capacityPerS), terms),
    ...demand,
  };
}

/** Runs of all verticals alike. */
export function copiesOf({ count, runs }: SizedRun['vertical']): number {
  return count * runs;
}

function usesOf({ peakPerS, meanPerS }: Rates, capacityPerS: number) {
  return { peakUse: peakPerS / capacityPerS, use: meanPerS / capacityPerS };
}

/** Hosts with their spares, money and mean power: spares are idle, the others as busy as their mean use. */
function hostsOf(
  host: Host,
  needed: number,
  { peakUse, use }: { peakUse: number; use: number },
  { spares, siteOverPower, priceFactor }: HostTerms,
) {
  const { pricePerHourUsd, powerIdleW, powerBusyW } = host;
  const busyW = needed * use * (powerBusyW.value - powerIdleW.value);
  return {
    needed,
    spares,
    hosts: needed + spares,
    peakUse,
    use,
    usdPerDay: (needed + spares) * pricePerHourUsd.value * 24 * priceFactor,
    watts: ((needed + spares) * powerIdleW.value + busyW) * siteOverPower,
  };
}

function devicesOf({ accelerators }: Host): number {
  return Math.round(accelerators!.count.value);
}
