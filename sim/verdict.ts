import type { ArmDeployment } from '../scenarios/deployment.ts';
import type { ArmResult, Measured } from './result.ts';
import { offeredRate } from './workload/arrivals.ts';

/** An open load that keeps a resource busier than this has no steady state that a run could measure. */
const saturation = 0.98;

/** Widest half interval of p99, relative to p99, that is still called sampled. */
const widestRelativeHalf = 0.1;

/** Requests above p99 that each replication should see. */
const fewestTailRequests = 5;

/** Whether an arm's figures can be trusted, and why not. */
export function verdictOf(arm: ArmDeployment, measured: Measured): ArmResult['verdict'] {
  const [busiest] = [...measured.utilisation].sort((a, b) => b.busiest - a.busiest);
  const isOpen = offeredRate(arm.load, arm.trace) !== undefined;
  const share = `${(busiest.busiest * 100).toFixed(0)} %`;
  if (isOpen && busiest.busiest >= saturation) {
    return {
      state: 'SATURATED',
      reason: `${busiest.resource} of ${busiest.group} are ${share} busy: requests pile up, and latency grows with the length of the run`,
    };
  }
  const { mean, high } = measured.latencyS.p99;
  const tail = (measured.requests / measured.replications) * 0.01;
  if (high === undefined)
    return { state: 'UNDER-SAMPLED', reason: 'one replication has no interval: ask for at least 2' };
  if ((high - mean) / mean > widestRelativeHalf) {
    const width = `${(((high - mean) / mean) * 100).toFixed(0)} %`;
    return {
      state: 'UNDER-SAMPLED',
      reason: `p99 is known to ± ${width} only: more replications or requests`,
    };
  }
  if (tail < fewestTailRequests) {
    return {
      state: 'UNDER-SAMPLED',
      reason: `${tail.toFixed(1)} requests a replication lie above p99: ask for at least ${fewestTailRequests * 100} requests`,
    };
  }
  return { state: 'STABLE', reason: `busiest: ${busiest.resource} of ${busiest.group}, ${share}` };
}
