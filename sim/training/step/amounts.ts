import type { DenseOperator } from '../../../models/model.ts';
import { affine, atCandidates, elementBytes } from '../../../models/operators.ts';
import { meanLookups } from '../../../models/summary.ts';
import { forUsers } from '../../serving/dense-time.ts';
import { tablesOf } from '../../sharding/placement.ts';
import { addAmounts, amountOf, longest } from './amount.ts';
import { backwardOf } from './backward.ts';
import { adapterAgain, distillationOperators } from './distillation-operators.ts';
import { allReduce, allToAll } from './fleet-links.ts';
import { weightBytes } from './memory.ts';
import type { Amount, StepPartName } from './step-result.ts';
import { indexBytes, type TableShare } from './table-shares.ts';
import { type DenseOptimizer, devicesOf, devicesPerHost, type TrainingJob } from './training-job.ts';
import type { TrainingUnit } from './training-unit.ts';

/** Bytes of a dense feature, of a label and of a teacher's logged probability as they are read. */
const featureBytes = 4;
const labelBytes = 4;
const teacherBytes = 2;

/** What each part of a step does and takes, before anything overlaps. */
export function amountsOf(
  job: TrainingJob,
  shares: readonly TableShare[],
  unit: TrainingUnit,
): Record<StepPartName, Amount> {
  const { model, fleet, examplesPerDevice: examples } = job;
  const operators = model.nets.flatMap((net) => net.operators);
  const bottom = operators.filter(({ stage }) => stage === 'before');
  const top = operators.filter(({ stage }) => stage === 'after');
  const heads = distillationOperators(model, job.distillation);
  const inputBytes = examples * inputBytesPerExample(job);
  const hostBytes = inputBytes * devicesPerHost(fleet);
  const { nicBytesPerS } = fleet.host;
  const ids = exchanged(shares, ({ idBytes }) => idBytes);
  const vectors = exchanged(shares, ({ vectorBytes }) => vectorBytes);
  const gradients =
    [...operators, ...heads].reduce((sum, { parameters }) => sum + parameters, 0) * weightBytes;
  const moved = (bytes: number) => ({ flops: 0, bytes });
  return {
    'read-input': amountOf(
      { seconds: hostBytes / nicBytesPerS.value, evidence: nicBytesPerS.evidence, logError: 0 },
      moved(hostBytes),
    ),
    'copy-in': amountOf(unit.copyIn(inputBytes), moved(inputBytes)),
    'id-exchange': amountOf(allToAll(unit, fleet, ids), moved(ids)),
    lookup: longest(shares.map((share) => lookupOf(share, unit))),
    'vector-exchange': amountOf(allToAll(unit, fleet, vectors), moved(vectors)),
    'bottom-forward': forwardOf(bottom, examples, unit),
    'top-forward': forwardOf(top, examples, unit),
    'loss-and-heads': addAmounts([
      forwardOf(heads, examples, unit),
      backwardAmount(heads, examples, unit),
      forwardOf(adapterAgain(job.distillation), examples, unit),
    ]),
    'top-backward': backwardAmount(top, examples, unit),
    'bottom-backward': backwardAmount(bottom, examples, unit),
    'gradient-exchange': amountOf(allToAll(unit, fleet, vectors), moved(vectors)),
    'table-update': longest(shares.map((share) => updateOf(share, unit))),
    'all-reduce': amountOf(allReduce(unit, fleet, gradients), moved(gradients)),
    'dense-optimizer': optimizerOf([...operators, ...heads], job, unit),
  };
}

/** Bytes of one example as it is read: indices, a length for each table, dense features, its label and the teacher's. */
export function inputBytesPerExample({ model, distillation }: TrainingJob): number {
  const indices = tablesOf(model).reduce((sum, { table }) => sum + meanLookups(table) + 1, 0) * indexBytes;
  const features = model.nets.reduce((sum, net) => sum + net.denseFeatures, 0) * featureBytes;
  return indices + features + labelBytes + (distillation.kind === 'none' ? 0 : teacherBytes);
}

