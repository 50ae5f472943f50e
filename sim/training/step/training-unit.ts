import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import type { Host } from '../../../hardware-profiles/profile.ts';
import type { DenseDataType, DenseOperator } from '../../../models/model.ts';
import { atCandidates } from '../../../models/operators.ts';
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
      const parts = backwardOf(operator, examples);
      return addTimes(parts.map((part) => normBackward(times, part) ?? unit.operator(part, 1)));
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

/** The type in which a norm's gradient was measured: narrow types keep it in 16 bits. */
const normTypes: Record<DenseDataType, MeasuredDataType> = {
  fp32: 'fp32',
  tf32: 'fp32',
  bf16: 'bf16',
  fp16: 'fp16',
  fp8: 'bf16',
  int8: 'bf16',
};

/**
 * The backward pass of a norm as the measured one of RMS norm: that of layer norm reads and writes the same tensors
 * and takes one more sum over each row.
 */
function normBackward(times: CallTimes, part: DenseOperator): OperatorTime | undefined {
  if (part.kind !== 'normalisation') return undefined;
  const { n } = part.shape;
  const isLayer = part.parameters === 2 * n;
  const rows = atCandidates(part.flops, 1) / (2 * (isLayer ? 8 : 4) * n);
  return times.of({ operator: 'rms-norm-backward', dataType: normTypes[part.dataType], shape: { rows, n } });
}
