import type { MeasuredDataType, OperatorName } from '../../hardware-profiles/operators-measured.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { AcceleratorUnit, OperatorTime } from '../cost/cost-unit.ts';
import { lineBytesPerRow } from '../cost/row-cache.ts';
import { DeviceTime } from '../serving/device-time.ts';
import { handedOnBytes } from '../serving/grouped-lookups.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { workOnMain } from '../serving/preprocessing-work.ts';
import type { Piece } from '../sharding/placement.ts';
import { type Coverage, lineOf, type Runner } from './coverage.ts';
import { type TableReads, tableReads, wholeTables } from './table-reads.ts';

/** Bytes of one dense feature, one score and one pooled value of a host's table. */
const valueBytes = 4;

/** Writes lines about the links of an accelerator. */
class Links {
  private readonly runner: Runner<AcceleratorUnit>;

  constructor(runner: Runner<AcceleratorUnit>) {
    this.runner = runner;
  }

  copyIn(operator: string, bytes: number, net?: string): Coverage {
    return this.copy('copy-to-device', operator, bytes, this.runner.unit.copyIn(bytes), net);
  }

  copyOut(operator: string, bytes: number, net?: string): Coverage {
    return this.copy('copy-from-device', operator, bytes, this.runner.unit.copyOut(bytes), net);
  }

  /** @param bytes what each of the devices holds before, of which it keeps its own part */
  allToAll(devices: number, bytes: number, net?: string): Coverage {
    const sent = (bytes * (devices - 1)) / devices;
    return this.line(
      { name: 'all-to-all', type: 'fp32', link: 'peer link' },
      { operator: 'all-to-all', net },
      sent,
      this.runner.unit.allToAll(devices, bytes),
    );
  }

  private copy(
    name: OperatorName,
    operator: string,
    bytes: number,
    time: OperatorTime,
    net: string | undefined,
  ): Coverage {
    return this.line({ name, type: 'bytes', link: 'host link' }, { operator, net }, bytes, time);
  }

  private line(
    { name, type, link }: { name: OperatorName; type: MeasuredDataType; link: 'host link' | 'peer link' },
    named: { operator: string; net: string | undefined },
    bytes: number,
    time: OperatorTime,
  ): Coverage {
    return lineOf(
      this.runner,
      { ...named, kind: 'link', dataType: 'bytes', shape: `${Math.round(bytes)} bytes` },
      { flops: 0, bytes, bytesFrom: link },
      time,
      [[{ operator: name, dataType: type }]],
    );
  }
}

/** Copies of a batch whose tables lie in host memory or on shards: net by net, and of raw features before. */
export function copiesByNet(
  runner: Runner<AcceleratorUnit>,
  arm: ArmDeployment,
  candidates: number,
  plan: ArmPlan | undefined,
): Coverage[] {
  const links = new Links(runner);
  const { nets } = arm.model;
  const shards = plan?.placement.shards ?? [];
  const reads = tableReads(arm, shards.length > 0 ? shards.flat() : wholeTables(arm), candidates);
  const transforms = workOnMain(arm, runner.unit);
  const raw = transforms
    ? [
        links.copyIn('copy raw features to device', transforms.inputBytes(1, candidates)),
        links.copyOut('copy features from device', transforms.outputBytes(1, candidates)),
      ]
    : [];
  const ofNets = nets.flatMap(({ name, denseFeatures }, net) => {
    const values = total(reads, net, ({ vectors, dim }) => vectors * dim);
    const named = nets.length > 1 ? name : undefined;
    return [
      links.copyIn('copy to device', candidates * denseFeatures * valueBytes, named),
      links.copyIn('copy pooled vectors to device', values * valueBytes, named),
      links.copyOut('copy from device', candidates * valueBytes, named),
    ];
  });
  return [...raw, ...ofNets];
}

/**
 * Copies and exchanges of a batch whose tables lie on accelerators.
 * @param holders the tables of each accelerator that serves a batch with others
 */
export function copiesOfBatch(
  runner: Runner<AcceleratorUnit>,
  arm: ArmDeployment,
  candidates: number,
  holders: readonly Piece[][],
  plan: ArmPlan | undefined,
): Coverage[] {
  const links = new Links(runner);
  const { nets } = arm.model;
  const reads = holders.map((pieces) => tableReads(arm, pieces, candidates));
  const rows = Float64Array.from(
    nets.flatMap((_, net) => reads.map((own) => total(own, net, (r) => r.rows))),
  );
  const own = Math.ceil(candidates / holders.length);
  const input = new DeviceTime(arm, holders, runner.unit).inputBytes({ users: 1, candidates, rows }, 1, own);
  const missed = missedBytes(reads[0], plan?.device?.hits?.[0]);
  const exchanges = nets.map(({ name }, net) => {
    const held = reads.map((of) =>
      total(of, net, ({ vectors, dim, table }) => vectors * dim * handedOnBytes(table)),
    );
    return links.allToAll(holders.length, Math.max(...held), nets.length > 1 ? name : undefined);
  });
  return [
    links.copyIn('copy to device', input),
    ...(missed > 0 ? [links.copyIn('copy missed rows to device', missed)] : []),
    ...(holders.length > 1 ? exchanges : []),
    links.copyOut('copy from device', own * valueBytes),
  ];
}

/** Bytes of rows that an accelerator's cache lacks, in whole cache lines. */
function missedBytes(reads: readonly TableReads[], hits: readonly number[] | undefined): number {
  if (!hits) return 0;
  return reads.reduce((sum, { piece, table, rows }, position) => {
    const missed = (1 - hits[position]) * (table.pruning?.keptLookups ?? 1);
    return sum + rows * missed * lineBytesPerRow(piece, table);
  }, 0);
}

function total(reads: readonly TableReads[], net: number, value: (read: TableReads) => number): number {
  return reads.reduce((sum, read) => (read.net === net ? sum + value(read) : sum), 0);
}
