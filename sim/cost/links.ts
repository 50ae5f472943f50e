import type { CallTimes } from './call-time.ts';
import type { CostErrors, OperatorTime } from './cost-errors.ts';

/** Standard deviation, in log time, of an exchange among twice or half as many devices as were measured. Assumed. */
const errorPerDoubling = 0.15;

/** A copy over the host link, from or to pinned memory. */
export function copyTime(
  times: CallTimes,
  direction: 'copy-to-device' | 'copy-from-device',
  bytes: number,
): OperatorTime | undefined {
  return times.of({
    operator: direction,
    dataType: 'bytes',
    shape: { bytes: Math.max(1, bytes), pinned: 1 },
  });
}

/**
 * All-to-all among the devices of one host; `bytes` is what each of them holds before, of which it keeps its own
 * part. Among other numbers of devices than were measured an exchange takes as long as one of the nearest number
 * that was, in which every device sends as many bytes: a switch serves all pairs at once.
 */
export function exchangeTime(
  times: CallTimes,
  devices: number,
  bytes: number,
  errors: CostErrors,
): OperatorTime | undefined {
  return collectiveTime('all-to-all', times, devices, bytes, errors);
}

/**
 * All-reduce among the devices of one host; `bytes` is what each of them holds. In a ring every device sends
 * 2 (devices − 1) / devices of them: among other numbers of devices than were measured as for an exchange.
 */
export function allReduceTime(
  times: CallTimes,
  devices: number,
  bytes: number,
  errors: CostErrors,
): OperatorTime | undefined {
  return collectiveTime('all-reduce', times, devices, bytes, errors);
}

function collectiveTime(
  operator: 'all-to-all' | 'all-reduce',
  times: CallTimes,
  devices: number,
  bytes: number,
  errors: CostErrors,
): OperatorTime | undefined {
  const found = times.surface(operator, 'fp32');
  if (!found) return undefined;
  const measured = found.surface.clamp('devices', devices);
  const sent = (bytes * (devices - 1)) / devices;
  const shape = { devices: measured, bytes: Math.max(1, (sent * measured) / (measured - 1)) };
  const time = times.of({ operator, dataType: 'fp32', shape })!;
  if (measured === devices) return time;
  const extra = errorPerDoubling * Math.abs(Math.log2(devices / measured));
  return {
    seconds: time.seconds * errors(`${found.name} devices`, extra),
    evidence: 'transferred',
    logError: Math.hypot(time.logError, extra),
  };
}
