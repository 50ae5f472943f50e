import type { MixResult } from '../../../sim/fleet/mix/mix-result.ts';

/** A workload and an alternative that it may run on. */
export type MixPair = MixResult['pairs'][number];

export type MixShare = MixResult['shares'][number];

/** What a workload takes of an alternative, if anything. */
export function shareOf({ shares }: MixResult, { workload, alternative }: MixPair): MixShare | undefined {
  return shares.find((share) => share.workload === workload && share.alternative === alternative);
}
