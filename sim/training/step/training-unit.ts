import type { Host } from '../../../hardware-profiles/profile.ts';
import type { DenseOperator } from '../../../models/model.ts';
import type { Work } from '../../cost/amount-of-work.ts';
import { addTimes, CallTimes } from '../../cost/call-time.ts';
import { type CostErrors, noErrors, type OperatorTime, type TableLookup } from '../../cost/cost-errors.ts';
import { type AcceleratorUnit, acceleratorUnit } from '../../cost/cost-unit.ts';
import { allReduceTime } from '../../cost/links.ts';
import { backwardOf } from './backward.ts';
import { FusedUpdate } from './fused-update.ts';

/** One accelerator as serving prices it, with what only training does. */
export interface TrainingUnit extends AcceleratorUnit {
  /** The backward pass of a dense operator for a batch of so many examples. */
  backward(operator: DenseOperator, examples: number): OperatorTime;
  /** Gradients of pooled lookups applied to the rows, all tables as one kernel. */
  update(tables: readonly TableLookup[]): OperatorTime;
  /** Lookups put into the order of their rows, as that kernel reads them, and the bytes that this moves. */
  sorted(tables: readonly TableLookup[]): { time: OperatorTime; bytes: number };
  updateWork(tables: readonly TableLookup[]): Work;
  /** All-reduce among `devices` accelerators of one host, each of which holds `bytes`. */
  allReduce(devices: number, bytes: number): OperatorTime;
}

/**
 * Standard deviation, in log time, of a norm's backward pass as the kernels that it is composed of, against the fastest
 * of PyTorch's that were measured at the same shape on an H200; a test has it again. The kernel by which rms-norm-backward
 * is priced elsewhere is where a search for kernels starts: it adds columns up row after row, up to 200 times as slowly.
 */
export const normError = 0.25;

/** An accelerator of a host: what was measured on it, the roofline where nothing was. */
export function trainingUnit(host: Host, errors: CostErrors = noErrors): TrainingUnit {
  const unit = acceleratorUnit(host, errors);
  const { device, peerLinkBytesPerS, linkSpeed } = host.accelerators!;
  const times = new CallTimes(device, 0, errors);
  const updates = new FusedUpdate(device, times, errors);
  const peerSpeed = linkSpeed?.peer ?? 1;
  return {
    ...unit,
    backward: (operator, examples) => {
      const time = addTimes(backwardOf(operator, examples).map((part) => unit.operator(part, 1)));
      if (operator.kind !== 'normalisation') return time;
      return { ...time, logError: Math.hypot(time.logError, normError) };
    },
    update: (tables) => updates.of(tables),
    sorted: (tables) => updates.sorted(tables),
    updateWork: (tables) => updates.workOf(tables),
    allReduce: (devices, bytes) =>
      allReduceTime(times, devices, bytes / peerSpeed, errors) ?? {
        // A ring: every byte but one part of it passes each link twice.
        seconds:
          device.launchOverheadS.value + (2 * bytes * (devices - 1)) / devices / peerLinkBytesPerS.value,
        evidence: peerLinkBytesPerS.evidence,
        logError: 0,
      },
  };
}
