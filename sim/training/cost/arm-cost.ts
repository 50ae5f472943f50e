import { type ArmWork, flopPerDay, type Jobs, weightBytes, workKinds } from './arm-work.ts';
import type { CostAssumptions, TrainingDevice } from './assumptions.ts';
import type { DistillationWorkload } from './workload.ts';

const dayS = 86_400;

/** Devices, money and power of the jobs of one kind. */
export interface CostItem {
  kind: Jobs['kind'];
  flopPerDay: number;
  /** Devices that the mean load keeps busy. */
  busyDevices: number;
  /** Devices held all day: for the load with its headroom, or for the memory of the models where that is more. */
  heldDevices: number;
  /** Whether memory, rather than load, decides about some of them. */
  isMemoryBound: boolean;
  deviceHoursPerDay: number;
  usdPerDay: number;
  /** Mean power, of the site. */
  watts: number;
}

/** What a day of an arm costs. */
export interface ArmCost {
  arm: ArmWork['arm'];
  items: CostItem[];
  flopPerDay: number;
  deviceHoursPerDay: number;
  storedBytes: number;
  recordBytesPerDay: number;
  /** Snapshots sent to the devices that label. */
  publishedBytesPerDay: number;
  /** Of keeping and of moving bytes. */
  storageUsdPerDay: number;
  movedUsdPerDay: number;
  usdPerDay: number;
  watts: number;
  servingFlop: number[];
}

/**
 * Lays the work of an arm out on devices. A stream is trained on as it comes, so that a job holds its model in memory
 * all day even where its load would keep only a part of the devices busy. Devices may be shared: their number is not
 * rounded up, small models take a part of one.
 * @throws RangeError where fewer devices would be held than are busy
 */
export function costOf(
  work: ArmWork,
  workload: DistillationWorkload,
  device: TrainingDevice,
  assumptions: CostAssumptions,
): ArmCost {
  for (const key of ['trainingHeadroom', 'labelPeakOverMean'] as const)
    if (!(assumptions[key] >= 1)) throw new RangeError(`${key} must be at least 1, not ${assumptions[key]}`);
  const items = workKinds
    .map((kind) => itemOf(kind, work, device, assumptions))
    .filter(({ busyDevices, heldDevices }) => busyDevices > 0 || heldDevices > 0);
  const publishedBytesPerDay =
    workload.publishesPerDay * weightBytes(workload.teacher) * labelCopies(work, device, assumptions);
  const storageUsdPerDay = work.storedBytes * assumptions.storageUsdPerByteDay;
  const movedUsdPerDay = (work.recordBytesPerDay + publishedBytesPerDay) * assumptions.movedUsdPerByte;
  const total = (key: 'usdPerDay' | 'deviceHoursPerDay' | 'watts') =>
    items.reduce((sum, item) => sum + item[key], 0);
  return {
    arm: work.arm,
    items,
    flopPerDay: flopPerDay(work),
    deviceHoursPerDay: total('deviceHoursPerDay'),
    storedBytes: work.storedBytes,
    recordBytesPerDay: work.recordBytesPerDay,
    publishedBytesPerDay,
    storageUsdPerDay,
    movedUsdPerDay,
    usdPerDay: total('usdPerDay') + storageUsdPerDay + movedUsdPerDay,
    watts: total('watts'),
    servingFlop: work.servingFlop,
  };
}

function itemOf(
  kind: Jobs['kind'],
  work: ArmWork,
  device: TrainingDevice,
  assumptions: CostAssumptions,
): CostItem {
  const jobs = work.jobs.filter((job) => job.kind === kind);
  const sum = (of: (job: Jobs) => number) => jobs.reduce((total, job) => total + job.count * of(job), 0);
  const on = (job: Jobs) => job.device ?? device;
  const held = (job: Jobs) => heldOf(job, on(job), assumptions);
  return {
    kind,
    flopPerDay: flopPerDay(work, kind),
    busyDevices: sum(busyOf),
    heldDevices: sum(held),
    isMemoryBound: jobs.some(({ held: _, ...job }) => {
      const forLoad = heldOf({ ...job, stateBytes: 0 }, on(job), assumptions);
      return job.stateBytes / on(job).memoryBytes > forLoad;
    }),
    deviceHoursPerDay: sum(held) * 24,
    usdPerDay: sum((job) => held(job) * 24 * on(job).usdPerHour),
    watts:
      sum((job) => {
        const { idleW, busyW } = on(job);
        // More than what is held cannot be busy: the rest of the load waits without end.
        return held(job) * idleW + Math.min(busyOf(job), held(job)) * (busyW - idleW);
      }) * assumptions.siteOverPower,
  };
}

/** Devices that one job keeps busy on average. */
function busyOf({ examplesPerDay, deviceSecondsPerExample }: Jobs): number {
  return (examplesPerDay * deviceSecondsPerExample) / dayS;
}

/** Devices that one job holds. */
function heldOf(job: Jobs, device: TrainingDevice, assumptions: CostAssumptions): number {
  if (job.held !== undefined) return job.held;
  const { trainingHeadroom, labelPeakOverMean } = assumptions;
  const spare = job.kind === 'labelling' ? labelPeakOverMean : (job.headroom ?? trainingHeadroom);
  return Math.max(busyOf(job) * spare, job.stateBytes / device.memoryBytes);
}

/** Copies of a teacher that the labelling devices hold: one for each of its jobs, or as many as fit their devices. */
function labelCopies(work: ArmWork, device: TrainingDevice, assumptions: CostAssumptions): number {
  return work.jobs
    .filter(({ kind }) => kind === 'labelling')
    .reduce((copies, job) => {
      const on = job.device ?? device;
      const held = heldOf(job, on, assumptions) * on.memoryBytes;
      // Devices that are held for memory alone make exactly one copy, whatever rounding makes of the division.
      return copies + job.count * Math.max(1, Math.floor(held / job.stateBytes + 1e-9));
    }, 0);
}
