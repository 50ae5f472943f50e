import { summariseModel } from '../../../models/summary.ts';
import type { DistillationArm, Horizon } from '../../../scenarios/distillation/deployment.ts';
import type { Interval } from '../../statistics/interval.ts';
import { interval } from '../../statistics/interval.ts';
import { distilledIn } from '../cost/arm-quality.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import type {
  DistillationAnswer,
  DistillationArmResult,
  DistillationSamples,
  DistilledVertical,
} from '../distillation-result.ts';
import { maxKeptReplications } from '../distillation-result.ts';
import type { PipelineReplication } from '../pipeline/pipeline-result.ts';
import { resultOf } from '../pipeline/simulate-pipeline.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws } from '../quality/estimate.ts';
import { qualityParts, verticalQuality } from '../quality/vertical-quality.ts';
import { breakEvenOf, qualityOf, systemsOf } from './arm-systems.ts';
import { armWarnings, verdictOf } from './arm-warnings.ts';
import { caseOf, pathOf, stateBytesOf, targetOf } from './case-of.ts';
import { copyName, examplesPerDay, overlapOf } from './demand.ts';
import { figuresOf, timesByEvidence } from './evidence-of.ts';
import { feedOf, type LabelFeed, meanFeed } from './feeds.ts';
import { fleetsOf } from './fleets.ts';
import { labelledTasks } from './pipeline-spec-of.ts';
import type { PreparedArm, PreparedVertical, UnfitArm } from './prepare.ts';
import { samplesOf } from './samples.ts';
import { servingOf } from './serving.ts';

/** An arm's answer with what comparisons need of it. */
export interface AnsweredArm {
  result: DistillationArmResult;
  given?: DistillationCase;
  draws?: ConstantDraws<QualityConstantName>;
  samples?: DistillationSamples;
}

/** An arm that does not fit: what was asked, and what would help. */
export function unfitArm({ arm, problem }: UnfitArm): AnsweredArm {
  return {
    result: {
      name: arm.name,
      verdict: { state: 'DOES NOT FIT', reasons: problem },
      warnings: [],
      workload: workloadFigures(arm),
      evidence: { figures: figuresOf(arm) },
    },
  };
}

interface Context {
  horizon: Horizon;
  confidence: number;
  draws: ConstantDraws<QualityConstantName>;
  referenceExamplesPerDay: number;
}

/** What the replications of an arm's pipeline, its steps and its costs say together. */
export function answerArm(
  prepared: PreparedArm,
  runs: readonly PipelineReplication[],
  context: Context,
): AnsweredArm {
  const { arm } = prepared;
  const { draws, confidence, horizon, referenceExamplesPerDay } = context;
  const { verdict, warnings, ...pipeline } = resultOf(prepared.pipeline, horizon, runs, confidence);
  const figures = runs.map((run) => run.figures);
  const feeds = prepared.verticals.map((_, vertical) => meanFeed(figures, vertical, 0));
  const given = caseOf(prepared, feeds, referenceExamplesPerDay);
  const systems = systemsOf(prepared, given, draws);
  const fleets = fleetsOf(prepared);
  const samples = samplesOf(prepared, runs, draws, referenceExamplesPerDay);
  return {
    given,
    draws,
    samples,
    result: {
      name: arm.name,
      verdict: verdictOf(verdict, fleets),
      warnings: [...warnings, ...armWarnings(prepared, fleets, systems)],
      workload: workloadFigures(arm),
      answer: {
        teacher: teacherOf(prepared),
        fleets,
        pipeline: pipeline as DistillationAnswer['pipeline'],
        verticals: prepared.verticals.map((each, index) =>
          verticalOf(each, index, { prepared, runs, given, context }),
        ),
        systems,
        breakEven: breakEvenOf(given),
        ...(runs.length <= maxKeptReplications && { perReplication: samples }),
      },
      evidence: { figures: figuresOf(arm), ...timesByEvidence(prepared) },
    },
  };
}

function workloadFigures(arm: DistillationArm): DistillationArmResult['workload'] {
  const all = examplesPerDay(arm);
  const trained = arm.verticals.reduce(
    (sum, { count, examples_per_day, runs }) => sum + count * examples_per_day * runs,
    0,
  );
  return {
    verticals: arm.verticals.reduce((sum, { count }) => sum + count, 0),
    examplesPerDay: all,
    uniqueExamplesPerDay: arm.uniqueExamplesPerDay,
    overlap: overlapOf(arm),
    runs: trained / all,
  };
}

function teacherOf({
  arm,
  teacherStep,
  labels,
  snapshotBytes,
  snapshots,
}: PreparedArm): DistillationAnswer['teacher'] {
  const { model } = arm.teacher;
  const { denseParameters, embeddingParameters } = summariseModel(model);
  return {
    model: model.name,
    forwardFlop: teacherStep.flopsPerExample.forward,
    parameters: denseParameters + embeddingParameters,
    snapshotBytes,
    trainingStateBytes: stateBytesOf(teacherStep),
    step: teacherStep,
    labels,
    snapshots: { everyS: arm.teacher.snapshots.every, ...snapshots },
  };
}

interface OfArm {
  prepared: PreparedArm;
  runs: readonly PipelineReplication[];
  given: DistillationCase;
  context: Context;
}

function verticalOf(
  { vertical, fleet, withHeads, withoutHeads }: PreparedVertical,
  index: number,
  ofArm: OfArm,
): DistilledVertical {
  const labelled = labelledTasks(vertical.tasks);
  return {
    name: vertical.name,
    count: vertical.count,
    model: vertical.model.name,
    examplesPerDay: vertical.examples_per_day,
    runs: vertical.runs,
    serving: servingOf(fleet.job, withHeads),
    step: { withHeads, withoutHeads },
    tasks: vertical.tasks.map((task) => ({
      name: task.name,
      distilled: task.distilled,
      windowS: task.window,
      baseRate: task.base_rate,
      baseNe: task.base_ne,
      teacherCalibration: task.teacher_calibration,
      drift: task.drift,
      ...(task.distilled && taskQuality(index, labelled.indexOf(task), ofArm)),
    })),
  };
}

/** Quality of one task of one vertical with the shared teacher: by the mean feed, and in each replication. */
function taskQuality(
  vertical: number,
  task: number,
  { prepared, runs, given, context }: OfArm,
): Pick<DistilledVertical['tasks'][number], 'quality' | 'gain'> {
  const { draws, confidence, referenceExamplesPerDay } = context;
  const { arm, verticals } = prepared;
  const spec = verticals[vertical].vertical;
  const trained = given.workload.verticals.find(({ name }) => name === copyName(spec))!;
  const distilled = (feed: LabelFeed) => {
    const target = targetOf(labelledTasks(spec.tasks)[task], feed);
    const path = pathOf(arm, feed);
    const found = distilledIn('shared-teacher', given.workload, trained, target, path)!;
    return { ...found, referenceExamplesPerDay };
  };
  const figures = runs.map((run) => run.figures);
  const gains = figures.map(
    ({ verticals: feeds }) =>
      qualityParts(draws.nominal, distilled(feedOf(feeds[vertical].tasks[task]))).gain,
  );
  return {
    quality: qualityOf(verticalQuality(draws, distilled(meanFeed(figures, vertical, task)))),
    gain: interval(gains, confidence) satisfies Interval,
  };
}
