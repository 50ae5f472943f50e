import { catalogueNames, loadHost, loadNetwork } from '../../hardware-profiles/files.ts';
import type { Device, Host } from '../../hardware-profiles/profile.ts';
import type { MeasuredStep } from '../../hardware-profiles/training-steps.ts';
import { type TimedPart, timedParts } from '../../hardware-profiles/training-steps-schema.ts';
import { distillationOperators } from '../../sim/training/step/distillation-operators.ts';
import { trainingStep } from '../../sim/training/step/step.ts';
import type { StepPartName } from '../../sim/training/step/step-result.ts';
import type { TrainingJob } from '../../sim/training/step/training-job.ts';
import { stepModel } from './step-model.ts';

/** A measured step as the simulator has it: the parts that were timed, one after the other. */
export interface SimulatedStep {
  seconds: number;
  parts: Partial<Record<TimedPart, number>>;
  /** Standard deviation of its error in log time, as the cost model states it. */
  logError: number;
  /** Dense parameters that the model and its heads have by the simulator's count. */
  parameters: number;
}

/**
 * A host with so many of a device, as the catalogue has one. A single device takes any host's: of what is timed nothing
 * goes over its links. Undefined where there is none, as for a CPU.
 */
export function trainingHost(device: Device, devices: number): Host | undefined {
  if (device.kind === 'cpu') return undefined;
  const hosts = catalogueNames('hosts').map((name) => loadHost(name));
  const own = hosts.find(({ accelerators }) => accelerators?.device.name === device.name);
  const host = own ?? (devices === 1 ? hosts.find(({ accelerators }) => accelerators) : undefined);
  const accelerators = host?.accelerators;
  if (!host || !accelerators || accelerators.count.value < devices) return undefined;
  return {
    ...host,
    accelerators: { ...accelerators, device, count: { ...accelerators.count, value: devices } },
  };
}

/** @throws InputError for a model that is none any more, TrainingMemoryError for a step that should not have fitted */
export function simulatedStep(step: MeasuredStep, host: Host): SimulatedStep {
  const model = stepModel(step);
  const job: TrainingJob = {
    model,
    fleet: { host, hosts: 1, network: loadNetwork('datacentre-rdma') },
    examplesPerDevice: step.examples,
    denseOptimizer: 'adam',
    denseState: 'replicated',
    distillation: step.distillation,
    overlap: 'none',
    execution: 'kernels',
    reservedShare: 0,
  };
  const { parts } = trainingStep(job);
  const isTimed = (name: StepPartName): name is StepPartName & TimedPart =>
    (timedParts as readonly string[]).includes(name);
  const timed = parts.filter(({ name, seconds }) => isTimed(name) && seconds > 0);
  const seconds = timed.reduce((sum, part) => sum + part.seconds, 0);
  return {
    seconds,
    parts: Object.fromEntries(timed.map((part) => [part.name, part.seconds])),
    logError: timed.reduce((sum, part) => sum + part.seconds * part.logError, 0) / seconds,
    parameters: [
      ...model.nets.flatMap(({ operators }) => operators),
      ...distillationOperators(model, step.distillation).filter(
        ({ name }) => !name.startsWith('student-adapter'),
      ),
    ].reduce((sum, { parameters }) => sum + parameters, 0),
  };
}
