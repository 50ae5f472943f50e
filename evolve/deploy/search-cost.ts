import type { DeviceDescription } from '../../harness/device.ts';
import type { ExportedNode } from '../storage/export-schema.ts';
import type { Run } from '../storage/runs.ts';

const secondsPerHour = 3600;

/** Device-hours of a search. */
export interface SearchCost {
  /** In which devices were held by an evaluation. */
  busyDeviceHours: number;
  /** In which devices were at hand for the search, whether they evaluated or not. */
  heldDeviceHours: number;
  /** Had every agent kept a device to itself while it wrote and compiled: generation and evaluation together. */
  agentHeldDeviceHours: number;
}

/** Detail of a described device: with several evaluators, one compiles while another has the device. */
const evaluatorsDetail = 'evaluators per device';

/** A device that several evaluators share, for the record of a search. */
export function sharedBy(evaluators: number, device: DeviceDescription): DeviceDescription {
  return { ...device, details: { ...device.details, [evaluatorsDetail]: evaluators } };
}

/**
 * What a session cost.
 * @param device of the session, as `sharedBy` made it
 * @param runs of the session, whose devices are evaluators
 */
export function searchCost(
  device: Pick<DeviceDescription, 'details'>,
  runs: readonly Pick<Run, 'devices' | 'wallS' | 'generationS' | 'heldS'>[],
  nodes: readonly Pick<ExportedNode, 'evaluation' | 'duplicateOf'>[],
): SearchCost {
  const perDevice = Number(device.details[evaluatorsDetail] ?? 1);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const own = nodes.filter(({ duplicateOf }) => duplicateOf === undefined);
  return {
    busyDeviceHours: sum(own.map(({ evaluation }) => evaluation?.deviceHeldS ?? 0)) / secondsPerHour,
    heldDeviceHours: sum(runs.map(({ devices, wallS }) => (devices / perDevice) * wallS)) / secondsPerHour,
    agentHeldDeviceHours: sum(runs.map(({ generationS, heldS }) => generationS + heldS)) / secondsPerHour,
  };
}
