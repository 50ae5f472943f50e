import { InputError } from '../../foundation/problem.ts';
import { catalogueNames, loadDevice } from '../../hardware-profiles/files.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import { locateSteps, readSteps, stepsOfDevice } from '../../hardware-profiles/training-steps-files.ts';
import { accuracyOf, type DeviceAccuracy } from './surface-accuracy.ts';
import { trainingAccuracy } from './training-accuracy.ts';
import { type TransferAccuracy, transferAccuracy } from './transfer-accuracy.ts';

/** How well measured devices are predicted: by their own points left out, and by each other's. */
export interface Accuracy {
  devices: DeviceAccuracy[];
  transfers: TransferAccuracy[];
  /** Why there is nothing to say of transfers, if there is not. */
  transfersNotShown?: string;
}

/**
 * Accuracy of what was measured, from the files.
 * @param name a device of the catalogue or a path; without it, all measured devices of the catalogue
 * @param steps folder of training steps of that device; without it, those that come with rankfleet
 * @throws InputError when the device was not measured, or its files are wrong
 */
export function accuracy(name?: string, steps?: string): Accuracy {
  const measured = catalogueNames('devices')
    .map((each) => loadDevice(each))
    .filter((device) => device.measured !== undefined);
  if (name !== undefined) return accuracyAmong([measuredDevice(name)], measured, steps);
  return accuracyAmong(measured, measured);
}

function measuredDevice(name: string): Device {
  const device = loadDevice(name);
  if (!device.measured) {
    throw new InputError(
      `device '${name}' has no measurements: its file names none (rankfleet calibrate makes them)`,
    );
  }
  return device;
}

function accuracyAmong(shown: readonly Device[], measured: readonly Device[], steps?: string): Accuracy {
  const isShown = ({ name }: Device) => shown.some((device) => device.name === name);
  const others = measured.filter((device) => !isShown(device));
  const names = shown.map(({ name }) => name);
  const transfers = transferAccuracy([...shown, ...others]).filter(
    ({ from, to }) => names.includes(from) || names.includes(to),
  );
  const accelerators = [...shown, ...others].filter(({ kind }) => kind !== 'cpu');
  const reason =
    accelerators.length < 2
      ? `${accelerators.length === 0 ? 'no' : 'only one'} accelerator has been measured`
      : 'the devices have no measured operator in common';
  return {
    devices: shown.map((device) => ({ ...accuracyOf(device), ...trainingOf(device, steps) })),
    transfers,
    ...(transfers.length === 0 && { transfersNotShown: reason }),
  };
}

function trainingOf(device: Device, folder: string | undefined): Pick<DeviceAccuracy, 'training'> {
  const steps =
    folder === undefined ? stepsOfDevice(device.measured!.device) : readSteps(locateSteps(folder));
  const training = steps && trainingAccuracy(device, steps);
  if (!training && folder !== undefined) {
    throw new InputError(
      `--training-steps ${folder}: nothing to compare: no step in it was measured on an accelerator as '${device.name}'`,
    );
  }
  return training ? { training } : {};
}
