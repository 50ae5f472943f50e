import { DeviceUnavailable } from '../../harness/device.ts';
import { exitCodes } from '../exit-codes.ts';

/** Tells what was looked for where there is no device, and returns the exit code. @throws every other error as it is */
export function failedWithoutDevice(error: unknown): number {
  if (!(error instanceof DeviceUnavailable)) throw error;
  process.stderr.write(`${error.message}\n`);
  return exitCodes.failed;
}
