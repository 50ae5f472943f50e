import type { Evidence } from '../../foundation/evidence.ts';
import type { Device, Host } from '../../hardware-profiles/profile.ts';
import { acceleratorUnit, type CostUnit, coreUnit, type OperatorTime } from '../cost/cost-unit.ts';
import { type MeasuredKind, measuredAs } from '../cost/measured-as.ts';
import type { OperatorCall } from '../cost/operator-calls.ts';
import { type Moved, type Roofs, speedOfLightS } from '../cost/roofs.ts';
import { roofsOf } from '../cost/roofs-of.ts';

/** What one operator of a typical batch does on one device, how long that takes, and what the time rests on. */
export interface Coverage extends Moved {
  device: string;
  /** Of a model with several. */
  net?: string;
  /** Operator of the model, or the kind of lookup, copy or exchange. */
  operator: string;
  kind: string;
  dataType: string;
  /** Shape at a typical batch. */
  shape: string;
  /** `published`: by others; `missing`: nobody measured it here or on a like device, so a datasheet roofline stands in. */
  state: 'measured' | 'fitted' | 'transferred' | 'published' | 'missing';
  evidence: Evidence;
  /** All launches of the operator in the batch, as are FLOPs and bytes. */
  seconds: number;
  /** The least time that the roofs of the device allow for it. */
  speedOfLightS: number;
  /** Standard deviation of the cost model's error in log time; 0 where nothing is known about it. */
  logError: number;
  /** What was measured, here or on the device that stands for this one, and prices the operator. */
  measuredAs?: MeasuredKind[];
  /** Operators of the harness that each do the whole of it, with their shapes at this batch. */
  calls?: readonly OperatorCall[];
  /** Whether it transforms raw features before the first net. */
  isPreprocessing?: true;
}

/** What runs operators: one core of a CPU or one accelerator, with all that is known of it. */
export interface Runner<Unit extends CostUnit = CostUnit> {
  unit: Unit;
  device: Device;
  /** CPU cores that take part; 0 on an accelerator. */
  cores: number;
  roofs: Roofs;
  links?: Host['accelerators'];
}

export function coreRunner(host: Host): Runner {
  return { unit: coreUnit(host), device: host.cpu, cores: 1, roofs: roofsOf(host.cpu) };
}

export function acceleratorRunner(host: Host): Runner<ReturnType<typeof acceleratorUnit>> {
  const { device } = host.accelerators!;
  return {
    unit: acceleratorUnit(host),
    device,
    cores: 0,
    roofs: roofsOf(device),
    links: host.accelerators!,
  };
}

/** Which operator a line is about. */
type Named = Pick<Coverage, 'operator' | 'kind' | 'dataType' | 'shape'> & { net?: string | undefined };

/**
 * A line of coverage.
 * @param ways the measured operators that it may be priced as, as `callsOf` tells them
 */
export function lineOf(
  { device, cores, roofs, links }: Runner,
  { net, ...named }: Named,
  work: Moved,
  time: OperatorTime,
  ways: readonly Pick<OperatorCall, 'operator' | 'dataType'>[][],
): Coverage {
  const kinds = measuredAs(device, cores, ways);
  return {
    device: device.name,
    ...(net !== undefined && { net }),
    ...named,
    state: stateFrom(time.evidence),
    ...time,
    speedOfLightS: speedOfLightS(work, named.dataType, roofs, links),
    ...work,
    ...(kinds.length > 0 && { measuredAs: kinds }),
  };
}

function stateFrom(evidence: Evidence): Coverage['state'] {
  const known = ['measured', 'fitted', 'transferred', 'published'] as const;
  return known.find((state) => state === evidence) ?? 'missing';
}
