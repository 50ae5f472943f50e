import type { Percentile } from '../sim/result.ts';
import type { ArmRow } from '../sim/sweep-result.ts';

/** Replications of every arm before arms are judged; chosen so that an interval means something (assumed). */
export const pilotReplications = 4;

/** An arm after its pilot. Only arms of one load can be compared. */
export interface PilotArm {
  row: ArmRow;
  load: string;
}

/**
 * For each arm the name of one that surely dominates it: that costs no more and whose whole latency interval lies below.
 * A saturated arm dominates nothing, as its latency is that of a run of some length.
 * @param judged the percentile that decides
 */
export function dominators(arms: readonly PilotArm[], judged: Percentile): (string | undefined)[] {
  return arms.map((arm) => arms.find((other) => dominates(other, arm, judged))?.row.arm);
}

function dominates(better: PilotArm, worse: PilotArm, judged: Percentile): boolean {
  if (better === worse || better.load !== worse.load || better.row.verdict === 'SATURATED') return false;
  const high = better.row.latencyS?.[judged].high;
  const low = worse.row.latencyS?.[judged].low;
  const costs = [better.row.usdPerHour, worse.row.usdPerHour];
  if (high === undefined || low === undefined || costs[0] === undefined || costs[1] === undefined)
    return false;
  return costs[0] <= costs[1] && high < low;
}
