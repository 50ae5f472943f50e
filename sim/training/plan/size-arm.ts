import { formatTime, hostsInWords, significant } from '../../../foundation/units.ts';
import type { DistillationArm, Horizon } from '../../../scenarios/distillation/deployment.ts';
import { uniqueRates } from '../distillation/demand.ts';
import { headsOf, labelJob, teacherJob } from '../distillation/jobs.ts';
import {
  labelledTasks,
  pipelineSpecOf,
  snapshotBytesOf,
  snapshotTimes,
} from '../distillation/pipeline-spec-of.ts';
import type { TimedJobs } from '../distillation/timed-jobs.ts';
import type { PipelineSpec } from '../pipeline/pipeline-spec.ts';
import type { LabelBatch } from '../step/label-batch.ts';
import type { LabelNeed } from './label-need.ts';
import { type MoneyPlan, moneyOf, recordBytes } from './money.ts';
import type { PlannedFleet } from './planned-fleet-result.ts';
import { type HostTerms, labelFleet, teacherFleet, verticalFleets } from './planned-fleets.ts';
import { type SizedRun, sizeRun, type UnsizedTraining } from './size-runs.ts';
import { type SizedTraining, sizeWithBatch } from './size-training.ts';
import { mostHosts, TrainingRates } from './training-rates.ts';

/** What all fleets of a plan are sized by. */
export interface SizingTerms {
  jobs: TimedJobs;
  horizon: Horizon;
  /** Share of every fleet's capacity that the busiest moment of the day leaves free. */
  headroom: number;
  spares: number;
  priceFactor: number;
}

/** All fleets of an arm, whose pipeline is yet to be simulated. */
export interface SizedArm {
  state: 'SIZED';
  /** With the hosts, servers and batches that were found. */
  arm: DistillationArm;
  training: Extract<SizedTraining, { state: 'SIZED' }>;
  server: { hostsEach: number; batch: LabelBatch };
  /** Label servers that serve; spares are beside them. */
  servers: number;
  snapshotBytes: number;
  runs: SizedRun[];
  fleets: PlannedFleet[];
  /** As planned, all servers at their full rate. */
  pipeline: PipelineSpec;
  money: MoneyPlan;
  hosts: number;
  watts: number;
}

/** Why an arm has no fleet. */
export interface UnsizedArm {
  state: 'DOES NOT FIT' | 'CANNOT KEEP UP' | 'BATCH TOO SLOW';
  reasons: string[];
}

/** Parts of an arm that do not depend on its teacher, sized once. */
export interface SizedVerticals {
  withHeads: SizedRun[];
  withoutHeads: SizedRun[];
}

/** @returns why one of them has no fleet, with its name */
export function sizeVerticals(arm: DistillationArm, terms: SizingTerms): SizedVerticals | UnsizedArm {
  const sized: SizedVerticals = { withHeads: [], withoutHeads: [] };
  for (const vertical of arm.verticals) {
    for (const [list, heads] of [
      [sized.withHeads, headsOf(arm)],
      [sized.withoutHeads, { kind: 'none' }],
    ] as const) {
      const run = sizeRun(terms.jobs, vertical, heads, terms.headroom);
      if (run.state !== 'SIZED') return unsized(`training of the vertical '${vertical.name}'`, run);
      list.push(run);
    }
  }
  return sized;
}

