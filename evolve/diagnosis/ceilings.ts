import { join } from 'node:path';
import { packageRoot, readDocument } from '../../foundation/files.ts';
import { catalogueNames } from '../../hardware-profiles/files.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { PeakDataType } from '../../hardware-profiles/profile.ts';
import { resolveDevice } from '../../hardware-profiles/resolve.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import { deviceName } from '../../harness/device-names.ts';

/** What a device can do at most; what nobody knows is absent. */
export interface Ceilings {
  flopPerS?: number;
  bytesPerS?: number;
  /** Seconds that a launch of nothing takes. */
  launchS?: number;
}

/**
 * The ceilings of a device of the catalogue for a data type; none for a device that is not in it. Integers have no peak
 * there. Of a CPU they are those of a whole socket.
 */
export function ceilingsOf({ name: reported }: DeviceDescription, dataType: MeasuredDataType): Ceilings {
  const name = deviceName(reported);
  if (!catalogueNames('devices').includes(name)) return {};
  const file = join(packageRoot, 'hardware-profiles', 'catalogue', 'devices', `${name}.yaml`);
  const device = resolveDevice(readDocument(file));
  const peak = device.peakFlopPerS[dataType as PeakDataType];
  return {
    ...(peak && { flopPerS: peak.value }),
    bytesPerS: device.memory.bandwidthBytesPerS.value,
    launchS: device.launchOverheadS.value,
  };
}
