import { formatBytes, formatPercent, hostsInWords } from '../../../foundation/units.ts';
import type { PipelineVerdict } from '../pipeline/pipeline-result.ts';
import type { Fleet } from './fleet-result.ts';
import type { PreparedArm } from './prepare.ts';
import type { SystemResult } from './system-result.ts';
import { vagueStep } from './vague-step.ts';

/** From this use on a fleet has no steady state. */
const saturation = 0.99;

/** A stated fleet with more than this over its need is worth a word. */
const lavish = 2;

/** The pipeline's verdict, with vertical models that cannot keep up with their own stream. */
export function verdictOf(pipeline: PipelineVerdict, fleets: readonly Fleet[]): PipelineVerdict {
  const late = fleets.filter(({ role, use }) => role === 'vertical training' && use >= saturation);
  if (late.length === 0) return pipeline;
  const reasons = late.map(
    ({ vertical, use }) =>
      `training of ${vertical} is asked for ${use.toFixed(2)} of its throughput: its lag grows without end`,
  );
  return {
    state: 'SATURATED',
    reasons: [...(pipeline.state === 'SATURATED' ? pipeline.reasons : []), ...reasons],
  };
}

/** What a reader of an arm's answer should know beside the pipeline's own warnings. */
export function armWarnings(
  prepared: PreparedArm,
  fleets: readonly Fleet[],
  systems: readonly SystemResult[],
): string[] {
  return [
    ...lavishFleets(fleets),
    ...hostMemory(prepared),
    ...vagueSteps(prepared),
    ...extrapolation(systems),
    ...lostGain(systems),
  ];
}

function lavishFleets(fleets: readonly Fleet[]): string[] {
  return fleets
    .filter(({ sizedBy, use }) => sizedBy === 'stated' && use > 0 && 1 / use > lavish)
    .map(({ role, vertical, hosts, use }) => {
      const whose = vertical === undefined ? role : `${role} of ${vertical}`;
      return (
        `${whose} states ${hosts < 1 ? 'a part of a host' : hostsInWords(hosts)}, which a mean load keeps busy ` +
        `${formatPercent(use)} of the time`
      );
    });
}

/** A snapshot is loaded beside the one in use: into the DRAM of its server. */
function hostMemory({ snapshotBytes, labelling }: PreparedArm): string[] {
  const { host, hosts } = labelling.job.fleet;
  const dram = hosts * host.dramBytes.value;
  if (snapshotBytes <= dram) return [];
  return [
    `a label server has ${formatBytes(dram)} of DRAM, and a snapshot of ${formatBytes(snapshotBytes)} is loaded beside the one in use`,
  ];
}

function vagueSteps({ teacherStep, verticals }: PreparedArm): string[] {
  return [
    ...vagueStep('the teacher', teacherStep),
    ...verticals.flatMap(({ vertical, withHeads }) => vagueStep(vertical.name, withHeads)),
  ];
}

function extrapolation(systems: readonly SystemResult[]): string[] {
  const shared = systems.find(({ system }) => system === 'shared-teacher');
  const most = Math.max(0, ...(shared?.verticals ?? []).map(({ quality }) => quality?.extrapolated ?? 0));
  if (most <= 0.25) return [];
  return [
    `the scaling law was observed from 1 to 100 GFLOP per example; ${formatPercent(most)} of the way from student to teacher lies outside`,
  ];
}

function lostGain(systems: readonly SystemResult[]): string[] {
  const shared = systems.find(({ system }) => system === 'shared-teacher');
  const worse = (shared?.verticals ?? []).filter(({ quality }) => quality && quality.parts.gain.value <= 0);
  return worse.map(({ name, quality }) => {
    const { teacher, transferred, bias, freshness } = quality!.parts;
    if (teacher.value <= 0) return `${name} gains nothing: its teacher is no better than it is alone`;
    if (transferred.value === 0) return `${name} gains nothing: no label of the teacher reaches it in time`;
    const larger = bias.value >= freshness.value ? 'bias of the teacher' : 'staleness of the teacher';
    return (
      `${name} gains nothing: of ${formatPercent(transferred.value)} of NE that is transferred, ` +
      `${larger} takes ${formatPercent(Math.max(bias.value, freshness.value))}`
    );
  });
}