/** Fleets of an arm as its teacher is: hosts that train it, servers that label, hosts of the vertical models. */
export function sizeArm(
  arm: DistillationArm,
  { withHeads, withoutHeads }: SizedVerticals,
  need: LabelNeed,
  terms: SizingTerms,
): SizedArm | UnsizedArm {
  const { teacher } = arm;
  const training = sizeTeacher(arm, terms);
  if (training.state !== 'SIZED') return unsized(`training of the teacher '${teacher.model.name}'`, training);
  const server = sizeServer(arm, terms);
  if ('state' in server) return server;
  const servers = leastServers(arm, server.batch, need, terms.headroom);
  if (typeof servers !== 'number') return servers;
  const sizedArm = asSized(arm, training, server.hostsEach, servers, withHeads, terms.headroom);
  const fleet = { host: teacher.labelling.host, hosts: server.hostsEach, network: teacher.labelling.network };
  const snapshotBytes = snapshotBytesOf(teacher.model);
  const snapshots = snapshotTimes(arm, snapshotBytes, fleet);
  const step = training.rates.step(training.hosts);
  const timed = { teacherStep: step, labels: server.batch, servers, snapshots };
  const sized = {
    arm: sizedArm,
    training,
    server,
    servers,
    snapshotBytes,
    runs: withHeads,
    pipeline: pipelineSpecOf(sizedArm, timed, terms.horizon),
  };
  return { state: 'SIZED', ...sized, ...laidOut(sized, withoutHeads, terms) };
}

/** The same where the arm has changed in what decides about money alone. */
export function relaidOut(sized: SizedArm, { withoutHeads }: SizedVerticals, terms: SizingTerms): SizedArm {
  return { ...sized, ...laidOut(sized, withoutHeads, terms) };
}

/** The same with another number of label servers. */
export function withServers(
  sized: SizedArm,
  servers: number,
  verticals: SizedVerticals,
  terms: SizingTerms,
): SizedArm {
  const { teacher } = sized.arm;
  const arm = { ...sized.arm, teacher: { ...teacher, labelling: { ...teacher.labelling, servers } } };
  const labelling = { ...sized.pipeline.labelling, servers };
  return relaidOut({ ...sized, servers, arm, pipeline: { ...sized.pipeline, labelling } }, verticals, terms);
}

/** The hosts of all, their money and power. */
function laidOut(
  {
    arm,
    training,
    server,
    servers,
    snapshotBytes,
    runs,
  }: Pick<SizedArm, 'arm' | 'training' | 'server' | 'servers' | 'snapshotBytes' | 'runs'>,
  withoutHeads: readonly SizedRun[],
  { spares, priceFactor }: SizingTerms,
): Pick<SizedArm, 'fleets' | 'money' | 'hosts' | 'watts'> {
  const { teacher, costs } = arm;
  const hostTerms: HostTerms = { spares, priceFactor, siteOverPower: costs.site_over_power };
  const { meanPerS, peakPerS } = uniqueRates(arm);
  const of = (share: number) => ({ meanPerS: share * meanPerS, peakPerS: share * peakPerS });
  const fleets = [
    teacherFleet(teacher.fleet, training, of(teacher.train_share), hostTerms),
    labelFleet(teacher.labelling, { ...server, servers }, of(teacher.label_share), hostTerms),
    ...verticalFleets(runs, hostTerms),
  ];
  const bytes = recordBytes(arm, snapshotBytes, servers + spares);
  return {
    fleets,
    money: moneyOf(fleets, verticalFleets(withoutHeads, hostTerms), bytes, costs),
    hosts: fleets.reduce((sum, { hosts }) => sum + hosts, 0),
    watts: fleets.reduce((sum, { watts }) => sum + watts, 0),
  };
}

function sizeTeacher(arm: DistillationArm, { jobs, headroom }: SizingTerms): SizedTraining {
  const { train_share, fleet } = arm.teacher;
  const neededPerS = (train_share * uniqueRates(arm).peakPerS) / (1 - headroom);
  const ratesOf = (examplesPerDevice: number) =>
    new TrainingRates(jobs, (hosts) => ({ ...teacherJob(arm, hosts), examplesPerDevice }));
  return sizeWithBatch(ratesOf, fleet.examples_per_device, neededPerS);
}

