import type { Evidence } from '../../foundation/evidence.ts';
import { acceleratorUnit, coreUnit, type OperatorTime, type TableLookup } from '../../sim/cost/cost-unit.ts';
import { deploymentOf } from './deployment.ts';
import type { RowPrediction } from './predict.ts';

/** What one operator takes of a user-item pair's time in a batch at the cap. */
export interface PairPart {
  name: string;
  secondsPerPair: number;
  evidence: Evidence;
}

/** A pair's time on one accelerator, or on one core of a CPU where its dense operators run. */
export interface PairBreakdown {
  unit: string;
  /** Pairs of the batch. */
  pairs: number;
  /** One after the other on the accelerator or core. */
  parts: PairPart[];
  /** Beside them, while another batch is computed. */
  copies: PairPart[];
}

const coreBatch = 64;

/** Where the predicted time of a row goes, operator by operator. */
export function breakdownOf({ system, capPairs }: RowPrediction): PairBreakdown {
  const arm = deploymentOf(system, capPairs, { kind: 'serial', gap: 0 }, 1);
  const { host } = arm.main;
  const isOnCpu = host.accelerators === undefined;
  const pairs = isOnCpu ? coreBatch : capPairs;
  const accelerator = isOnCpu ? undefined : acceleratorUnit(host);
  const unit = accelerator ?? coreUnit(host);
  const part = (name: string, { seconds, evidence }: OperatorTime): PairPart => ({
    name,
    secondsPerPair: seconds / pairs,
    evidence,
  });
  const dense = arm.model.nets.flatMap(({ operators }) =>
    operators.map((operator) => part(operator.name, unit.operator(operator, pairs))),
  );
  const tables = arm.model.nets.flatMap((net) =>
    net.tables.map(
      (table): TableLookup => ({
        rows: table.numEmbeddings,
        dim: table.embeddingDim,
        dataType: table.dataType,
        rowBytes: table.rowBytes,
        skew: table.skew,
        bags: pairs,
        lookups: pairs * table.poolingFactor,
        ...(table.handedOnBytes !== undefined && { valueBytes: table.handedOnBytes }),
      }),
    ),
  );
  const lookup = part('lookup', unit.lookup(tables));
  if (!accelerator) {
    const { memory, efficiency, cores } = host.cpu;
    const bytes = tables.reduce((sum, { lookups, rowBytes }) => sum + lookups * rowBytes, 0);
    // All cores gather at once: each has its part of the socket's bandwidth.
    const bytesPerS = (memory.bandwidthBytesPerS.value * efficiency.gather.value) / (cores?.value ?? 1);
    return {
      unit: `one core of ${host.cpu.name}`,
      pairs,
      parts: [
        {
          name: 'lookup (cold, all cores)',
          secondsPerPair: bytes / bytesPerS / pairs,
          evidence: lookup.evidence,
        },
        ...dense,
      ],
      copies: [],
    };
  }
  const indices = tables.reduce((sum, { lookups }) => sum + lookups, 0);
  const features = arm.model.nets.reduce((sum, { denseFeatures }) => sum + denseFeatures, 0);
  return {
    unit: host.accelerators!.device.name,
    pairs,
    parts: [lookup, ...dense],
    copies: [
      part('copy in', accelerator.copyIn(4 * indices + 4 * features * pairs)),
      part('copy out', accelerator.copyOut(4 * pairs)),
    ],
  };
}
