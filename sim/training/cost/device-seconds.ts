import type { CostAssumptions, TrainingDevice } from './assumptions.ts';
import { headsFlop, trainingPasses } from './training-flop.ts';
import type { DistillationWorkload } from './workload.ts';

/** Seconds of one device that an example takes. */
export interface DeviceSeconds {
  teacherTrainingS: number;
  labelS: number;
  /** Of each vertical in its order, without heads that only training has. */
  verticalTrainingS: number[];
  /** Of the auxiliary heads and the adapter of each vertical, added where it has them. */
  headsS: number[];
}

/**
 * Device seconds by the roofline: the longer of FLOP over reached FLOP/s and bytes over reached bandwidth. Simulated
 * or measured training steps may stand in their place.
 */
export function rooflineSeconds(
  { teacher, verticals, heads }: DistillationWorkload,
  device: TrainingDevice,
  { flopUtilisation, bandwidthUtilisation }: CostAssumptions,
): DeviceSeconds {
  const computeS = (flop: number) => flop / (device.peakFlopPerS * flopUtilisation);
  const seconds = (flop: number, bytes: number) =>
    Math.max(computeS(flop), bytes / (device.bandwidthBytesPerS * bandwidthUtilisation));
  return {
    teacherTrainingS: seconds(trainingPasses * teacher.forwardFlop, teacher.trainingBytesPerExample),
    labelS: seconds(teacher.forwardFlop, teacher.labelBytesPerExample),
    verticalTrainingS: verticals.map(({ forwardFlop, trainingBytesPerExample }) =>
      seconds(trainingPasses * forwardFlop, trainingBytesPerExample),
    ),
    headsS: verticals.map((vertical) => computeS(headsFlop(vertical.heads ?? heads))),
  };
}
