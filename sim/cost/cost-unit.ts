import type { Evidence } from '../../foundation/evidence.ts';
import type { Device, Host } from '../../hardware-profiles/profile.ts';
import type { AccessSkew, DenseOperator, TableDataType } from '../../models/model.ts';
import { acceleratorRoofline, coreRoofline, operatorSeconds, type Roofline } from './roofline.ts';

/** Predicted time of one operator, what it rests on, and how far off it may be. */
export interface OperatorTime {
  seconds: number;
  evidence: Evidence;
  /** Standard deviation of the cost model's error in log time; 0 where nothing is known about it. */
  logError: number;
}

/** Lookups of one table (or part of one) in a fused kernel over several. */
export interface TableLookup {
  rows: number;
  dim: number;
  dataType: TableDataType;
  /** Stored bytes of one row. */
  rowBytes: number;
  skew: AccessSkew;
  /** Pooled vectors that come out, and rows read for them. */
  bags: number;
  lookups: number;
}

/** What runs the operators of a batch: one CPU core, or one accelerator. */
export interface CostUnit {
  readonly device: string;
  /** A dense operator for a batch of n candidates. */
  operator(operator: DenseOperator, candidates: number): OperatorTime;
  /** Pooled lookups of several tables as one kernel, all rows in the unit's own memory. */
  lookup(tables: readonly TableLookup[]): OperatorTime;
}

/** A unit that has a link to its host and to its peers. */
export interface AcceleratorUnit extends CostUnit {
  copyIn(bytes: number): OperatorTime;
  copyOut(bytes: number): OperatorTime;
  /** All-to-all among `devices` accelerators of one host; `bytes` is what each of them holds before. */
  allToAll(devices: number, bytes: number): OperatorTime;
}

/**
 * Factors by which the cost model is off in one replication, by measured surface (`h200-sxm gemm fp16`); 1 for
 * what has no known error. The nominal model is `noErrors`.
 */
export type CostErrors = (surface: string, logError: number) => number;

export const noErrors: CostErrors = () => 1;

/** One physical core of a host. */
export function coreUnit(host: Host, _errors: CostErrors = noErrors): CostUnit {
  return rooflineUnit(coreRoofline(host.cpu), host.cpu);
}

/** One accelerator of a host that has some. */
export function acceleratorUnit(host: Host, _errors: CostErrors = noErrors): AcceleratorUnit {
  const { accelerators } = host;
  if (!accelerators) throw new Error(`host '${host.name}' has no accelerators`);
  const { device, hostLinkBytesPerS, peerLinkBytesPerS } = accelerators;
  const overLink = (link: typeof hostLinkBytesPerS) => (bytes: number) => ({
    seconds: device.launchOverheadS.value + bytes / link.value,
    evidence: link.evidence,
    logError: 0,
  });
  const exchange = overLink(peerLinkBytesPerS);
  return {
    ...rooflineUnit(acceleratorRoofline(device), device),
    copyIn: overLink(hostLinkBytesPerS),
    copyOut: overLink(hostLinkBytesPerS),
    allToAll: (devices, bytes) => exchange((bytes * (devices - 1)) / devices),
  };
}

function rooflineUnit(roofline: Roofline, device: Device): CostUnit {
  const gatherBytesPerS = device.memory.bandwidthBytesPerS.value * device.efficiency.gather.value;
  return {
    device: device.name,
    operator: (operator, candidates) => ({
      seconds: operatorSeconds(operator, candidates, roofline),
      evidence: roofline.evidence,
      logError: 0,
    }),
    lookup: (tables) => ({
      seconds:
        roofline.overheadS +
        tables.reduce(
          (sum, { lookups, rowBytes, bags, dim }) => sum + lookups * rowBytes + bags * dim * 4,
          0,
        ) /
          gatherBytesPerS,
      evidence: device.efficiency.gather.evidence,
      logError: 0,
    }),
  };
}