/** Time of a table share's lookups and updates together. */
export function tableSeconds(share: TableShare, unit: TrainingUnit): number {
  return lookupOf(share, unit).seconds + updateOf(share, unit).seconds;
}

/** Bytes that the accelerator with most of them sends or receives. */
function exchanged(shares: readonly TableShare[], bytesOf: (share: TableShare) => number): number {
  const all = shares.map(bytesOf);
  return Math.max(...all, all.reduce((sum, bytes) => sum + bytes, 0) / all.length);
}

function lookupOf({ lookups }: TableShare, unit: TrainingUnit): Amount {
  if (lookups.length === 0) return addAmounts([]);
  return amountOf(unit.lookup(lookups), unit.lookupWork(lookups));
}

/** Sorting by row is needed wherever gradients are summed without atomic additions, and belongs to the update. */
function updateOf({ lookups }: TableShare, unit: TrainingUnit): Amount {
  const { time, bytes } = unit.sorted(lookups);
  return addAmounts([
    amountOf(time, { flops: 0, bytes }),
    amountOf(unit.update(lookups), unit.updateWork(lookups)),
  ]);
}

function forwardOf(operators: readonly DenseOperator[], examples: number, unit: TrainingUnit): Amount {
  return addAmounts(
    operators.map((operator) => {
      const batch = forUsers(operator, examples);
      const work = { flops: atCandidates(batch.flops, examples), bytes: atCandidates(batch.bytes, examples) };
      return amountOf(unit.operator(batch, examples), work);
    }),
  );
}

function backwardAmount(operators: readonly DenseOperator[], examples: number, unit: TrainingUnit): Amount {
  return addAmounts(
    operators.map((operator) => {
      const batch = forUsers(operator, examples);
      const parts = backwardOf(batch, examples);
      const flops = parts.reduce((sum, part) => sum + part.flops.fixed, 0);
      const bytes = parts.reduce((sum, part) => sum + part.bytes.fixed, 0);
      return amountOf(unit.backward(batch, examples), { flops, bytes });
    }),
  );
}

/**
 * Tensors that a step reads and writes, and FLOPs for each parameter: SGD reads weight and gradient and writes the
 * weight, Adagrad also reads and writes one moment, Adam two. [derived]
 */
const steps: Record<DenseOptimizer, { tensors: number; flops: number }> = {
  adam: { tensors: 7, flops: 12 },
  adagrad: { tensors: 5, flops: 6 },
  sgd: { tensors: 3, flops: 2 },
};

/** Columns of the rows as which parameters are priced. */
const rowOfParameters = 1024;

/** The dense parameters that an accelerator steps in one elementwise kernel, and their copies in narrower types. */
function optimizerOf(
  operators: readonly DenseOperator[],
  { denseOptimizer, denseState, fleet }: TrainingJob,
  unit: TrainingUnit,
): Amount {
  const { tensors, flops } = steps[denseOptimizer];
  const part = denseState === 'sharded' ? 1 / devicesOf(fleet) : 1;
  const parameters = operators.reduce((sum, operator) => sum + operator.parameters, 0);
  // Narrow gradients are widened to fp32 first, and the stepped weights narrowed again.
  const copies = operators.reduce((sum, operator) => {
    const e = elementBytes[operator.dataType];
    return sum + (e < weightBytes ? (e + weightBytes + e) * operator.parameters : 0);
  }, 0);
  const work = {
    flops: part * parameters * flops,
    bytes: part * (parameters * tensors * weightBytes + copies),
  };
  const operator: DenseOperator = {
    name: denseOptimizer,
    kind: 'elementwise',
    dataType: 'fp32',
    stage: 'after',
    level: 'candidate',
    flops: affine(work.flops, 0),
    bytes: affine(work.bytes, 0),
    parameters: 0,
    shape: { n: rowOfParameters, inputs: tensors - 1 },
  };
  return amountOf(unit.operator(operator, 1), work);
}
