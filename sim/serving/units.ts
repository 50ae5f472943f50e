import type { Host } from '../../hardware-profiles/profile.ts';
import {
  type AcceleratorUnit,
  acceleratorUnit,
  type CostUnit,
  coreUnit,
  costErrors,
} from '../cost/cost-unit.ts';
import type { ReplicationKey } from '../streams.ts';

const cores = new WeakMap<Host, CostUnit>();
const accelerators = new WeakMap<Host, AcceleratorUnit>();

/** A core of a host as one replication sees it. Replications of the nominal model share what was worked out. */
export function coreOf(host: Host, key: ReplicationKey): CostUnit {
  return key.withCostErrors ? coreUnit(host, costErrors(key)) : shared(cores, host, coreUnit);
}

/** An accelerator of a host that has some, likewise. */
export function acceleratorOf(host: Host, key: ReplicationKey): AcceleratorUnit {
  return key.withCostErrors
    ? acceleratorUnit(host, costErrors(key))
    : shared(accelerators, host, acceleratorUnit);
}

function shared<Unit>(units: WeakMap<Host, Unit>, host: Host, make: (host: Host) => Unit): Unit {
  const unit = units.get(host) ?? make(host);
  units.set(host, unit);
  return unit;
}