/** One copy of the teacher: on the hosts that the arm states, or the fewest that hold it. */
function sizeServer(arm: DistillationArm, { jobs }: SizingTerms): SizedArm['server'] | UnsizedArm {
  const { labelling, model } = arm.teacher;
  const rates = new TrainingRates(jobs, (hosts) => labelJob(arm, hosts));
  const hostsEach = labelling.hosts_per_server ?? rates.leastThatFit();
  if (hostsEach !== undefined && rates.fits(hostsEach)) return { hostsEach, batch: rates.labels(hostsEach) };
  const reason = rates.whyNot(hostsEach ?? mostHosts);
  return unsized(`a label server of '${model.name}'`, { state: 'DOES NOT FIT', reason });
}

/** Fewest servers with which no label is late where each leaves the headroom free. */
function leastServers(
  arm: DistillationArm,
  batch: LabelBatch,
  need: LabelNeed,
  headroom: number,
): number | UnsizedArm {
  const { labelling, label_share } = arm.teacher;
  const examplesPerSPerServer = batch.examplesPerS * (1 - headroom);
  const latencyS = labelling.max_fill + batch.examplesPerBatch / examplesPerSPerServer;
  const deadlineS = tightestWindowS(arm) - arm.join;
  const requiredPerS = need.requiredPerS(deadlineS - latencyS);
  if (requiredPerS !== undefined)
    return Math.max(1, Math.ceil((label_share * requiredPerS) / examplesPerSPerServer - 1e-9));
  const reason =
    `a label is due ${formatTime(deadlineS)} after its impression (the tightest window less the join), and a batch ` +
    `alone takes ${formatTime(latencyS)} (${formatTime(labelling.max_fill)} to fill), whatever the servers`;
  return { state: 'BATCH TOO SLOW', reasons: [reason] };
}

/** The tightest window of all tasks that the teacher labels (s). */
function tightestWindowS({ verticals }: DistillationArm): number {
  return Math.min(...verticals.flatMap(({ tasks }) => labelledTasks(tasks).map(({ window }) => window)));
}

/** The headroom of a scenario's fleet, which is over a mean, that leaves a share of it free at a peak. */
function aboveMean(peakToMean: number, headroom: number): number {
  return peakToMean / (1 - headroom) - 1;
}

/** The arm with what was found in the place of what it states. */
function asSized(
  arm: DistillationArm,
  training: SizedArm['training'],
  hosts_per_server: number,
  servers: number,
  runs: readonly SizedRun[],
  headroom: number,
): DistillationArm {
  const { teacher } = arm;
  const { peakPerS, meanPerS } = uniqueRates(arm);
  const { examplesPerDevice } = training.rates.step(training.hosts);
  return {
    ...arm,
    teacher: {
      ...teacher,
      fleet: {
        ...teacher.fleet,
        hosts: training.hosts,
        examples_per_device: examplesPerDevice,
        headroom: aboveMean(peakPerS / meanPerS, headroom),
      },
      labelling: { ...teacher.labelling, hosts_per_server, servers, headroom: aboveMean(1, headroom) },
    },
    verticals: runs.map(({ vertical, devices, hosts }) => {
      const { hosts: _, accelerators: __, ...rest } = vertical.fleet;
      const fleet = { ...rest, headroom: aboveMean(vertical.peak_to_mean, headroom) };
      return {
        ...vertical,
        fleet: devices === undefined ? { ...fleet, hosts } : { ...fleet, accelerators: devices },
      };
    }),
  };
}

function unsized(what: string, sized: UnsizedTraining): UnsizedArm {
  const { state } = sized;
  if (state === 'DOES NOT FIT') {
    const [first, ...remedies] = sized.reason.split('\n');
    return { state, reasons: [`${what}: ${first}`, ...remedies.map((line) => line.trim())] };
  }
  const most = `${significant(sized.examplesPerS)} examples/s`;
  const needed = `${significant(sized.neededPerS)}`;
  return {
    state,
    reasons: [
      `${what}: ${hostsInWords(sized.hosts)} train ${most} of the ${needed} that the busiest moment of the day asks for ` +
        'with its headroom, and more of them hardly any more, since the link between them decides: a larger ' +
        'examples_per_device or a faster network would help',
    ],
  };
}
