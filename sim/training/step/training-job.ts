import { InputError, type Problem } from '../../../foundation/problem.ts';
import type { Host, Network } from '../../../hardware-profiles/profile.ts';
import type { Model } from '../../../models/model.ts';
import { tablesOf } from '../../sharding/placement.ts';
import type { Distillation } from './distillation-operators.ts';
import type { Execution } from './execution.ts';

/** Accelerator hosts that train one model together. */
export interface TrainingFleet {
  host: Host;
  hosts: number;
  /** Between the hosts. */
  network: Network;
}

/** How dense parameters are stepped; embedding rows always take row-wise Adagrad. */
export type DenseOptimizer = 'adam' | 'adagrad' | 'sgd';

/**
 * One model trained on one fleet: dense parameters are replicated and their gradients all-reduced (data parallel),
 * tables are spread over all accelerators (model parallel). An example is one impression of one user.
 */
export interface TrainingJob {
  model: Model;
  fleet: TrainingFleet;
  /** Examples of a step on each accelerator. */
  examplesPerDevice: number;
  denseOptimizer: DenseOptimizer;
  /**
   * `replicated`: every accelerator keeps and steps all dense parameters; `sharded`: each keeps gradients and optimizer
   * state of its own part, steps that, and gathers the weights of the others (ZeRO, Rajbhandari et al. 2020, stage 2).
   */
  denseState: 'replicated' | 'sharded';
  distillation: Distillation;
  /** `pipelined`: communication and input run beside compute as `timelineOf` states; `none`: all in sequence. */
  overlap: 'pipelined' | 'none';
  execution: Execution;
  /** Share of each accelerator's memory kept for workspaces and fragmentation. */
  reservedShare: number;
  /** Labels and never trains: memory holds weights and the tensors of one operator at a time. */
  forwardOnly?: true;
}

/** Accelerators of each host of a fleet. */
export function devicesPerHost({ host }: TrainingFleet): number {
  return host.accelerators ? Math.round(host.accelerators.count.value) : 0;
}

/** Accelerators of a fleet. */
export function devicesOf(fleet: TrainingFleet): number {
  return fleet.hosts * devicesPerHost(fleet);
}

/** @throws InputError with all that keeps a job from being run */
export function checkJob(job: TrainingJob): void {
  const problems = problemsOf(job);
  if (problems.length > 0) throw new InputError(problems);
}

function problemsOf({
  model,
  fleet,
  examplesPerDevice,
  distillation,
  reservedShare,
}: TrainingJob): Problem[] {
  const problems: Problem[] = [];
  const expect = (holds: boolean, path: string, message: string) => {
    if (!holds) problems.push({ path, message });
  };
  expect(
    devicesPerHost(fleet) > 0,
    'fleet.host',
    `training needs accelerators, host '${fleet.host.name}' has none`,
  );
  expect(isCount(fleet.hosts), 'fleet.hosts', `expected a whole number of hosts from 1, got ${fleet.hosts}`);
  expect(
    isCount(examplesPerDevice),
    'examplesPerDevice',
    `expected a whole number of examples from 1, got ${examplesPerDevice}`,
  );
  expect(
    reservedShare >= 0 && reservedShare < 1,
    'reservedShare',
    `expected a share from 0 to below 1, got ${reservedShare}`,
  );
  if (distillation.kind === 'auxiliary-heads') {
    const { headWidth, adapterWidth } = distillation;
    expect(isCount(headWidth), 'distillation.headWidth', `expected a whole width from 1, got ${headWidth}`);
    expect(
      adapterWidth === undefined || isCount(adapterWidth),
      'distillation.adapterWidth',
      `expected a whole width from 1, got ${adapterWidth}`,
    );
  }
  for (const { table } of tablesOf(model)) {
    const { name, dataType, pruning } = table;
    const isQuantised = dataType === 'int8' || dataType === 'int4';
    const of = `model.tables.${name}`;
    expect(
      !isQuantised,
      of,
      `${dataType} rows cannot be trained: gradients are applied to fp32, fp16 or bf16`,
    );
    expect(!pruning, of, 'a pruned table cannot be trained: rows are pruned for serving');
  }
  for (const { name, dataType } of model.nets.flatMap(({ operators }) => operators)) {
    expect(
      dataType !== 'int8',
      `model.operators.${name}`,
      'int8 arithmetic has no gradient: train in another type',
    );
  }
  return problems;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
