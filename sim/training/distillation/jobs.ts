import type { Host } from '../../../hardware-profiles/profile.ts';
import type {
  DistillationArm,
  TrainingFleetSpec,
  VerticalSpec,
} from '../../../scenarios/distillation/deployment.ts';
import type { Distillation } from '../step/distillation-operators.ts';
import type { TrainingJob } from '../step/training-job.ts';

/** Training of the teacher on so many hosts. */
export function teacherJob({ teacher }: DistillationArm, hosts: number): TrainingJob {
  return trainingJob({ model: teacher.model, distillation: { kind: 'none' } }, teacher.fleet, hosts);
}

/** One label server of so many hosts: the teacher's forward pass. */
export function labelJob({ teacher }: DistillationArm, hosts: number): TrainingJob {
  const { host, network, examples_per_device } = teacher.labelling;
  const spec = { ...teacher.fleet, host, network, examples_per_device };
  const job = trainingJob({ model: teacher.model, distillation: { kind: 'none' } }, spec, hosts);
  return { ...job, forwardOnly: true };
}

/** Training of one run of a vertical model. */
export function verticalJob(
  { model, fleet }: VerticalSpec,
  distillation: Distillation,
  host: Host,
  hosts: number,
): TrainingJob {
  return trainingJob({ model, distillation }, { ...fleet, host }, hosts);
}

/** What a vertical model trains with, beside what is served. */
export function headsOf({ distillation }: DistillationArm): Distillation {
  if (distillation.kind === 'one-head') return { kind: 'one-head' };
  const { head_width, adapter_width } = distillation;
  return {
    kind: 'auxiliary-heads',
    headWidth: head_width,
    ...(adapter_width !== undefined && { adapterWidth: adapter_width }),
  };
}

function trainingJob(
  what: Pick<TrainingJob, 'model' | 'distillation'>,
  {
    host,
    network,
    examples_per_device,
    optimizer,
    dense_state,
    overlap,
    execution,
    memory_reserved,
  }: TrainingFleetSpec,
  hosts: number,
): TrainingJob {
  return {
    ...what,
    fleet: { host, hosts, network },
    examplesPerDevice: examples_per_device,
    denseOptimizer: optimizer,
    denseState: dense_state,
    overlap,
    execution,
    reservedShare: memory_reserved,
  };
}

/** A host with so many of its accelerators, and their part of its NIC, price and power. */
export function partOfHost(host: Host, accelerators: number): Host {
  const whole = host.accelerators!;
  const part = accelerators / whole.count.value;
  if (part === 1) return host;
  const scaled = <Field extends { value: number }>(field: Field): Field => ({
    ...field,
    value: field.value * part,
  });
  return {
    ...host,
    accelerators: { ...whole, count: { ...whole.count, value: accelerators } },
    dramBytes: scaled(host.dramBytes),
    nicBytesPerS: scaled(host.nicBytesPerS),
    pricePerHourUsd: scaled(host.pricePerHourUsd),
    powerIdleW: scaled(host.powerIdleW),
    powerBusyW: scaled(host.powerBusyW),
  };
}
