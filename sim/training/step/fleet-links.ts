import { weakest } from '../../../foundation/evidence.ts';
import type { OperatorTime } from '../../cost/cost-errors.ts';
import { devicesOf, devicesPerHost, type TrainingFleet } from './training-job.ts';
import type { TrainingUnit } from './training-unit.ts';

/** Time of what does not happen. */
export const noTime: OperatorTime = { seconds: 0, evidence: 'measured', logError: 0 };

/**
 * All-to-all among all accelerators of a fleet; `bytes` is what the fullest holds before (B), evenly for all. Of it
 * 1 / hosts stays in the host and goes over its peer links (as in serving), while (hosts − 1) / hosts leaves by the NIC
 * that the host's accelerators share: the slower of both decides. [model choice: NIC at its rate, one median round trip]
 */
export function allToAll(unit: TrainingUnit, fleet: TrainingFleet, bytes: number): OperatorTime {
  const { hosts } = fleet;
  const perHost = devicesPerHost(fleet);
  if (devicesOf(fleet) === 1) return noTime;
  const inside = perHost > 1 ? unit.allToAll(perHost, bytes / hosts) : noTime;
  if (hosts === 1) return inside;
  return slower(inside, overNic(fleet, (perHost * bytes * (hosts - 1)) / hosts, 1));
}

/**
 * All-reduce of `bytes` that every accelerator of a fleet holds. Of several hosts: reduced and scattered within each
 * host, rings between hosts of one accelerator each for its part, gathered within each host; within the host that
 * moves what an all-reduce there does. Every host sends and receives 2 (hosts − 1) / hosts of the bytes, in as many
 * steps as its ring has. [model choice: chunks pass through all stages at once, so that the slower link decides]
 */
export function allReduce(unit: TrainingUnit, fleet: TrainingFleet, bytes: number): OperatorTime {
  const { hosts } = fleet;
  const perHost = devicesPerHost(fleet);
  if (devicesOf(fleet) === 1 || bytes === 0) return noTime;
  const inside = perHost > 1 ? unit.allReduce(perHost, bytes) : noTime;
  if (hosts === 1) return inside;
  return slower(inside, overNic(fleet, (2 * bytes * (hosts - 1)) / hosts, 2 * (hosts - 1)));
}

function slower(a: OperatorTime, b: OperatorTime): OperatorTime {
  return a.seconds >= b.seconds ? a : b;
}

/** Bytes that a host sends by its NIC, in steps that each wait for one round trip of the network. */
function overNic({ host, network }: TrainingFleet, bytes: number, steps: number): OperatorTime {
  const { medianS } = network.roundTrip;
  return {
    seconds: steps * medianS.value + bytes / host.nicBytesPerS.value,
    evidence: weakest(host.nicBytesPerS.evidence, medianS.evidence),
    logError: 0,
  };
}
