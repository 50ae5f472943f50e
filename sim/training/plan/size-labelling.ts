import {
  batchLatencyS,
  type HorizonSpec,
  type PipelineSpec,
  queueStepsWithin,
  windowsOf,
} from '../pipeline/pipeline-spec.ts';
import { requiredCapacityPerS } from '../pipeline/required-capacity.ts';
import { runPipeline } from '../pipeline/run-pipeline.ts';
import { trafficOf } from '../pipeline/traffic.ts';

/** What a service of labels is sized by. */
export interface LabelDemand {
  /** Servers are set by the search, and what one labels is that of a server with the headroom taken away. */
  spec: PipelineSpec;
  horizon: HorizonSpec;
  seed: number;
  replications: number;
  /** Most of its labels that a task may be read without. */
  most: number;
}

/** Servers of a label service, or why no number of them is enough. */
export type SizedLabelling =
  | { state: 'SIZED'; servers: number }
  /** The batch alone takes longer than the tightest deadline. */
  | { state: 'BATCH TOO SLOW'; latencyS: number; deadlineS: number };

/**
 * Fewest label servers with which no task misses more of its labels than it may, in any replication; one less does not
 * do. Starts from the capacity that misses none, and where some may be missed goes down from there.
 */
export function sizeLabelling(demand: LabelDemand): SizedLabelling {
  const { spec, most } = demand;
  const enough = serversThatMissNone(demand);
  if (enough === undefined) {
    const deadlineS = windowsOf(spec)[0] - spec.joinS;
    if (most < 1) return { state: 'BATCH TOO SLOW', latencyS: batchLatencyS(spec.labelling), deadlineS };
    return { state: 'SIZED', servers: 1 };
  }
  let [below, servers] = [0, enough];
  while (worstMissShare(demand, servers) > most) [below, servers] = [servers, servers + 1];
  // Where none may be missed that is the least already, but for rounding.
  if (most === 0) below = Math.max(below, servers - 2);
  if (below > 0 && worstMissShare(demand, below) <= most) [below, servers] = [0, below];
  while (servers - below > 1) {
    const middle = Math.floor((below + servers) / 2);
    if (worstMissShare(demand, middle) > most) below = middle;
    else servers = middle;
  }
  return { state: 'SIZED', servers };
}

/** Share of its labels that the worst task of the worst replication is read without. */
export function worstMissShare({ spec, horizon, seed, replications }: LabelDemand, servers: number): number {
  const staffed = { ...spec, labelling: { ...spec.labelling, servers } };
  let worst = 0;
  for (let replication = 0; replication < replications; replication++) {
    const { figures } = runPipeline(staffed, horizon, { seed, replication });
    for (const { tasks } of figures.verticals)
      for (const { missShare } of tasks) worst = Math.max(worst, missShare);
  }
  return worst;
}

/** From the capacity that the busiest replication requires; undefined where none would do. */
function serversThatMissNone({ spec, horizon, seed, replications }: LabelDemand): number | undefined {
  const { sampledShare, examplesPerSPerServer } = spec.labelling;
  const queueSteps = queueStepsWithin(windowsOf(spec)[0], spec, horizon.stepS);
  let most = 0;
  for (let replication = 0; replication < replications; replication++) {
    const { unique } = trafficOf(spec, horizon, { seed, replication });
    const sampled = unique.map((amount) => amount * sampledShare);
    const requiredPerS = requiredCapacityPerS(sampled, queueSteps, horizon.stepS);
    if (requiredPerS === undefined) return undefined;
    most = Math.max(most, requiredPerS);
  }
  return Math.max(1, Math.ceil(most / examplesPerSPerServer - 1e-9));
}
