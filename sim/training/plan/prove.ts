import type { PipelineReplication } from '../pipeline/pipeline-result.ts';
import type { PipelineSpec } from '../pipeline/pipeline-spec.ts';
import { resultOf } from '../pipeline/simulate-pipeline.ts';
import type { PipelineProof } from './distillation-plan-result.ts';
import { type DistillationPlanner, replicationsOf, worstMissShare } from './distillation-planner.ts';
import { type SizedArm, type SizedVerticals, type SizingTerms, withServers } from './size-arm.ts';
import { leastServers } from './size-labelling.ts';

/** A fleet with the simulations that prove it. */
export interface ProvenArm {
  sized: SizedArm;
  proof: PipelineProof[];
  /** As planned. */
  runs: PipelineReplication[];
}

/**
 * Simulates the pipeline until the label servers are the fewest that do: with the headroom of all fleets taken away no
 * task misses more of its labels than it may, with one server less one does.
 */
export async function prove(
  planner: DistillationPlanner,
  sized: SizedArm,
  verticals: SizedVerticals,
  terms: SizingTerms,
): Promise<ProvenArm> {
  const { miss } = planner.spec;
  const known = new Map<number, Promise<PipelineReplication[]>>();
  const strained = (servers: number) => {
    const spec = strainedSpec(sized.pipeline, servers, terms.headroom);
    const runs = known.get(servers) ?? replicationsOf(planner, sized.arm, spec);
    known.set(servers, runs);
    return runs;
  };
  const servers = await leastServers(sized.servers, miss, async (count) =>
    worstMissShare(await strained(count)),
  );
  const settled = servers === sized.servers ? sized : withServers(sized, servers, verticals, terms);
  const runs =
    terms.headroom === 0
      ? await strained(servers)
      : await replicationsOf(planner, settled.arm, settled.pipeline);
  const proofOf = (state: string, count: number, shouldHold: boolean, of: PipelineReplication[]) => {
    const headroom = state === asPlanned ? 0 : terms.headroom;
    const spec = strainedSpec(settled.pipeline, count, headroom);
    return proofFrom(planner, { state, shouldHold, spec, runs: of });
  };
  const proof = [
    proofOf(asPlanned, servers, true, runs),
    ...(terms.headroom > 0 ? [proofOf('headroom taken', servers, true, await strained(servers))] : []),
    ...(servers > 1
      ? [proofOf('one label server less', servers - 1, false, await strained(servers - 1))]
      : []),
  ];
  return { sized: settled, proof, runs };
}

const asPlanned = 'as planned';

/** The pipeline on fleets whose headroom is taken away. */
function strainedSpec(spec: PipelineSpec, servers: number, headroom: number): PipelineSpec {
  const { training, labelling } = spec;
  return {
    ...spec,
    training: { ...training, examplesPerS: training.examplesPerS * (1 - headroom) },
    labelling: {
      ...labelling,
      servers,
      examplesPerSPerServer: labelling.examplesPerSPerServer * (1 - headroom),
    },
  };
}

function proofFrom(
  { scenario: { horizon, settings }, spec: { miss } }: DistillationPlanner,
  simulated: { state: string; shouldHold: boolean; spec: PipelineSpec; runs: readonly PipelineReplication[] },
): PipelineProof {
  const { state, shouldHold, spec, runs } = simulated;
  const { figures, verdict } = resultOf(spec, horizon, runs, settings.confidence);
  const { labelling, training, verticals } = figures;
  const tasks = verticals.flatMap((vertical) => vertical.tasks);
  const worst = tasks.reduce((a, b) => (b.missShare.mean > a.missShare.mean ? b : a));
  const stalest = tasks.reduce((a, b) => (gapOf(b) > gapOf(a) ? b : a));
  const worstMiss = worstMissShare(runs);
  return {
    state,
    servers: spec.labelling.servers,
    shouldHold,
    holds: worstMiss <= miss,
    worstMissShare: worstMiss,
    missShare: worst.missShare,
    use: labelling.use,
    peakUse: labelling.peakUse,
    trainingPeakUse: training.peakUse,
    largestQueueExamples: labelling.largestQueueExamples,
    ...(stalest.exampleGapS && {
      exampleGapS: { p50: stalest.exampleGapS.p50, p90: stalest.exampleGapS.p90 },
    }),
    verdict: verdict.state,
    reasons: verdict.reasons,
  };
}

function gapOf({ exampleGapS }: { exampleGapS?: { p50: { mean: number } } | undefined }): number {
  return exampleGapS?.p50.mean ?? -Infinity;
}
