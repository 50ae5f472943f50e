import { type ArmResult, type Interval, percentileSchema } from './result.ts';
import type { ArmRow, Estimate, RowState } from './sweep-result.ts';

/** The figures of an arm that was simulated, or does not fit, of which sweeps keep no more. */
export function armRow({ name, verdict, measured, sla, fleet, evidence }: ArmResult): ArmRow {
  const row = rowWithout(name, verdict.state, verdict.reason);
  if (!measured) return row;
  const { latencyS, utilisation, computeS, throughputPerS } = measured;
  return {
    ...row,
    replications: measured.replications,
    latencyS: Object.fromEntries(
      (['mean', ...percentileSchema.options] as const).map((key) => [key, estimate(latencyS[key])]),
    ) as NonNullable<ArmRow['latencyS']>,
    busiest: busiestOf(utilisation),
    throughputPerS: estimate(throughputPerS),
    ...(sla && { slaMet: sla.met }),
    mainHosts: fleet.mainHosts,
    sparseHosts: fleet.sparseHosts,
    usdPerHour: fleet.pricePerHourUsd,
    ...(fleet.usdPerMillionRequests !== undefined && { usdPerMillionRequests: fleet.usdPerMillionRequests }),
    ...(fleet.powerW !== undefined && { powerW: fleet.powerW }),
    cpuSPerRequest: estimate(computeS.cpu),
    ...(evidence.typicalTime && { evidence: evidence.typicalTime }),
  };
}

/** A row that has a reason instead of figures. */
export function rowWithout(arm: string, verdict: RowState, reason: string): ArmRow {
  return { arm, verdict, reason, dominated: false, replications: 0 };
}

function busiestOf(
  utilisation: NonNullable<ArmResult['measured']>['utilisation'],
): NonNullable<ArmRow['busiest']> {
  const used = utilisation.map(({ group, resource, offered, mean }) => ({
    where: `${resource} of ${group}`,
    utilisation: estimate(offered ?? mean),
  }));
  return used.reduce((busiest, one) => (one.utilisation.mean > busiest.utilisation.mean ? one : busiest));
}

function estimate({ mean, low, high }: Interval): Estimate {
  return { mean, ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}
