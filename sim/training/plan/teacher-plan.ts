import { modelBytes } from '../../../models/scale-model.ts';
import { summariseModel } from '../../../models/summary.ts';
import { type DistillationArm, verticalCount } from '../../../scenarios/distillation/deployment.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import { breakEvenOf, systemsOf } from '../distillation/arm-systems.ts';
import { caseOf } from '../distillation/case-of.ts';
import { examplesPerDay } from '../distillation/demand.ts';
import { timesByEvidence } from '../distillation/evidence-of.ts';
import { meanFeed } from '../distillation/feeds.ts';
import { headsOf, labelJob, teacherJob, verticalJob } from '../distillation/jobs.ts';
import { type PreparedArm, prepareArm } from '../distillation/prepare.ts';
import type { SystemResult } from '../distillation/system-result.ts';
import type { PipelineReplication } from '../pipeline/pipeline-result.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws } from '../quality/estimate.ts';
import { significanceOf } from '../quality/significance.ts';
import { inputBytesPerExample } from '../step/amounts.ts';
import type { PlannedVertical, TeacherPlan } from './distillation-plan-result.ts';
import type { DistillationPlanner } from './distillation-planner.ts';
import { recordBytes } from './money.ts';
import { copiesOf } from './planned-fleets.ts';
import type { ProvenArm } from './prove.ts';
import { forwardFlopOf, type ScaledTeacherModel } from './scale-teacher-model.ts';
import type { SizedArm } from './size-arm.ts';

/** Cost and quality of a sized arm whose pipeline was simulated. */
export function caseOfSized(
  { scenario: { horizon, arms }, jobs }: DistillationPlanner,
  { arm }: SizedArm,
  runs: readonly PipelineReplication[],
): { prepared: PreparedArm; given: DistillationCase } {
  const prepared = prepareArm(arm, horizon, jobs);
  if ('problem' in prepared) throw new Error(`sized fleets do not fit: ${prepared.problem.join('; ')}`);
  const figures = runs.map((run) => run.figures);
  const feeds = arm.verticals.map((_, vertical) => meanFeed(figures, vertical, 0));
  // An arm that was changed may have more than all that the scenario states.
  const unions = [arm, ...arms].map(({ uniqueExamplesPerDay }) => uniqueExamplesPerDay);
  return { prepared, given: caseOf(prepared, feeds, Math.max(...unions)) };
}

/**
 * All that a plan says of the fleets that were proven.
 * @param stated the teacher that the scenario states, which the planned one is scaled from
 */
export function teacherPlan(
  planner: DistillationPlanner,
  { sized, proof, runs }: ProvenArm,
  scaled: ScaledTeacherModel,
  stated: DistillationArm,
  draws: ConstantDraws<QualityConstantName>,
): TeacherPlan {
  const { prepared, given } = caseOfSized(planner, sized, runs);
  const { arm, fleets, money, hosts, watts, servers, snapshotBytes } = sized;
  const systems = systemsOf(prepared, given, draws);
  const shared = systems.find(({ system }) => system === 'shared-teacher')!;
  const hostsByType: Record<string, number> = {};
  for (const fleet of fleets) hostsByType[fleet.host] = (hostsByType[fleet.host] ?? 0) + fleet.hosts;
  const cheapest = cheapestForGain(systems);
  return {
    teacher: teacherOf(arm, scaled, stated),
    fleets,
    hosts,
    hostsByType,
    proof,
    money,
    watts,
    bytes: {
      ...recordBytes(arm, snapshotBytes, servers + planner.spec.spares),
      inputPerDay: inputPerDay(arm),
    },
    verticals: verticalsOf(sized, shared),
    gain: shared.meanGain,
    significance: significanceOf(shared.meanGain),
    systems,
    ...(cheapest && { cheapestForGain: cheapest }),
    breakEven: breakEvenOf(given),
    evidence: timesByEvidence(prepared),
  };
}

function teacherOf(
  { teacher }: DistillationArm,
  { width, rows, forwardFlop }: ScaledTeacherModel,
  stated: DistillationArm,
): TeacherPlan['teacher'] {
  const { denseParameters, embeddingParameters } = summariseModel(teacher.model);
  return {
    model: teacher.model.name,
    size: forwardFlop / forwardFlopOf(stated.teacher.model),
    ...((width !== 1 || rows !== 1) && { scaledBy: { width, rows } }),
    forwardFlop,
    parameters: denseParameters + embeddingParameters,
    tableBytes: modelBytes(teacher.model),
    trainShare: teacher.train_share,
    labelShare: teacher.label_share,
    snapshotEveryS: teacher.snapshots.every,
  };
}

/** The system with least money for each 0.01 % of NE. */
function cheapestForGain(systems: readonly SystemResult[]): TeacherPlan['cheapestForGain'] {
  const priced = systems.flatMap(({ system, usdPerDayPerStep }) =>
    usdPerDayPerStep?.value == null ? [] : [{ system, usd: usdPerDayPerStep.value }],
  );
  return priced.sort((a, b) => a.usd - b.usd)[0]?.system;
}

/** Features and labels that every training run and every label reads. */
function inputPerDay(arm: DistillationArm): number {
  const { teacher, verticals, uniqueExamplesPerDay } = arm;
  const ofTeacher =
    teacher.train_share * inputBytesPerExample(teacherJob(arm, 1)) +
    teacher.label_share * inputBytesPerExample(labelJob(arm, 1));
  const ofVerticals = verticals.reduce((sum, vertical) => {
    const job = verticalJob(vertical, headsOf(arm), vertical.fleet.host, 1);
    return sum + copiesOf(vertical) * vertical.examples_per_day * inputBytesPerExample(job);
  }, 0);
  return ofTeacher * uniqueExamplesPerDay + ofVerticals;
}

function verticalsOf({ arm, runs, fleets, money }: SizedArm, shared: SystemResult): PlannedVertical[] {
  const all = examplesPerDay(arm);
  const equal = money.extra / verticalCount(arm);
  return runs.map((run): PlannedVertical => {
    const { vertical } = run;
    // Names of verticals are unique, and each has its runs in one fleet.
    const fleet = fleets.find(({ verticals }) => verticals.includes(vertical.name))!;
    const sharing = runs.filter((other) => fleet.verticals.includes(other.vertical.name));
    const taken = (of: typeof run) => copiesOf(of.vertical) * (of.devices ?? 1);
    const part = taken(run) / sharing.reduce((sum, other) => sum + taken(other), 0);
    const { quality } = shared.verticals.find(({ name }) => name === vertical.name)!;
    return {
      name: vertical.name,
      count: vertical.count,
      runs: vertical.runs,
      ownUsdPerDay: (fleet.usdPerDay * part) / vertical.count,
      teacherUsdPerDay: { equal, byExamples: (money.extra * vertical.examples_per_day) / all },
      gain: quality!.parts.gain,
      significance: quality!.significance,
    };
  });
}
