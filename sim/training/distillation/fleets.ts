import { devicesOf, devicesPerHost } from '../step/training-job.ts';
import type { Fleet } from './fleet-result.ts';
import type { PreparedArm, PreparedFleet } from './prepare.ts';

/** The fleets of an arm as they are held all day. */
export function fleetsOf({
  training,
  teacherStep,
  labelling,
  labels,
  servers,
  serversBy,
  verticals,
}: PreparedArm): Fleet[] {
  return [
    {
      role: 'teacher training',
      ...figures(training, perHost(training), teacherStep.examplesPerS),
      copies: 1,
    },
    {
      role: 'labelling',
      ...figures(labelling, perHost(labelling), labels.examplesPerS, servers),
      sizedBy: serversBy === 'throughput' && servers === 1 ? labelling.sizedBy : serversBy,
      servers,
      copies: 1,
    },
    ...verticals.map(({ vertical, fleet, withHeads }): Fleet => {
      const copies = vertical.count * vertical.runs;
      const one = figures(fleet, vertical.fleet.host.accelerators!.count.value, withHeads.examplesPerS);
      return {
        role: 'vertical training',
        vertical: vertical.name,
        ...one,
        copies,
        usdPerDay: one.usdPerDay * copies,
      };
    }),
  ];
}

function perHost({ job }: PreparedFleet): number {
  return devicesPerHost(job.fleet);
}

/**
 * @param perHost accelerators of a whole host, of which a fleet may take a part
 * @param times fleets like this that work as one
 */
function figures(
  { job, sizedBy, meanPerS, peakPerS }: PreparedFleet,
  perHost: number,
  examplesPerS: number,
  times = 1,
): Omit<Fleet, 'role' | 'copies'> {
  const { host, hosts, network } = job.fleet;
  const devices = devicesOf(job.fleet);
  const capacityPerS = examplesPerS * times;
  return {
    host: host.name,
    device: host.accelerators!.device.name,
    network: network.name,
    hosts: (devices / perHost) * times,
    devices: devices * times,
    sizedBy,
    capacityPerS,
    meanPerS,
    peakPerS,
    use: meanPerS / capacityPerS,
    usdPerDay: hosts * times * host.pricePerHourUsd.value * 24,
  };
}
