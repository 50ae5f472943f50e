import { InputError } from '../../../foundation/problem.ts';
import type { Model } from '../../../models/model.ts';
import { elementBytes } from '../../../models/operators.ts';
import type { DistillationArm, Horizon, TaskSpec } from '../../../scenarios/distillation/deployment.ts';
import { longestWindow } from '../../../scenarios/distillation/horizon.ts';
import { checkPipeline } from '../pipeline/check-pipeline.ts';
import type { DelayLaw } from '../pipeline/label-delay.ts';
import type { PipelineSpec } from '../pipeline/pipeline-spec.ts';
import type { LabelBatch } from '../step/label-batch.ts';
import type { StepResult } from '../step/step-result.ts';
import type { TrainingFleet } from '../step/training-job.ts';
import { overlapOf, trafficOf } from './demand.ts';

/** How long a snapshot takes, and what says so. */
export interface SnapshotTimes {
  publishS: number;
  publishBy: 'stated' | 'bandwidth';
  loadS: number;
  loadBy: 'stated' | 'bandwidth' | 'nic';
}

/** Bytes of a published teacher: rows as they are stored, dense weights as its operators read them. */
export function snapshotBytesOf({ nets }: Model): number {
  return nets.reduce((sum, { tables, operators }) => {
    const rows = tables.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
    const weights = operators.reduce(
      (bytes, { parameters, dataType }) => bytes + parameters * elementBytes[dataType],
      0,
    );
    return sum + rows + weights;
  }, 0);
}

/** @param server hosts of one label server, which load their parts side by side */
export function snapshotTimes(
  { teacher: { snapshots } }: DistillationArm,
  bytes: number,
  server: TrainingFleet,
): SnapshotTimes {
  const { publish, publish_bandwidth, load, load_bandwidth } = snapshots;
  const nic = server.host.nicBytesPerS.value;
  const loadBy = load_bandwidth > nic ? 'nic' : 'bandwidth';
  return {
    publishS: publish ?? bytes / publish_bandwidth,
    publishBy: publish === undefined ? 'bandwidth' : 'stated',
    loadS: load ?? bytes / server.hosts / Math.min(load_bandwidth, nic),
    loadBy: load === undefined ? loadBy : 'stated',
  };
}

/** Tasks that the teacher labels. */
export function labelledTasks(tasks: readonly TaskSpec[]): TaskSpec[] {
  return tasks.filter(({ distilled }) => distilled);
}

/**
 * The pipeline of an arm whose fleets are known.
 * @throws InputError by the paths of the pipeline, which `scenarioPath` translates
 */
export function pipelineSpecOf(
  arm: DistillationArm,
  timed: { teacherStep: StepResult; labels: LabelBatch; servers: number; snapshots: SnapshotTimes },
  horizon: Horizon,
): PipelineSpec {
  const { teacher, traffic, store, join } = arm;
  const { labelling, snapshots } = teacher;
  const spec: PipelineSpec = {
    verticals: arm.verticals.map((vertical) => ({
      ...trafficOf(vertical),
      name: vertical.name,
      count: vertical.count,
      runs: vertical.runs,
      replayS: vertical.replay,
      tasks: labelledTasks(vertical.tasks).map((task) => ({
        name: task.name,
        windowS: task.window,
        delay: lawOf(task),
      })),
    })),
    overlap: overlapOf(arm),
    weather: { coefficientOfVariation: traffic.variation, correlationS: traffic.correlation },
    joinS: join,
    training: {
      sampledShare: teacher.train_share,
      examplesPerS: timed.teacherStep.examplesPerS,
      windowS: teacher.train_after ?? longestWindow(arm.verticals),
    },
    snapshots: {
      intervalS: snapshots.every,
      publishS: timed.snapshots.publishS,
      publishVariation: snapshots.publish_variation,
      loadS: timed.snapshots.loadS,
    },
    labelling: {
      sampledShare: teacher.label_share,
      servers: timed.servers,
      examplesPerSPerServer: timed.labels.examplesPerS,
      batchExamples: timed.labels.examplesPerBatch,
      maxFillS: labelling.max_fill,
    },
    store: { recordBytes: recordBytesOf(arm), retentionS: store.retention },
  };
  checkPipeline(spec, horizon);
  return spec;
}

/** b: bytes of one label, with the representation where that is transferred too. */
export function recordBytesOf({ store, distillation }: DistillationArm): number {
  return store.record + (distillation.transfers === 'representation' ? store.representation : 0);
}

function lawOf({ delay }: TaskSpec): DelayLaw {
  return delay.kind === 'constant'
    ? { kind: 'constant', delayS: delay.time }
    : { kind: 'weibull', medianS: delay.median, shape: delay.shape };
}

const ofPipeline: [pipeline: RegExp, scenario: string[]][] = [
  [/^overlap/, ['overlap']],
  [/^horizon\.stepS/, ['horizon', 'step']],
  [/^horizon\.warmUpS/, ['horizon', 'warm_up']],
  [/^horizon\.measuredS/, ['horizon', 'measured']],
  [/^store\.retentionS/, ['store', 'retention']],
  [/^labelling/, ['teacher', 'labelling']],
  [/^snapshots\.intervalS/, ['teacher', 'snapshots', 'every']],
  [/^snapshots/, ['teacher', 'snapshots']],
];

/** Separates the fields of a path of the scenario, whose names may hold dots. */
const separator = '/';

/** The problems of a model, told at the field of the scenario that names it. */
export function atField({ problems }: InputError, path: readonly string[]): InputError {
  const at = [separator, ...path].join(separator);
  return new InputError(problems.map(({ message }) => ({ path: at, message })));
}

/** Where a scenario says what a problem of its pipeline, or of a model in it, is about. */
export function scenarioPath({ verticals }: DistillationArm, pipelinePath: string): string[] {
  if (pipelinePath.startsWith(separator)) return pipelinePath.split(separator).slice(2);
  const inVertical = /^verticals\[(\d+)\](?:\.tasks\[(\d+)\])?(?:\.(\w+))?/.exec(pipelinePath);
  if (inVertical) {
    const vertical = verticals[Number(inVertical[1])];
    const at = ['verticals', vertical.name];
    if (inVertical[2] === undefined) return inVertical[3] === 'replayS' ? [...at, 'replay'] : at;
    const task = labelledTasks(vertical.tasks)[Number(inVertical[2])];
    return [...at, 'tasks', task.name, 'window'];
  }
  return ofPipeline.find(([pattern]) => pattern.test(pipelinePath))?.[1] ?? [];
}
