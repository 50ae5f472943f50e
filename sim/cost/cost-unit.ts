import type { Device, Host } from '../../hardware-profiles/profile.ts';
import type { DenseOperator } from '../../models/model.ts';
import type { Work } from './amount-of-work.ts';
import { CallTimes } from './call-time.ts';
import { type CostErrors, noErrors, type OperatorTime, type TableLookup } from './cost-errors.ts';
import { FusedLookup } from './fused-lookup.ts';
import { kernelTime } from './kernel-time.ts';
import { copyTime, exchangeTime } from './links.ts';
import { callsOf } from './operator-calls.ts';
import { acceleratorRoofline, coreRoofline, operatorSeconds, type Roofline } from './roofline.ts';
import { settingOf } from './surfaces.ts';

export { type CostErrors, costErrors, noErrors, type OperatorTime, type TableLookup } from './cost-errors.ts';

/** What runs the operators of a batch: one CPU core, or one accelerator. */
export interface CostUnit {
  readonly device: string;
  /** A dense operator for a batch of n candidates. */
  operator(operator: DenseOperator, candidates: number): OperatorTime;
  /** Pooled lookups of several tables as one kernel, all rows in the unit's own memory. */
  lookup(tables: readonly TableLookup[]): OperatorTime;
  /** What that kernel does, as its time counts it. */
  lookupWork(tables: readonly TableLookup[]): LookupWork;
}

export type LookupWork = Pick<Work, 'flops' | 'bytes' | 'rereadBytes'>;

/** A unit that has a link to its host and to its peers. */
export interface AcceleratorUnit extends CostUnit {
  copyIn(bytes: number): OperatorTime;
  copyOut(bytes: number): OperatorTime;
  /** All-to-all among `devices` accelerators of one host; `bytes` is what each of them holds before. */
  allToAll(devices: number, bytes: number): OperatorTime;
}

/** One physical core of a host: what was measured on one core, the roofline where nothing was. */
export function coreUnit({ cpu }: Host, errors: CostErrors = noErrors): CostUnit {
  const unit = rooflineUnit(coreRoofline(cpu), cpu);
  if (!hasMeasurements(cpu)) return unit;
  const times = new CallTimes(cpu, 1, errors);
  return measuredUnit(unit, times, new FusedLookup(times, errors, settingOf(cpu, 0).memory));
}

/** One accelerator of a host that has some: what was measured on it, the roofline where nothing was. */
export function acceleratorUnit(host: Host, errors: CostErrors = noErrors): AcceleratorUnit {
  const { accelerators } = host;
  if (!accelerators) throw new Error(`host '${host.name}' has no accelerators`);
  const { device, hostLinkBytesPerS, peerLinkBytesPerS, linkSpeed } = accelerators;
  const overLink = (link: typeof hostLinkBytesPerS) => (bytes: number) => ({
    seconds: device.launchOverheadS.value + bytes / link.value,
    evidence: link.evidence,
    logError: 0,
  });
  const exchange = overLink(peerLinkBytesPerS);
  const unit = {
    ...rooflineUnit(acceleratorRoofline(device), device),
    copyIn: overLink(hostLinkBytesPerS),
    copyOut: overLink(hostLinkBytesPerS),
    allToAll: (devices: number, bytes: number) => exchange((bytes * (devices - 1)) / devices),
  };
  if (!hasMeasurements(device)) return unit;
  const times = new CallTimes(device, 0, errors);
  // A faster link takes as long for so many bytes as the measured one takes for fewer.
  const { host: hostSpeed, peer: peerSpeed } = linkSpeed ?? { host: 1, peer: 1 };
  return {
    ...measuredUnit(unit, times, new FusedLookup(times, errors, settingOf(device, 0).memory)),
    copyIn: (bytes) => onOwnLink(copyTime(times, 'copy-to-device', bytes / hostSpeed), unit.copyIn(bytes)),
    copyOut: (bytes) =>
      onOwnLink(copyTime(times, 'copy-from-device', bytes / hostSpeed), unit.copyOut(bytes)),
    allToAll: (devices, bytes) =>
      exchangeTime(times, devices, bytes / peerSpeed, errors) ?? unit.allToAll(devices, bytes),
  };
}

/** A copy as it was measured; one carried over from another device is no faster than this one's link. */
function onOwnLink(measured: OperatorTime | undefined, byLink: OperatorTime): OperatorTime {
  if (!measured) return byLink;
  if (measured.evidence !== 'transferred' || measured.seconds >= byLink.seconds) return measured;
  return { ...measured, seconds: byLink.seconds };
}

/** Whether the cost of a device rests on measurements, its own or those of another. */
export function hasMeasurements({ measured, calibratedLike }: Device): boolean {
  return measured !== undefined || calibratedLike !== undefined;
}

/** A unit by measured surfaces; what was not measured is left to another. */
function measuredUnit(otherwise: CostUnit, times: CallTimes, lookups: FusedLookup): CostUnit {
  return {
    device: otherwise.device,
    operator: (operator, candidates) => {
      for (const calls of callsOf(operator, candidates)) {
        const time = times.ofAll(calls);
        if (time) return time;
      }
      return otherwise.operator(operator, candidates);
    },
    lookup: (tables) => lookups.of(tables) ?? otherwise.lookup(tables),
    lookupWork: (tables) => lookups.workOf(tables) ?? otherwise.lookupWork(tables),
  };
}

function rooflineUnit(roofline: Roofline, device: Device): CostUnit {
  const gatherBytesPerS = device.memory.bandwidthBytesPerS.value * device.efficiency.gather.value;
  return {
    device: device.name,
    operator: (operator, candidates) =>
      kernelTime(device, operator, candidates) ?? {
        seconds: operatorSeconds(operator, candidates, roofline),
        evidence: roofline.evidence,
        logError: 0,
      },
    lookup: (tables) => ({
      seconds: roofline.overheadS + gatheredBytes(tables) / gatherBytesPerS,
      evidence: device.efficiency.gather.evidence,
      logError: 0,
    }),
    lookupWork: (tables) => ({
      flops: tables.reduce((sum, { lookups, dim }) => sum + lookups * dim, 0),
      bytes: gatheredBytes(tables),
      rereadBytes: 0,
    }),
  };
}

/** Rows that are read, all of them from memory, and the sums. */
function gatheredBytes(tables: readonly TableLookup[]): number {
  return tables.reduce(
    (sum, { lookups, rowBytes, bags, dim }) => sum + lookups * rowBytes + bags * dim * 4,
    0,
  );
}
