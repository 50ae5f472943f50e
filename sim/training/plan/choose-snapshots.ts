import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import { meanGainOutcomes } from '../cost/compare-arms.ts';
import { snapshotTimes } from '../distillation/pipeline-spec-of.ts';
import { resultOf } from '../pipeline/simulate-pipeline.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import { type ConstantDraws, differenceOf, type Outcomes } from '../quality/estimate.ts';
import type { SnapshotChoice } from './choice-result.ts';
import { type DistillationPlanner, replicationsOf } from './distillation-planner.ts';
import { relaidOut, type SizedArm, type SizedVerticals, type SizingTerms } from './size-arm.ts';
import { caseOfSized } from './teacher-plan.ts';

type IntervalRow = SnapshotChoice['intervals'][number];

/**
 * The cheapest snapshot interval that pays: from the longest on, a shorter one is taken where it adds more than a stated
 * line to the gain of the one taken so far, and its cost stays within the budget. Gains are compared over the same
 * traffic and the same draws of the constants.
 * @param budgetUsdPerDay above no teacher; absent: none
 */
export async function chooseSnapshots(
  planner: DistillationPlanner,
  sized: SizedArm,
  verticals: SizedVerticals,
  terms: SizingTerms,
  draws: ConstantDraws<QualityConstantName>,
  budgetUsdPerDay: number | undefined,
): Promise<{ sized: SizedArm; choice: SnapshotChoice } | undefined> {
  const { snapshot_intervals, snapshot_gain: leastGain } = planner.spec;
  if (snapshot_intervals === undefined) return undefined;
  const longestFirst = [...new Set(snapshot_intervals)].sort((a, b) => b - a);
  const intervals: IntervalRow[] = [];
  let taken: { sized: SizedArm; gains: Outcomes<number>; everyS: number } | undefined;
  for (const everyS of longestFirst) {
    const tried = withInterval(sized, everyS, verticals, terms);
    const { row, gains } = await rowOf(planner, tried, draws);
    const isAffordable = budgetUsdPerDay === undefined || tried.money.extra <= budgetUsdPerDay;
    if (!taken) {
      intervals.push(row);
      taken = { sized: tried, gains, everyS };
      continue;
    }
    const gain = differenceOf(gains, taken.gains);
    intervals.push({ ...row, overCheaper: { gain, thanEveryS: taken.everyS } });
    if (gain.value > leastGain && isAffordable) taken = { sized: tried, gains, everyS };
  }
  return { sized: taken!.sized, choice: { leastGain, chosenS: taken!.everyS, intervals } };
}

/** The same fleets with snapshots at another interval. */
export function withInterval(
  sized: SizedArm,
  every: number,
  verticals: SizedVerticals,
  terms: SizingTerms,
): SizedArm {
  const { teacher } = sized.arm;
  const arm: DistillationArm = {
    ...sized.arm,
    teacher: { ...teacher, snapshots: { ...teacher.snapshots, every } },
  };
  const { publishS, loadS } = snapshotTimes(arm, sized.snapshotBytes, {
    host: teacher.labelling.host,
    hosts: sized.server.hostsEach,
    network: teacher.labelling.network,
  });
  const snapshots = { ...sized.pipeline.snapshots, intervalS: every, publishS, loadS };
  return relaidOut({ ...sized, arm, pipeline: { ...sized.pipeline, snapshots } }, verticals, terms);
}

async function rowOf(
  planner: DistillationPlanner,
  tried: SizedArm,
  draws: ConstantDraws<QualityConstantName>,
): Promise<{ row: IntervalRow; gains: Outcomes<number> }> {
  const { horizon, settings } = planner.scenario;
  const runs = await replicationsOf(planner, tried.arm, tried.pipeline);
  const { figures } = resultOf(tried.pipeline, horizon, runs, settings.confidence);
  const { given } = caseOfSized(planner, tried, runs);
  const gains = meanGainOutcomes('shared-teacher', given, draws);
  const gaps = figures.verticals.flatMap(({ tasks }) =>
    tasks.flatMap(({ exampleGapS }) => (exampleGapS ? [exampleGapS.p50] : [])),
  );
  const stalest = gaps.sort((a, b) => b.mean - a.mean)[0];
  const { taken, delayed } = figures.snapshots;
  const bytesPerSnapshot = tried.snapshotBytes * (tried.servers + planner.spec.spares);
  return {
    gains,
    row: {
      everyS: tried.arm.teacher.snapshots.every,
      ...(stalest && { exampleGapP50S: stalest }),
      gain: gains.estimate((gain) => gain),
      publishedBytesPerDay: (86_400 / tried.arm.teacher.snapshots.every) * bytesPerSnapshot,
      extraUsdPerDay: tried.money.extra,
      delayedShare: taken.mean > 0 ? delayed.mean / taken.mean : 0,
    },
  };
}
