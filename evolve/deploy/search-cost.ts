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

/** Share of the time that devices were at hand in which they were held; nothing before any time has passed. */
export function busyShare({ busyDeviceHours, heldDeviceHours }: SearchCost): number | undefined {
  return heldDeviceHours > 0 ? busyDeviceHours / heldDeviceHours : undefined;
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

/** Seconds of an artifact in the mean, by what it was at. */
export interface ArtifactSeconds {
  writing: number;
  compiling: number;
  waiting: number;
  waitingForOtherProcesses: number;
  onDevice: number;
}

/** What became of the time of artifacts that were evaluated; nothing where none was. */
export function artifactSeconds(
  nodes: readonly Pick<ExportedNode, 'evaluation' | 'duplicateOf' | 'generationS' | 'heldS'>[],
): ArtifactSeconds | undefined {
  const own = nodes.flatMap(({ evaluation, duplicateOf, generationS, heldS }) => {
    if (!evaluation || duplicateOf !== undefined || heldS === 0) return [];
    const { spentS, deviceHeldS, waitedForOthersS = 0 } = evaluation;
    const elsewhere = Math.max(0, heldS - deviceHeldS);
    // What is compiled by running it is compiled on the device.
    const compiling = Math.min(spentS.compile ?? 0, elsewhere);
    const waiting = elsewhere - compiling;
    return [
      {
        writing: generationS,
        compiling,
        waiting,
        waitingForOtherProcesses: waitedForOthersS,
        onDevice: deviceHeldS,
      },
    ];
  });
  if (own.length === 0) return undefined;
  const mean = (part: keyof ArtifactSeconds) => own.reduce((sum, each) => sum + each[part], 0) / own.length;
  return {
    writing: mean('writing'),
    compiling: mean('compiling'),
    waiting: mean('waiting'),
    waitingForOtherProcesses: mean('waitingForOtherProcesses'),
    onDevice: mean('onDevice'),
  };
}
