import type { MeasuredDataType, OperatorName } from '../../hardware-profiles/operators-measured.ts';
import type { Device } from '../../hardware-profiles/profile.ts';
import { CallTimes } from './call-time.ts';
import { noErrors } from './cost-errors.ts';
import type { OperatorCall } from './operator-calls.ts';

/** An operator and a data type that were measured. */
export interface MeasuredKind {
  operator: OperatorName;
  dataType: MeasuredDataType;
}

/**
 * The measured kinds whose surfaces price one of several ways to run an operator: the first of which all calls are
 * known. None where nothing was measured, here or on the device that stands for this one.
 * @param cores CPU cores that take part; 0 on an accelerator
 */
export function measuredAs(
  device: Device,
  cores: number,
  ways: readonly Pick<OperatorCall, 'operator' | 'dataType'>[][],
): MeasuredKind[] {
  const times = new CallTimes(device, cores, noErrors);
  for (const calls of ways) {
    const surfaces = calls.map(({ operator, dataType }) => times.surface(operator, dataType)?.surface);
    if (calls.length === 0 || surfaces.includes(undefined)) continue;
    const kinds = surfaces.map((surface) => surface!);
    return [...new Set(kinds)].map(({ operator, dataType }) => ({ operator, dataType }));
  }
  return [];
}
