import type { Evidenced } from '../../../foundation/evidence.ts';
import type { Host, PeakDataType } from '../../../hardware-profiles/profile.ts';

/** One accelerator of a training fleet with its share of the host around it. */
export interface TrainingDevice {
  name: string;
  peakFlopPerS: number;
  memoryBytes: number;
  bandwidthBytesPerS: number;
  usdPerHour: number;
  idleW: number;
  busyW: number;
}

/** What is assumed of fleets, prices and efficiency, until it is measured or known. */
export const costAssumptions = {
  /** Share of peak FLOP/s that training and labelling reach. */
  flopUtilisation: {
    value: 0.35,
    evidence: 'assumed',
    source: 'model choice: what large training jobs are commonly said to reach',
  },
  /** Share of memory bandwidth that training and labelling reach. */
  bandwidthUtilisation: {
    value: 0.6,
    evidence: 'assumed',
    source: 'model choice: as for gathers of embedding rows',
  },
  /** Devices of a training job over those that its mean load keeps busy. */
  trainingHeadroom: {
    value: 1.2,
    evidence: 'assumed',
    source: 'model choice: to catch up after a failure',
  },
  /** The busiest hour over the mean: labels are due in their window, so their fleet is sized for it. */
  labelPeakOverMean: {
    value: 1.5,
    evidence: 'assumed',
    source: 'model choice: a diurnal load',
  },
  storageUsdPerByteDay: {
    value: 0.02e-9 / 30,
    evidence: 'assumed',
    source: 'model choice: 0.02 USD per GB and month',
  },
  movedUsdPerByte: {
    value: 0.002e-9,
    evidence: 'assumed',
    source: 'model choice: 0.002 USD per GB read, written or published within a region',
  },
  /** Power of the site over that of the devices. */
  siteOverPower: {
    value: 1.2,
    evidence: 'assumed',
    source: 'model choice: power usage effectiveness of a modern site',
  },
} satisfies Record<string, Evidenced>;

/** One value for each assumption. */
export type CostAssumptions = Record<keyof typeof costAssumptions, number>;

/** The assumptions as they stand. */
export function assumedCosts(): CostAssumptions {
  const entries = Object.entries(costAssumptions).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries) as CostAssumptions;
}

/**
 * A host's accelerator with its part of the host's price and power.
 * @throws RangeError where the host has none, or none with arithmetic of that type
 */
export function trainingDeviceOf(host: Host, dataType: PeakDataType): TrainingDevice {
  const { accelerators, name, pricePerHourUsd, powerIdleW, powerBusyW } = host;
  if (!accelerators) throw new RangeError(`host ${name} has no accelerator to train on`);
  const { device, count } = accelerators;
  const peak = device.peakFlopPerS[dataType];
  if (!peak) throw new RangeError(`${device.name} has no ${dataType} arithmetic`);
  return {
    name: device.name,
    peakFlopPerS: peak.value,
    memoryBytes: device.memory.capacityBytes.value,
    bandwidthBytesPerS: device.memory.bandwidthBytesPerS.value,
    usdPerHour: pricePerHourUsd.value / count.value,
    idleW: powerIdleW.value / count.value,
    busyW: powerBusyW.value / count.value,
  };
}
