import { withoutPoints } from '../../hardware-profiles/measurements.ts';
import type { DistillationArm, ResolvedDistillation } from '../../scenarios/distillation/deployment.ts';
import { fingerprint } from '../fingerprint.ts';
import { type AnsweredArm, answerArm, unfitArm } from './distillation/answer-arm.ts';
import { assumptionsOf } from './distillation/assumptions.ts';
import { constantsOf } from './distillation/case-of.ts';
import { overBaseline } from './distillation/over-baseline.ts';
import type { PreparedEntry } from './distillation/prepare-scenario.ts';
import { prepareScenario } from './distillation/prepare-scenario.ts';
import { pipelineJobs, pipelinesByArm, runPipelineJob } from './distillation/run-pipelines.ts';
import { type DistillationResult, distillationResultVersion } from './distillation-result.ts';
import type { PipelineReplication } from './pipeline/pipeline-result.ts';
import type { QualityConstantName } from './quality/constants.ts';
import { ConstantDraws } from './quality/estimate.ts';

/** Prepares, simulates and answers in this thread. Pure: the same scenario gives the same answer. */
export function runDistillation(scenario: ResolvedDistillation, product: string): DistillationResult {
  const prepared = prepareScenario(scenario);
  const jobs = pipelineJobs(scenario, prepared);
  const outcomes = jobs.map(runPipelineJob);
  return answerDistillation(scenario, prepared, pipelinesByArm(prepared, jobs, outcomes), product);
}

/**
 * Turns the replications of every arm's pipeline into the answer.
 * @param product name and version of the program, for the fingerprint
 */
export function answerDistillation(
  scenario: ResolvedDistillation,
  prepared: readonly PreparedEntry[],
  pipelines: readonly PipelineReplication[][],
  product: string,
): DistillationResult {
  const { settings, horizon, baseline, referenceExamplesPerDay } = scenario;
  const drawsOf = drawsByConstants(settings.seed);
  const answered = prepared.map((entry, index) =>
    'problem' in entry
      ? unfitArm(entry)
      : answerArm(entry, pipelines[index], {
          horizon,
          confidence: settings.confidence,
          draws: drawsOf(entry.arm),
          referenceExamplesPerDay,
        }),
  );
  const base = answered.find(({ result }) => result.name === baseline);
  const asked = { ...scenario, arms: prepared.map(({ arm }) => arm) };
  const description = describe(asked);
  return {
    format: 'rankfleet-distillation-result',
    version: distillationResultVersion,
    fingerprint: { product, inputHash: fingerprint(description), seed: settings.seed },
    scenario: description,
    // What is planned for does not matter to what is simulated.
    assumptions: assumptionsOf(asked).filter(({ name }) => !name.startsWith('plan.')),
    arms: answered.map((arm) => withDifferences(arm, base, settings.confidence)),
  };
}

/** Hash of all that decides the answer to a scenario, but the version of the program and the seed. */
export function distillationHashOf(scenario: ResolvedDistillation): string {
  return fingerprint(describe(scenario));
}

/** Arms with the same constants share their draws. */
function drawsByConstants(seed: number): (arm: DistillationArm) => ConstantDraws<QualityConstantName> {
  const known = new Map<string, ConstantDraws<QualityConstantName>>();
  return (arm) => {
    const constants = constantsOf(arm);
    const key = JSON.stringify(constants);
    const draws = known.get(key) ?? new ConstantDraws(constants, { seed });
    known.set(key, draws);
    return draws;
  };
}

function withDifferences(
  arm: AnsweredArm,
  base: AnsweredArm | undefined,
  level: number,
): DistillationResult['arms'][number] {
  const { result } = arm;
  if (!result.answer || arm === base || !isAnswered(arm) || !base || !isAnswered(base)) return result;
  return { ...result, answer: { ...result.answer, overBaseline: overBaseline(arm, base, level) } };
}

function isAnswered(arm: AnsweredArm): arm is Required<AnsweredArm> {
  return arm.given !== undefined;
}

/** The scenario as it was simulated: shared parts once, by name. */
function describe({
  name,
  settings,
  baseline,
  horizon,
  arms,
  referenceExamplesPerDay,
}: ResolvedDistillation): DistillationResult['scenario'] {
  const byName = <Part extends { name: string }>(
    parts: Part[],
    shown: (part: Part) => object = (part) => part,
  ) => Object.fromEntries(parts.map((part) => [part.name, shown(part)]));
  const fleets = arms.flatMap(({ teacher, verticals }) => [
    teacher.fleet,
    teacher.labelling,
    ...verticals.map(({ fleet }) => fleet),
  ]);
  const named = <Fleet extends { host: { name: string }; network: { name: string } }>(fleet: Fleet) => ({
    ...fleet,
    host: fleet.host.name,
    network: fleet.network.name,
  });
  return {
    name,
    question: settings.question,
    baseline,
    replications: settings.replications,
    confidence: settings.confidence,
    horizon,
    referenceExamplesPerDay,
    models: byName(
      arms.flatMap(({ teacher, verticals }) => [teacher.model, ...verticals.map(({ model }) => model)]),
    ),
    hosts: byName(
      fleets.map(({ host }) => host),
      withoutPoints,
    ),
    networks: byName(fleets.map(({ network }) => network)),
    arms: arms.map(({ teacher, verticals, ...rest }) => ({
      ...rest,
      teacher: {
        ...teacher,
        model: teacher.model.name,
        fleet: named(teacher.fleet),
        labelling: named(teacher.labelling),
      },
      verticals: verticals.map((vertical) => ({
        ...vertical,
        model: vertical.model.name,
        fleet: named(vertical.fleet),
      })),
    })),
  };
}
