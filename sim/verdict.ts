import type { ArmResult, Measured } from './result.ts';
import { type Percentile, percentiles } from './serving/replication.ts';
import { samplingHalf } from './statistics/interval.ts';

/** An open load that asks more than this of a resource has no steady state that a run could measure. */
const saturation = 0.99;

/** Widest half interval of a percentile, relative to it, that is still called sampled. */
const widestRelativeHalf = 0.1;

/** Requests above the percentile that each replication should see. */
const fewestTailRequests = 5;

/**
 * Whether an arm's figures can be trusted, and why not.
 * @param judged the percentile that decides: the SLA's, else p99
 */
export function verdictOf(measured: Measured, judged: Percentile = 'p99'): ArmResult['verdict'] {
  const demand = ({ offered, mean }: Measured['utilisation'][number]) => (offered ?? mean).mean;
  const [busiest] = [...measured.utilisation].sort((a, b) => demand(b) - demand(a));
  const where = `${busiest.resource} of ${busiest.group}, ρ ${demand(busiest).toFixed(2)}`;
  if (busiest.offered && demand(busiest) >= saturation) {
    return {
      state: 'SATURATED',
      reason: `${where}: requests pile up, and latency grows with the length of the run`,
    };
  }
  return underSampled(measured, judged) ?? { state: 'STABLE', reason: `busiest: ${where}` };
}

function underSampled(measured: Measured, judged: Percentile): ArmResult['verdict'] | undefined {
  const state = 'UNDER-SAMPLED';
  const latency = measured.latencyS[judged];
  if (latency.high === undefined)
    return { state, reason: 'one replication has no interval: ask for at least 2' };
  const width = samplingHalf(latency) / latency.mean;
  if (width > widestRelativeHalf) {
    const percent = (width * 100).toFixed(0);
    return { state, reason: `${judged} is known to ± ${percent} % only: more replications or requests` };
  }
  const tailShare = 1 - percentiles[judged];
  const tail = (measured.requests / measured.replications) * tailShare;
  if (tail >= fewestTailRequests - 1e-9) return undefined;
  const enough = Math.ceil(fewestTailRequests / tailShare - 1e-9);
  return {
    state,
    reason: `${tail.toFixed(1)} requests a replication lie above ${judged}: ask for at least ${enough} requests`,
  };
}
